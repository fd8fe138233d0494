"""What a site's keywords learn from the rows of a file, and how the new ones are stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from django.db import transaction
from django.db.models import F, QuerySet

from igny8_core.core.bulk import among, as_stored, insert_new, write_fields
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Site
from igny8_core.planner.intake import KeywordRow, Market, winning
from igny8_core.planner.models import Keyword, KeywordImport

_FIELDS = (
    *("volume", "volume_max", "volume_source", "difficulty", "cpc", "cpc_currency", "intent"),
    *("intents", "intent_inferred", "parent_topic", "position", "url", "serp_urls", "extra"),
    "source",
)


#: A new keyword, column by column.
Values: TypeAlias = dict[str, object]


class Key(NamedTuple):
    """What makes a keyword one keyword within its site."""

    language: str
    country: str
    folded: str


class Taught(NamedTuple):
    """How many keywords have learnt, what of the file has none any more, clusters of the others."""

    updated: int
    vanished: list[Values]
    clusters: set[int]


def store(site: Site, rows: Mapping[Key, KeywordRow], record: KeywordImport) -> set[int]:
    """Insert what is new and teach what is known, in one transaction; the clusters of the known.

    What can be done before it begins is, so that nobody waits for it.
    """
    there = _keys(site, rows)
    new = [_values(site, key, row, record) for key, row in rows.items() if key not in there]
    stored = as_stored(Keyword, new)
    with transaction.atomic():
        # Imports into one site take turns, so that each sees what the other has stored.
        lock_site(site.account_id, site.pk)
        imported = insert_new(Keyword, stored)
        # A keyword that a person has added in this very moment is met like all that were there.
        all_new = imported == len(new)
        met = {key: row for key, row in rows.items() if key in there} if all_new else rows
        taught = _teach(site, met, record)
        imported += insert_new(Keyword, as_stored(Keyword, taught.vanished))
        KeywordImport.objects.for_account(site.account_id).filter(pk=record.pk).update(
            imported=F("imported") + imported,
            updated=F("updated") + taught.updated,
            skipped=F("skipped") + len(rows) - imported - taught.updated,
        )
    return taught.clusters


def _teach(site: Site, rows: Mapping[Key, KeywordRow], record: KeywordImport) -> Taught:
    known = known_keywords(site, rows, hold=True)
    changed = [keyword for key, keyword in known.items() if learn(keyword, rows[key])]
    for keyword in changed:
        keyword.source = record
    write_fields(changed, _FIELDS)
    vanished = [_values(site, key, rows[key], record) for key in rows.keys() - known.keys()]
    clusters = {each.cluster_id for each in known.values() if each.cluster_id}
    return Taught(len(changed), vanished, clusters)


def by_key(site: Site, rows: Sequence[KeywordRow]) -> dict[Key, KeywordRow]:
    """The rows, read for this site, by what its keywords are known by."""
    return {key_of(site, row): row for row in rows}


def keyword_ids(site: Site, rows: Sequence[KeywordRow], limit: int | None = None) -> list[int]:
    """The living keywords of the site that rows of a file stand for, the first ones, in order."""
    keys = list(dict.fromkeys(key_of(site, row) for row in rows))[:limit]
    ids = {
        Key(*market, folded): pk
        for market, found in _by_market(site, keys)
        for folded, pk in found.values_list("folded", "pk")
    }
    return [ids[key] for key in keys if key in ids]


def _keys(site: Site, rows: Mapping[Key, KeywordRow]) -> set[Key]:
    """Those of the keys that the site has."""
    return {
        Key(*market, folded)
        for market, found in _by_market(site, rows)
        for folded in found.values_list("folded", flat=True)
    }


def known_keywords(
    site: Site, rows: Mapping[Key, KeywordRow], *, hold: bool = False
) -> dict[Key, Keyword]:
    """The site's keywords of these keys, held until the transaction ends where that is asked."""
    ids = [pk for _, found in _by_market(site, rows) for pk in found.values_list("pk", flat=True)]
    living = Keyword.unscoped.filter(site=site, deleted_at=None, pk__in=ids)
    # In the order in which everybody holds several keywords, over all markets.
    held = living.select_for_update(no_key=True).order_by("pk") if hold else living
    return {Key(each.language, each.country, each.folded): each for each in held}


def _by_market(
    site: Site, keys: Iterable[Key]
) -> Iterator[tuple[tuple[str, str], QuerySet[Keyword]]]:
    """The site's keywords of these keys, a language and country at a time, as their index is."""
    markets: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        markets.setdefault(key[:2], []).append(key.folded)
    # The site is the account's. Named beside it, the account has SQLite take an index that leads to
    # every keyword of the site.
    living = Keyword.unscoped.filter(site=site, deleted_at=None)
    for (language, country), folded in sorted(markets.items()):
        of_market = living.filter(language=language, country=country)
        yield (language, country), of_market.filter(among("folded", folded))


def key_of(site: Site, row: KeywordRow) -> Key:
    """What the row's keyword is within the site."""
    return Key(*row.market(market_of(site)), row.folded)


def market_of(site: Site) -> Market:
    """That of whatever names none."""
    return Market(site.language, site.country)


def _values(site: Site, key: Key, row: KeywordRow, record: KeywordImport) -> Values:
    """A new keyword, column by column."""
    return {
        "account_id": site.account_id,
        "site_id": site.pk,
        "source_id": record.pk,
        "keyword": row.keyword,
        **key._asdict(),
        "volume": row.volume,
        "volume_max": row.volume_max,
        "volume_source": row.volume_source,
        "difficulty": row.difficulty,
        "cpc": row.cpc,
        "cpc_currency": row.cpc_currency,
        "intent": row.intent,
        "intents": list(row.intents),
        "parent_topic": row.parent_topic,
        "position": row.position,
        "url": row.url,
        "serp_urls": row.serp_urls,
        "extra": row.extra,
    }


def learn(keyword: Keyword, row: KeywordRow) -> bool:
    """Take over what the row knows better; whether there was anything."""
    stays = winning(row, keyword)
    differing = {name: value for name, value in stays.items() if getattr(keyword, name) != value}
    for name, value in differing.items():
        setattr(keyword, name, value)
    return bool(differing)
