"""The door of intake: the bytes of a keyword file in, its keywords and the evidence out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from igny8_core.planner.intake.encoding import decode
from igny8_core.planner.intake.filenames import market_and_day
from igny8_core.planner.intake.formats import FORMATS, Columns, choose_columns, header_score
from igny8_core.planner.intake.records import Evidence, Intake, IntakeError, KeywordRow, RowError
from igny8_core.planner.intake.rows import keyword_row, merge
from igny8_core.planner.intake.table import Table, find_table, records

MAX_ROWS = 100_000


def read_keywords(
    data: bytes,
    *,
    filename: str = "",
    mapping: Mapping[str, str] | None = None,
    max_rows: int = MAX_ROWS,
) -> Intake:
    """Read a keyword file; a bad row is reported and the others are read.

    mapping: column per field, by hand, instead of what would be detected ("" reads none).
    Raises IntakeError where the file, or the mapping, cannot be used at all.
    """
    by_hand = mapping or {}
    text, encoding = decode(data)
    table = find_table(text, lambda cells: header_score(cells, by_hand))
    columns = choose_columns(table.header, by_hand)
    country, day = market_and_day(filename)
    evidence = Evidence(
        tool=FORMATS[columns.format],
        encoding=encoding,
        delimiter=table.delimiter,
        header_row=table.header_row,
        country=country,
        date=day,
        used=columns.used,
        ignored=columns.ignored,
    )
    return _read(table, columns, evidence, max_rows)


def _read(table: Table, columns: Columns, evidence: Evidence, max_rows: int) -> Intake:
    rows: dict[tuple[str, str, str], KeywordRow] = {}
    errors: list[RowError] = []
    merged = without_keyword = 0
    for line, cells in _data(table, columns, max_rows):
        try:
            row = keyword_row(line, cells, columns)
        except ValueError as problem:
            errors.append(RowError(line, str(problem)))
            continue
        if row is None:
            without_keyword += 1
            continue
        key = (row.folded, row.country, row.language)
        merged += key in rows
        rows[key] = merge(rows[key], row) if key in rows else row
    estimated = sum(row.volume_source in ("range", "impressions") for row in rows.values())
    counted = replace(evidence, merged=merged, estimated=estimated, without_keyword=without_keyword)
    return Intake(columns.format, counted, list(rows.values()), errors)


def _data(table: Table, columns: Columns, max_rows: int) -> Iterator[tuple[int, list[str] | None]]:
    """Records that are not blank; raises IntakeError behind the last one that is allowed."""
    count = 0
    for line, cells in records(table, lambda cells: _has_swallowed(cells, table, columns)):
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > max_rows:
            raise IntakeError(
                f"The file has more than {max_rows:,} rows; split it and import the parts."
            )
        yield line, cells


def _has_swallowed(cells: list[str], table: Table, columns: Columns) -> bool:
    """Whether a quote took the rest of its line, or several, into one cell.

    Cells are missing then, or the keyword's first line is a row of its own. A line break alone
    is no sign: people do search with pasted text.
    """
    if len(cells) != columns.width:
        return True
    first_line, _, more = cells[columns.fields["keyword"]].partition("\n")
    return bool(more) and first_line.count(table.delimiter or "\n") >= columns.width - 1 > 0
