"""Keywords, as people write them and as the other rooms read them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import in_order
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Account, Site
from igny8_core.core.sites import country_code, language_tag
from igny8_core.core.tenancy import AccountRef
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner.intake.folding import fold_keyword, spaced
from igny8_core.planner.models import Cluster, Keyword
from igny8_core.planner.summing import sum_up


class KeywordValues(TypedDict, total=False):
    """What a person may say of a keyword."""

    site: Site
    keyword: str
    language: str
    country: str
    volume: int | None
    difficulty: float | None
    cpc: Decimal | None
    cpc_currency: str
    intent: str | None
    cluster: Cluster | None


_PLAIN = ("language", "country", "volume", "difficulty", "cpc", "cpc_currency", "intent")


def keywords_for(account: AccountRef, keyword_ids: Sequence[int]) -> list[Keyword]:
    """The account's living keywords of these ids, in their order."""
    return in_order(Keyword.objects.for_account(account), keyword_ids)


@transaction.atomic
def create_keyword(account: Account, **values: Unpack[KeywordValues]) -> Keyword:
    """Add a keyword; its language and country are the site's where they are not given."""
    site = site_for(account, values.get("site"), cluster=values.get("cluster"))
    keyword = Keyword(account=account, site=site, language=site.language, country=site.country)
    _take(keyword, values)
    _save(keyword)
    _sum_up(keyword.cluster_id)
    return keyword


@transaction.atomic
def change_keyword(keyword: Keyword, /, **values: Unpack[KeywordValues]) -> Keyword:
    """Change what a person names and nothing else."""
    check_site(keyword, values.get("site"), cluster=values.get("cluster"))
    before = keyword.cluster_id
    _save(keyword, fields=_take(keyword, values))
    _sum_up(before, keyword.cluster_id)
    return keyword


@transaction.atomic
def trash_keyword(keyword: Keyword) -> None:
    """Delete the keyword; its cluster goes on without it."""
    put_in_trash(keyword)
    _sum_up(keyword.cluster_id)


@transaction.atomic
def restore_keyword(keyword: Keyword) -> Keyword:
    """Bring the keyword back, into the cluster it was in where that is still there."""
    restored = take_from_trash(keyword)
    _sum_up(restored.cluster_id)
    return restored


def _sum_up(*cluster_ids: int | None) -> None:
    if ids := {pk for pk in cluster_ids if pk}:
        sum_up(ids)


def _take(keyword: Keyword, values: KeywordValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    taken = [name for name in _PLAIN if name in values]
    for name in taken:
        setattr(keyword, name, values[name])  # type: ignore[literal-required]
    if "language" in values:
        keyword.language = language_tag(values["language"] or keyword.site.language)
    if "country" in values:
        keyword.country = country_code(values["country"])
    if "keyword" in values:
        _name(keyword, spaced(values["keyword"]))
        taken += ["keyword", "folded"]
    if "volume" in values:
        keyword.volume_max, keyword.volume_source = None, ""
        taken += ["volume_max", "volume_source"]
    if "intent" in values:
        keyword.intents = [keyword.intent] if keyword.intent else []
        keyword.intent_inferred = False
        taken += ["intents", "intent_inferred"]
    return taken + _move(keyword, values)


def _name(keyword: Keyword, text: str) -> None:
    try:
        fold_keyword(text)
    except ValueError as e:
        raise InvalidPayload(f"This cannot be a keyword: {e}.", attr="keyword") from e
    keyword.set_text(text)


def _move(keyword: Keyword, values: KeywordValues) -> list[str]:
    """Put the keyword where a person wants it, which is not the same as leaving it there."""
    cluster = values.get("cluster")
    if "cluster" not in values or keyword.cluster_id == (cluster and cluster.pk):
        return []
    if cluster:
        # Whoever deletes the cluster in this moment waits, and frees this keyword too.
        lock_site(keyword.account_id, keyword.site_id)
        _check_living(cluster)
    keyword.cluster = cluster
    keyword.assigned_by = Keyword.AssignedBy.PERSON if cluster else None
    keyword.similarity = None
    return ["cluster", "assigned_by", "similarity"]


def _check_living(cluster: Cluster) -> None:
    if not Cluster.objects.for_account(cluster.account_id).filter(pk=cluster.pk).exists():
        raise InvalidPayload("There is no such cluster.", code="does_not_exist", attr="cluster")


def _save(keyword: Keyword, *, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            keyword.save(update_fields=fields)
    except IntegrityError as e:
        raise InvalidPayload(
            "The site has this keyword already in this language and country.",
            code="unique",
            attr="keyword",
        ) from e
