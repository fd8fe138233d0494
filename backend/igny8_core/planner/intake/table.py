"""From text to a table: which line is the header, what parts the cells, one record after another.

A sniffer that counts delimiters picks wrong on files with titles above the header, or commas in
cells; known column names do not.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t")
HEADER_WITHIN = 40
# Every broken record is read again from its second line, so that this bounds the work.
LINES_PER_RECORD = 20
# Where the header is one column the whole line is its cell, commas and all.
_NO_DELIMITER = "\x1f"


@dataclass(frozen=True, slots=True)
class Table:
    """lines: of the whole file; header: its cells; header_row: its line, from 1."""

    lines: list[str]
    header: list[str]
    header_row: int
    delimiter: str


def find_table(text: str, score: Callable[[list[str]], int]) -> Table:
    """The table under the line that scores best as a header; of equals the first in two cells."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    best, table = (-1, False), Table(lines, [], 1, "")
    for number, line in enumerate(lines[:HEADER_WITHIN], start=1):
        cuts = [(_cells(line, delimiter), delimiter) for delimiter in DELIMITERS]
        header, delimiter = max(cuts, key=lambda cut: (score(cut[0]), len(cut[0])))
        worth = (score(header), len(header) > 1)
        if any(header) and worth > best:
            best = worth
            table = Table(lines, header, number, delimiter if len(header) > 1 else "")
    return table


def records(
    table: Table, is_broken: Callable[[list[str]], bool]
) -> Iterator[tuple[int, list[str] | None]]:
    """Line number and cells of each record under the header; None for one that cannot be read.

    A record over several lines that is_broken has a quote that is opened and never closed: its
    first line is given up and reading goes on behind it, so that it takes no other row with it.
    """
    read = table.header_row
    while read < len(table.lines):
        for first, last, cells in _from(table, read):
            read = last
            if cells is None or (last > first and is_broken(cells)):
                yield first, None
                read = first
                break
            yield first, cells


def _from(table: Table, read: int) -> Iterator[tuple[int, int, list[str] | None]]:
    """First line, last line and cells of each record behind the lines that are read already."""

    def lines() -> Iterator[str]:
        for index in range(read, len(table.lines)):
            if index - last >= LINES_PER_RECORD:
                raise csv.Error("a record without end")
            yield table.lines[index] + "\n"

    last = read
    reader = csv.reader(lines(), delimiter=table.delimiter or _NO_DELIMITER)
    while last < len(table.lines):
        first = last + 1
        try:
            cells = next(reader)
        except csv.Error:
            # Too many lines, or a cell above csv's 128 KiB: only an open quote makes that.
            cells = None
        last = read + reader.line_num
        yield first, last, cells


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return ["".join(c for c in cell if c.isprintable()).strip() for cell in cells]
