"""A sheet as a table like any other."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from igny8_core.planner.intake.records import NoKeywords
from igny8_core.planner.intake.table import HEADER_WITHIN, Record, Score, header_cells

#: The number of a row, and its cells.
Row: TypeAlias = tuple[int, list[str]]


class SheetTable:
    """A sheet, read up to its header."""

    encoding = "XLSX"
    delimiter = ""

    def __init__(self, name: str, rows: Iterator[Row], score: Score) -> None:
        self.name = name
        head = list(islice(rows, HEADER_WITHIN))
        if not head:
            raise NoKeywords("This sheet is empty.")
        headers = [header_cells(cells) for _, cells in head]
        at = max(range(len(head)), key=lambda index: (score(headers[index]), -index))
        self.header, self.header_row = headers[at], head[at][0]
        self._rows, self._head = rows, head[at + 1 :]

    def records(self, keyword: int) -> Iterator[Record]:
        """Row number and cells of each row under the header."""
        yield from self._head
        yield from self._rows
