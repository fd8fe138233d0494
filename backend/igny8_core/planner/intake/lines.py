"""The records of a text, one after the other, and what becomes of a quote that is never closed."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from igny8_core.planner.intake.header import Cut

# As in csv, where a cell may have as much. What is longer has a quote that is never closed.
MAX_RECORD = 128 * 1024
# Broken records are read again from their second line: so much of it in a file, then far less.
PATIENCE = 16 * MAX_RECORD
LINES_WITHOUT_PATIENCE, RECORD_WITHOUT_PATIENCE = 10, 4_096


class Lines:
    """Lines as they come, counted; the last ones can be given back and come again."""

    def __init__(self, coming: Iterable[str]) -> None:
        self._coming = iter(coming)
        self._back: deque[str] = deque()
        self.read = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._coming)
        self.read += 1
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Have these lines, which were the last, come next."""
        self._back.extendleft(reversed(lines))
        self.read -= len(lines)


class Records:
    """The records that lines hold; one whose quote is never closed costs its first line alone."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._taken: list[str] = []
        self._letters = 0
        self._patience = PATIENCE

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        """Line and cells of each record; None for one that is broken."""
        reader = self._reader()
        while True:
            first = self._lines.read + 1
            self._taken.clear()
            self._letters = 0
            try:
                cells: list[str] | None = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = None
            if cells is None or not self._is_closed():
                self._give_up()
                cells, reader = None, self._reader()
            yield first, cells

    def cuts(self) -> Iterator[Cut]:
        """The records with the lines they take; a broken one has no cells."""
        return (Cut(first, self._lines.read, cells or ()) for first, cells in self)

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter)

    def _feed(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            self._letters += len(line)
            if len(self._taken) > 1 and self._is_too_long():
                raise csv.Error("a record without end")
            yield line

    def _is_too_long(self) -> bool:
        if self._patience > 0:
            return self._letters > MAX_RECORD
        return len(self._taken) > LINES_WITHOUT_PATIENCE or self._letters > RECORD_WITHOUT_PATIENCE

    def _is_closed(self) -> bool:
        """Whether every quote ends its cell: one within a word is the next stray one.

        Only a record over several lines can have taken what is not its own.
        """
        if len(self._taken) < 2:
            return True
        try:
            next(csv.reader(self._taken, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return False
        return True

    def _give_up(self) -> None:
        """Have all but the first line of a record come again."""
        again = self._taken[1:]
        self._patience -= sum(map(len, again))
        self._lines.give_back(again)
