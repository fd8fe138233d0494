"""From text to a table: which line is the header, what parts the cells, one record after another.

A sniffer that counts delimiters picks wrong on files with titles above the header, or commas in
cells; known column names do not.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from igny8_core.planner.intake.encoding import encoding_of, lines_of
from igny8_core.planner.intake.records import IntakeError
from igny8_core.planner.intake.table import (
    HEADER_WITHIN,
    MAX_COLUMNS,
    Record,
    Score,
    header_cells,
)

DELIMITERS = (",", ";", "\t")
# Every broken record is read again from its second line, so that this bounds the work.
LINES_PER_RECORD = 20
# A line above this is no header; looking for one costs three readings of every candidate.
MAX_HEADER = 64 * 1024
# Where the header is one column the whole line is its cell, commas and all.
_NO_DELIMITER = "\x1f"
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "<head", "<meta")


class Lines:
    """Lines as they come, counted; the last ones can be given back and come again."""

    def __init__(self, coming: Iterator[str]) -> None:
        self._coming = coming
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


class TextTable:
    """A file of text, read up to its header."""

    def __init__(self, file: BinaryIO, score: Score, name: str = "") -> None:
        self.name = name
        codec, self.encoding = encoding_of(file)
        # A blank line at the end closes no quote, so that one opened in the last line shows.
        self._lines = Lines(chain(lines_of(file, codec), ["\n"]))
        self._taken: list[str] = []
        head = list(islice(self._lines, HEADER_WITHIN))
        self.header, self.header_row, self.delimiter = _header(head, score)
        _refuse_foreign("".join(head[: self.header_row]))
        self._lines.give_back(head[self.header_row :])

    def records(self, keyword: int) -> Iterator[Record]:
        """Line number and cells of each record under the header; None for one that is broken.

        A record over several lines may have a quote that is opened and never closed: its first
        line is given up and reading goes on behind it, so that it takes no other row with it.
        """
        reader = self._reader()
        while True:
            first = self._lines.read + 1
            self._taken.clear()
            try:
                cells = next(reader, None)
            except csv.Error:
                # Too many lines, or a cell above csv's 128 KiB: only an open quote makes that.
                pass
            else:
                if cells is None:
                    return
                if len(self._taken) < 2 or not self._has_swallowed(cells, keyword):
                    yield first, cells
                    continue
            self._lines.give_back(self._taken[1:])
            yield first, None
            reader = self._reader()

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self.delimiter or _NO_DELIMITER)

    def _feed(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            if len(self._taken) > LINES_PER_RECORD:
                raise csv.Error("a record without end")
            yield line

    def _has_swallowed(self, cells: list[str], keyword: int) -> bool:
        """Whether a quote took the rest of its line, or several, into one cell.

        Cells are missing then, or the keyword's first line is a row of its own. A line break alone
        is no sign: people do search with pasted text.
        """
        if len(cells) != len(self.header):
            return True
        first_line, _, more = cells[keyword].partition("\n")
        least = len(self.header) - 1
        return bool(more) and first_line.count(self.delimiter or "\n") >= least > 0


def _refuse_foreign(text: str) -> None:
    """Refuse what was decoded and is no table, by what stands down to its header."""
    if text.lstrip().casefold().startswith(_MARKUP):
        raise IntakeError(
            "This is a web page or XML, whatever its name says. Open it in a spreadsheet and save "
            "it as CSV or XLSX."
        )
    if "\0" in text:
        raise IntakeError("The file holds NUL characters, so it is no text. Save it as CSV.")


def _header(head: Sequence[str], score: Score) -> tuple[list[str], int, str]:
    """Cells, line and delimiter of what scores best as a header; of equals the first in cells."""
    best, found = (-1, False), ([""], 1, "")
    for number, line in enumerate(head, start=1):
        if len(line) > MAX_HEADER:
            continue
        cuts = [(_cells(line, delimiter), delimiter) for delimiter in DELIMITERS]
        header, delimiter = max(cuts, key=_rank(score))
        worth = (score(header), len(header) > 1)
        if any(header) and worth > best:
            best = worth
            found = (header, number, delimiter if len(header) > 1 else "")
    return found


def _rank(score: Score) -> Callable[[tuple[list[str], str]], tuple[int, int]]:
    return lambda cut: (score(cut[0]), len(cut[0]))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    # One more than is read tells that there are more.
    return header_cells(cells[: MAX_COLUMNS + 1])
