"""Keyword files, merged into what a site knows already."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F

from igny8_core.core.bulk import pieces, write_fields
from igny8_core.core.errors import InvalidPayload, TooLarge
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Site, User
from igny8_core.planner.intake import Intake, IntakeError, KeywordRow, RowError, read_keywords
from igny8_core.planner.models import Keyword, KeywordImport

BATCH = 2_000
PREVIEWED = 20

#: Of two volumes the one from the better source stays; a person's own is as good as an exact one.
_TRUST = {"impressions": 1, "range": 2}
_EXACT = 3
_FIELDS = (
    *("volume", "volume_max", "volume_source", "difficulty", "cpc", "cpc_currency", "intent"),
    *("intents", "intent_inferred", "parent_topic", "position", "url", "extra", "source"),
)


class Key(NamedTuple):
    """What makes a keyword one keyword within its site."""

    language: str
    country: str
    folded: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of a file; `import_id` is None where nothing was to be stored."""

    import_id: int | None
    imported: int
    updated: int
    skipped: int
    errors: list[RowError]
    format: str
    evidence: dict[str, object]
    rows: list[KeywordRow]


@dataclass(slots=True)
class _Batch:
    """Keywords of a file beside those of the site: what is new, what has learnt something."""

    new: dict[Key, Keyword] = field(default_factory=dict)
    changed: dict[int, Keyword] = field(default_factory=dict)


def import_keywords(
    site: Site,
    data: bytes,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    user: User | None = None,
    atomic: bool = False,
    limit: int | None = None,
) -> ImportResult:
    """Merge a file into the site's keywords, in short transactions or, if `atomic`, in one.

    A keyword that is there learns what the file knows better; `limit` takes the first ones only.
    Raises InvalidPayload for a file that cannot be read and, if `atomic`, for one with a bad row.
    """
    intake = read_file(data, filename=filename, mapping=mapping)
    if atomic:
        _refuse_errors(intake.errors)
    with transaction.atomic() if atomic else nullcontext():
        record = KeywordImport.objects.create(
            account_id=site.account_id,
            site=site,
            filename=filename[-255:],
            format=intake.format,
            evidence=intake.evidence.as_dict(),
            skipped=_without_keyword(intake),
            created_by=user,
        )
        for rows in pieces(intake.rows[:limit], BATCH):
            _store(site, rows, record)
    record.refresh_from_db()
    return _result(intake, record, record.pk)


def preview(
    site: Site,
    data: bytes,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    atomic: bool = False,
) -> ImportResult:
    """What `import_keywords` would answer, with the first rows; nothing is stored."""
    intake = read_file(data, filename=filename, mapping=mapping)
    if atomic:
        _refuse_errors(intake.errors)
    record = KeywordImport(skipped=_without_keyword(intake))
    seen: set[Key] = set()
    for rows in pieces(intake.rows, BATCH):
        batch = _compare(site, rows, record)
        # What an earlier batch would have stored by now is met again.
        again = len(batch.new.keys() & seen)
        seen |= batch.new.keys()
        record.imported += len(batch.new) - again
        record.updated += len(batch.changed)
        record.skipped += len(rows) - len(batch.new) - len(batch.changed) + again
    return _result(intake, record, None)


def keyword_ids(site: Site, rows: Sequence[KeywordRow]) -> list[int]:
    """The living keywords of the site that rows of a file stand for, in the rows' order."""
    known: dict[Key, int] = {}
    living = Keyword.objects.for_account(site.account_id).filter(site=site)
    for piece in pieces(rows, BATCH):
        found = living.filter(folded__in={row.folded for row in piece})
        for pk, *key in found.values_list("pk", "language", "country", "folded"):
            known[Key(*key)] = pk
    keys = (_key(site, row) for row in rows)
    return list(dict.fromkeys(known[key] for key in keys if key in known))


def read_file(
    data: bytes, *, filename: str = "", mapping: Mapping[str, str] | None = None
) -> Intake:
    """What a file holds, within the limits of this installation; raises InvalidPayload."""
    if len(data) > settings.IGNY8_IMPORT_MAX_BYTES:
        raise TooLarge(f"A file may have {settings.IGNY8_IMPORT_MAX_BYTES / 2**20:g} MB at most.")
    try:
        return read_keywords(
            data, filename=filename, mapping=mapping, max_rows=settings.IGNY8_IMPORT_MAX_ROWS
        )
    except IntakeError as e:
        raise InvalidPayload(e.detail, attr=e.attr, columns=e.columns) from e


