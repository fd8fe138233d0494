"""What a file's text, a sheet and a file in an archive have in common."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

HEADER_WITHIN = 40
MAX_COLUMNS = 1_000

#: Line or row from 1, and its cells; None for a record that cannot be taken apart.
Record: TypeAlias = tuple[int, list[str] | None]
#: How much cells look like a header.
Score: TypeAlias = Callable[[list[str]], int]


class Table(Protocol):
    """A table whose header has been found, and whose records are read as they are asked for."""

    name: str
    encoding: str
    delimiter: str
    header: list[str]
    header_row: int

    def records(self, keyword: int) -> Iterator[Record]:
        """The records under the header; keyword: the column that has them."""


def header_cells(cells: Sequence[str]) -> list[str]:
    """Cells as names: without spaces around them and what cannot be seen."""
    return [_visible(cell).strip() for cell in cells]


def _visible(cell: str) -> str:
    return cell if cell.isprintable() else "".join(c for c in cell if c.isprintable())
