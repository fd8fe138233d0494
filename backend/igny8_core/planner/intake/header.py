"""Which record of a table's top is its header.

Known column names tell, and above all a keyword column. Where there is one, what follows is rows,
and a row may look like a header: somebody searches for "keyword, volume". So a later record takes
its place only where the first one is plainly a title.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from igny8_core.planner.intake.table import MAX_COLUMNS, Score, Worth, header_cells


class Cut(NamedTuple):
    """A record: the line at which it begins and the last one it takes, and its cells."""

    line: int
    end: int
    cells: Sequence[str]

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing."""
        return not any(cell.strip() for cell in self.cells)


class Top(NamedTuple):
    """The first records of a table and what parted their cells; `within` may be the header."""

    delimiter: str
    cuts: Sequence[Cut]
    within: int


class Header(NamedTuple):
    """A record as the header: its place in its top, its cells as names, and what it is worth."""

    top: Top
    place: int
    cells: list[str]
    worth: Worth

    @property
    def cut(self) -> Cut:
        """The record itself."""
        return self.top.cuts[self.place]

    @property
    def delimiter(self) -> str:
        """What parts the cells under it: nothing where it is one column."""
        return self.top.delimiter if len(self.cells) > 1 else ""

    @property
    def lines_above(self) -> int:
        """How many records above it say something."""
        return sum(not cut.is_blank for cut in self.top.cuts[: self.place])


def find_header(tops: Iterable[Top], score: Score) -> Header | None:
    """The header among records that may be cut in several ways; None where all are blank."""
    found: Header | None = None
    for header in _by_line(tops, score):
        if found is None or _is_better(header, found):
            found = header
    return found


def _by_line(tops: Iterable[Top], score: Score) -> Iterator[Header]:
    """Of each line that begins a record the cut that looks most like a header."""
    best: dict[int, Header] = {}
    for top in tops:
        for header in _headers(top, score):
            known = best.get(header.cut.line)
            if known is None or _rank(header) > _rank(known):
                best[header.cut.line] = header
    return (best[line] for line in sorted(best))


def _headers(top: Top, score: Score) -> Iterator[Header]:
    for place, cut in enumerate(top.cuts[: top.within]):
        # One more than is read tells that there are more.
        cells = header_cells(cut.cells[: MAX_COLUMNS + 1])
        if any(cells):
            yield Header(top, place, cells, score(cells))


def _rank(header: Header) -> tuple[Worth, int]:
    return header.worth, len(header.cells)


def _is_better(later: Header, first: Header) -> bool:
    """Whether the later of two records is the header; has_keyword tells where rows begin."""
    has_keyword, _ = first.worth
    if (later.worth, len(later.cells) > 1) <= (first.worth, len(first.cells) > 1):
        return False
    return not has_keyword or (_has_rows(later) and not _has_rows_before(first, later.cut.line))


def _has_rows(header: Header) -> bool:
    """Whether the next record that says something has several cells, as the header has."""
    following = (cut for cut in header.top.cuts[header.place + 1 :] if not cut.is_blank)
    return 1 < len(next(following, Cut(0, 0, ())).cells) <= len(header.cells)


def _has_rows_before(first: Header, line: int) -> bool:
    """Whether the records down to a line are rows of a header; a blank line ends a lone title."""
    between = [cut for cut in first.top.cuts[first.place + 1 :] if cut.line < line]
    if len(first.cells) > 1:
        return any(1 < len(cut.cells) <= len(first.cells) for cut in between)
    last = between[-1] if between else first.cut
    is_blank_above = last.is_blank or last.end < line - 1
    return not is_blank_above and any(not cut.is_blank for cut in between)