def _refuse_errors(errors: Sequence[RowError]) -> None:
    if errors:
        rows = [{"row": error.row, "detail": error.detail} for error in errors]
        raise InvalidPayload(
            f"{len(errors)} row(s) cannot be read, so nothing was imported; "
            f"the first is row {errors[0].row}: {errors[0].detail}",
            code="bad_rows",
            attr="file",
            rows=rows,
        )


def _without_keyword(intake: Intake) -> int:
    """Rows that are no keywords, or the same as one before."""
    return intake.evidence.merged + intake.evidence.without_keyword


def _result(intake: Intake, record: KeywordImport, import_id: int | None) -> ImportResult:
    return ImportResult(
        import_id=import_id,
        imported=record.imported,
        updated=record.updated,
        skipped=record.skipped,
        errors=intake.errors,
        format=intake.format,
        evidence=intake.evidence.as_dict(),
        rows=intake.rows[:PREVIEWED],
    )


@transaction.atomic
def _store(site: Site, rows: Sequence[KeywordRow], record: KeywordImport) -> None:
    # Imports into one site take turns, so that each sees what the other has stored.
    lock_site(site.account_id, site.pk)
    batch = _compare(site, rows, record, store=True)
    # A keyword that a person has added in this very moment is there, which is all that matters.
    Keyword.unscoped.bulk_create(batch.new.values(), ignore_conflicts=True)
    write_fields(list(batch.changed.values()), _FIELDS)
    imported, updated = len(batch.new), len(batch.changed)
    KeywordImport.objects.for_account(site.account_id).filter(pk=record.pk).update(
        imported=F("imported") + imported,
        updated=F("updated") + updated,
        skipped=F("skipped") + len(rows) - imported - updated,
    )


def _compare(
    site: Site, rows: Sequence[KeywordRow], record: KeywordImport, *, store: bool = False
) -> _Batch:
    """Set the rows beside the site's keywords, which are held until they are stored."""
    found = Keyword.objects.for_account(site.account_id).filter(
        site=site, folded__in={row.folded for row in rows}
    )
    if store:
        found = found.select_for_update(no_key=True).order_by("pk")
    known = {Key(each.language, each.country, each.folded): each for each in found}
    batch = _Batch()
    for row in rows:
        key = _key(site, row)
        if key in known:
            if _learn(known[key], row):
                known[key].source = record
                batch.changed[known[key].pk] = known[key]
        elif key in batch.new:
            _learn(batch.new[key], row)
        else:
            batch.new[key] = _new(site, key, row, record)
    return batch


def _key(site: Site, row: KeywordRow) -> Key:
    return Key(row.language or site.language, row.country or site.country, row.folded)


def _new(site: Site, key: Key, row: KeywordRow, record: KeywordImport) -> Keyword:
    keyword = Keyword(
        account_id=site.account_id,
        site=site,
        keyword=row.keyword,
        source=record,
        **key._asdict(),
    )
    _learn(keyword, row)
    return keyword


def _learn(keyword: Keyword, row: KeywordRow) -> bool:
    """Take over what the row knows better; the unknown never replaces the known."""
    news: dict[str, object] = {}
    if row.volume is not None and _trust(row.volume_source) >= _trust_of(keyword):
        news |= {
            "volume": row.volume,
            "volume_max": row.volume_max,
            "volume_source": row.volume_source,
        }
    if row.difficulty is not None:
        news["difficulty"] = float(row.difficulty)
    if row.cpc is not None:
        news |= {"cpc": row.cpc, "cpc_currency": row.cpc_currency}
    if row.intents:
        news |= {"intent": row.intent, "intents": list(row.intents), "intent_inferred": False}
    news |= {"position": row.position} if row.position is not None else {}
    news |= {name: text for name in ("parent_topic", "url") if (text := getattr(row, name))}
    if row.extra:
        news["extra"] = {**keyword.extra, **row.extra}
    differing = {name: value for name, value in news.items() if getattr(keyword, name) != value}
    for name, value in differing.items():
        setattr(keyword, name, value)
    return bool(differing)


def _trust_of(keyword: Keyword) -> int:
    return 0 if keyword.volume is None else _trust(keyword.volume_source)


def _trust(source: str) -> int:
    return _TRUST.get(source, _EXACT)
