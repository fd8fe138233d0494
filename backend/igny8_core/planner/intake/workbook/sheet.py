"""A sheet as a table like any other."""

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from igny8_core.planner.intake.header import Cut, Top, find_header
from igny8_core.planner.intake.records import NoKeywords
from igny8_core.planner.intake.table import HEADER_WITHIN, MAX_HEADER, Record, Score

#: The number of a row, and its cells.
Row: TypeAlias = tuple[int, list[str]]
# All rows that are held while the header is looked for.
MAX_HEAD = 1_000_000


class SheetTable:
    """A sheet, read up to its header."""

    encoding = "XLSX"
    delimiter = ""

    def __init__(self, name: str, rows: Iterator[Row], score: Score) -> None:
        self.name = name
        head = _head(rows)
        top = Top("", [_cut(row) for row in head], HEADER_WITHIN)
        found = find_header([top], score)
        if found is None:
            raise NoKeywords("This sheet is empty.")
        self.header, self.header_row = found.cells, found.cut.line
        self.lines_above = found.lines_above
        self._rows = chain(head[found.place + 1 :], rows)

    def records(self) -> Iterator[Record]:
        """Row number and cells of each row under the header."""
        return self._rows


def _head(rows: Iterator[Row]) -> list[Row]:
    """The rows among which the header is, and one more."""
    head: list[Row] = []
    letters = 0
    for row in rows:
        head.append(row)
        letters += _letters(row)
        if len(head) > HEADER_WITHIN or letters > MAX_HEAD:
            break
    return head


def _cut(row: Row) -> Cut:
    number, cells = row
    return Cut(number, number, cells if _letters(row) <= MAX_HEADER else ())


def _letters(row: Row) -> int:
    return sum(map(len, row[1]))
