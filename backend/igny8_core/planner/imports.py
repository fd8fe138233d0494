"""Keyword files, merged into what a site knows already."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from itertools import islice
from time import monotonic
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from igny8_core.core.bulk import pieces
from igny8_core.core.errors import InvalidPayload, TooLarge
from igny8_core.core.locks import give_way, lock_site
from igny8_core.core.models import Site, User
from igny8_core.planner.intake import (
    NO_MARKET,
    Intake,
    IntakeError,
    KeywordRow,
    Market,
    RowError,
    read_keywords,
)
from igny8_core.planner.learning import by_key, known_keywords, learn, market_of, store
from igny8_core.planner.models import KeywordImport
from igny8_core.planner.summing import sum_up

BATCH = 2_000
PREVIEWED = 20


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


def import_keywords(
    site: Site,
    data: bytes | BinaryIO,
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
    intake = read_file(data, filename=filename, mapping=mapping, market=market_of(site))
    if atomic:
        _refuse_errors(intake)
    keywords = by_key(site, intake.rows[:limit])
    with transaction.atomic() if atomic else nullcontext():
        record = KeywordImport.objects.create(
            account_id=site.account_id,
            site=site,
            filename=filename[-255:],
            format=intake.format,
            evidence=intake.evidence.as_dict(),
            skipped=_no_keywords(intake),
            created_by=user,
        )
        met: set[int] = set()
        for piece in pieces(keywords.items(), BATCH):
            began = monotonic()
            met |= store(site, dict(piece), record)
            give_way(monotonic() - began)
        _sum_up(site, met)
    record.refresh_from_db()
    return _result(intake, record, record.pk)


def _sum_up(site: Site, cluster_ids: Iterable[int]) -> None:
    """Name heads and intents of clusters anew, once each, for their keywords lie all over the file.

    Also where none of them has learnt anything: then a file that was cut off is mended by the next.
    """
    for piece in pieces(sorted(cluster_ids), BATCH):
        began = monotonic()
        with transaction.atomic():
            lock_site(site.account_id, site.pk)
            sum_up(piece)
        give_way(monotonic() - began)


def preview(
    site: Site,
    data: bytes | BinaryIO,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    atomic: bool = False,
) -> ImportResult:
    """What `import_keywords` would answer, with the first rows; nothing is stored."""
    intake = read_file(data, filename=filename, mapping=mapping, market=market_of(site))
    if atomic:
        _refuse_errors(intake)
    keywords = by_key(site, intake.rows)
    record = KeywordImport(skipped=_no_keywords(intake))
    for piece in pieces(keywords.items(), BATCH):
        rows = dict(piece)
        known = known_keywords(site, rows)
        updated = sum(learn(keyword, rows[key]) for key, keyword in known.items())
        record.imported += len(rows) - len(known)
        record.updated += updated
        record.skipped += len(known) - updated
    return _result(intake, record, None, rows=list(islice(keywords.values(), PREVIEWED)))


def read_file(
    data: bytes | BinaryIO,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    market: Market = NO_MARKET,
) -> Intake:
    """What a file holds, within the limits of this installation; raises InvalidPayload.

    market: that of rows which leave it out
    """
    most = settings.IGNY8_IMPORT_MAX_BYTES
    file = BytesIO(data) if isinstance(data, bytes) else data
    if file.seek(0, SEEK_END) > most:
        raise TooLarge(f"A file may have {most / 2**20:g} MB at most.", attr="file")
    try:
        return read_keywords(
            file,
            filename=filename,
            mapping=mapping,
            market=market,
            max_rows=settings.IGNY8_IMPORT_MAX_ROWS,
            max_bytes=most,
        )
    except IntakeError as e:
        raise InvalidPayload(e.detail, attr=e.attr, columns=e.columns) from e


def _refuse_errors(intake: Intake) -> None:
    if errors := intake.errors:
        rows = [{"row": error.row, "detail": error.detail} for error in errors]
        raise InvalidPayload(
            f"{intake.evidence.bad_rows:,} row(s) cannot be read, so nothing was imported; "
            f"the first is row {errors[0].row}: {errors[0].detail}",
            code="bad_rows",
            attr="file",
            rows=rows,
        )


def _no_keywords(intake: Intake) -> int:
    """Rows that are no keywords, or the same as one before."""
    return intake.evidence.merged + intake.evidence.without_keyword


def _result(
    intake: Intake,
    record: KeywordImport,
    import_id: int | None,
    *,
    rows: Sequence[KeywordRow] = (),
) -> ImportResult:
    return ImportResult(
        import_id=import_id,
        imported=record.imported,
        updated=record.updated,
        skipped=record.skipped,
        errors=intake.errors,
        format=intake.format,
        evidence=intake.evidence.as_dict(),
        rows=list(rows),
    )
