"""Tables for people, safe to open in a spreadsheet: the cells, and CSV."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None
#: The header, and the rows under it.
Table: TypeAlias = tuple[list[str], Iterator[list[Cell]]]

# CSV is handed on in pieces of at least so many characters.
_PIECE = 32 * 1024
_FORMULA = tuple("=+-@\t\r\n")
_HARMLESS_BEFORE = " \xa0\"'"


def safe_cell(value: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    # NFKC turns full-width signs, which some spreadsheets run too, into the plain ones.
    bare = unicodedata.normalize("NFKC", value).lstrip(_HARMLESS_BEFORE)
    return f"'{value}" if bare.startswith(_FORMULA) else value


def plain_text(cell: str) -> str:
    """The text that `safe_cell` made this of: whatever it was, it comes back the same."""
    without = cell.removeprefix("'")
    return without if safe_cell(without) == cell else cell


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = True
) -> Iterator[str]:
    """The table as CSV, a piece at a time; the mark in front tells Excel that it is UTF-8.

    Every text under the header, which is our own, stands in quotes: a `;` or a tab, by which some
    spreadsheets part cells, is within.
    """
    buffer = StringIO("\ufeff" if bom else "")
    buffer.seek(0, 2)
    csv.writer(buffer).writerow(header)
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue()
