"""What a file's text, a sheet and a file in an archive have in common."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

HEADER_WITHIN = 40
MAX_COLUMNS = 1_000
# A record above this is no header; looking for one costs three readings of every candidate.
MAX_HEADER = 64 * 1024

#: Line or row from 1, and its cells; None for a record that cannot be taken apart.
Record: TypeAlias = tuple[int, list[str] | None]
#: Whether cells name a keyword column, and how many columns they name that are known.
Worth: TypeAlias = tuple[bool, int]
#: How much cells look like a header.
Score: TypeAlias = Callable[[list[str]], Worth]


class Table(Protocol):
    """A table whose header has been found, and whose records are read as they are asked for.

    header_row: its line; lines_above: how many lines above it say something and were passed over
    """

    name: str
    encoding: str
    delimiter: str
    header: list[str]
    header_row: int
    lines_above: int

    def records(self) -> Iterator[Record]:
        """The records under the header."""


def header_cells(cells: Sequence[str]) -> list[str]:
    """Cells as names: in one line, without spaces around them and what cannot be seen."""
    return [cell.strip() if cell.isprintable() else _visible(cell) for cell in cells]


def narrowed(cells: list[str]) -> list[str]:
    """The cells of a record, with all that no header can reach as one, soon looked at."""
    if len(cells) <= MAX_COLUMNS:
        return cells
    return [*cells[:MAX_COLUMNS], "".join(cells[MAX_COLUMNS:])]


def _visible(cell: str) -> str:
    return "".join(c for c in " ".join(cell.split()) if c.isprintable())
