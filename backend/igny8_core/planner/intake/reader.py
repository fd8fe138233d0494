"""The door of intake: a keyword file in, its keywords and the evidence out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import BinaryIO

from igny8_core.planner.intake.archive import readable
from igny8_core.planner.intake.buckets import settle
from igny8_core.planner.intake.filenames import market_and_day
from igny8_core.planner.intake.formats import FORMATS, Columns, choose_columns, header_score
from igny8_core.planner.intake.limits import MAX_BYTES, MAX_ROWS, Limits
from igny8_core.planner.intake.records import (
    NO_MARKET,
    Evidence,
    Intake,
    IntakeError,
    KeywordRow,
    Market,
    Merge,
    NoKeywords,
    RowError,
    TableEvidence,
    TooMuch,
)
from igny8_core.planner.intake.rows import keyword_row, merge
from igny8_core.planner.intake.sources import Source, sources
from igny8_core.planner.intake.table import Record, Table, narrowed

#: Bad rows and merges that are told one by one; of the others there is the number.
TOLD = 1_000
# Tables by name in the answer to a file that has none to read.
_NAMED = 5


def read_keywords(
    file: bytes | BinaryIO,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    market: Market = NO_MARKET,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
) -> Intake:
    """Read a keyword file; a bad row is reported and the others are read.

    mapping: column per field, by hand, instead of what would be detected ("" reads none).
    market: that of rows which leave it out, so that they meet those which name it.
    max_bytes: what an archive may unpack to.
    Raises IntakeError where the file, or the mapping, cannot be used at all.
    """
    by_hand = mapping or {}
    opened = BytesIO(file) if isinstance(file, bytes) else file
    reading = _Reading(by_hand, market, Limits(max_rows, max_bytes))
    with readable():
        for source in sources(opened, lambda cells: header_score(cells, by_hand), max_bytes):
            reading.take(source)
    return reading.result(filename)


class _Reading:
    """What is known of a file while its tables are read one after the other."""

    def __init__(self, mapping: Mapping[str, str], market: Market, limits: Limits) -> None:
        self._mapping, self._market, self._limits = mapping, market, limits
        self._rows: dict[tuple[str, str, str], KeywordRow] = {}
        self._tables: list[tuple[str, TableEvidence]] = []
        self._refusals: dict[str, IntakeError] = {}
        self._errors: list[RowError] = []
        self._merges: list[Merge] = []
        self._bad = self._merged = self._without_keyword = 0

    def take(self, source: Source) -> None:
        """Read a table; one without keywords, or that is none at all, is passed over."""
        try:
            with readable():
                table = source.open()
            columns = choose_columns(table.header, self._mapping)
        except TooMuch:
            raise
        except IntakeError as refusal:
            self._refusals[source.name] = refusal
            return
        before = self._limits.rows
        found = list(self._keywords(table, columns))
        for row in settle(found):
            self._add(row)
        self._tables.append((columns.format, _evidence(table, columns, self._limits.rows - before)))

    def result(self, filename: str) -> Intake:
        """Everything that was read; raises IntakeError where no table had keywords."""
        if not self._tables:
            raise _no_table(self._refusals)
        rows = list(self._rows.values())
        kinds = Counter(row.volume_source for row in rows)
        estimates = {kind: kinds[kind] for kind in ("range", "impressions") if kinds[kind]}
        country, day = market_and_day(filename)
        format, first = self._tables[0]
        evidence = Evidence(
            tool=first.tool,
            encoding=first.encoding,
            delimiter=first.delimiter,
            header_row=first.header_row,
            lines_above=first.lines_above,
            country=country,
            date=day,
            used=first.used,
            ignored=first.ignored,
            merged=self._merged,
            merges=self._merges,
            estimated=sum(estimates.values()),
            estimates=estimates,
            without_keyword=self._without_keyword,
            bad_rows=self._bad,
            tables=[table for _, table in self._tables],
            passed_over={name: refusal.detail for name, refusal in self._refusals.items()},
        )
        return Intake(format, evidence, rows, self._errors)

    def _keywords(self, table: Table, columns: Columns) -> Iterator[KeywordRow]:
        for line, cells in self._records(table, columns):
            try:
                row = keyword_row(line, cells, columns)
            except ValueError as problem:
                self._refuse(line, f"{table.name}: {problem}" if table.name else str(problem))
                continue
            if row is None:
                self._without_keyword += 1
            else:
                self._limits.hold(row)
                yield row

    def _records(self, table: Table, columns: Columns) -> Iterator[Record]:
        """Records that are not blank; raises IntakeError behind the last one that is allowed."""
        for line, cells in table.records():
            if cells is not None and not "".join(cells).strip():
                self._limits.count_blank()
                continue
            self._limits.count_row()
            yield line, cells and narrowed(cells)

    def _refuse(self, line: int, detail: str) -> None:
        self._bad += 1
        if self._bad <= TOLD:
            self._errors.append(RowError(line, detail))

    def _add(self, row: KeywordRow) -> None:
        key = (row.folded, *row.market(self._market))
        known = self._rows.get(key)
        if known is None:
            self._rows[key] = row
            return
        self._rows[key] = merge(known, row)
        self._merged += 1
        if self._merged <= TOLD:
            self._merges.append(Merge(row.row, known.row))


def _no_table(refusals: Mapping[str, IntakeError]) -> IntakeError:
    """Why no table could be read: of several the one that looked most like one, and the others."""
    (name, first), *others = sorted(refusals.items(), key=lambda each: not each[1].columns)
    if not others:
        return first
    named = "".join(f" {other}: {refusal.detail}" for other, refusal in others[:_NAMED])
    more = f" And {len(others) - _NAMED:,} more." if len(others) > _NAMED else ""
    detail = f"{name}: {first.detail} Nor could another table be read.{named}{more}"
    return NoKeywords(detail, first.columns, attr=first.attr)


def _evidence(table: Table, columns: Columns, rows: int) -> TableEvidence:
    return TableEvidence(
        name=table.name,
        tool=FORMATS[columns.format],
        encoding=table.encoding,
        delimiter=table.delimiter,
        header_row=table.header_row,
        lines_above=table.lines_above,
        used=columns.used,
        ignored=columns.ignored,
        rows=rows,
    )
