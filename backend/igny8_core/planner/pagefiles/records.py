"""What comes out of a file of pages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from igny8_core.planner.intake import RowError
from igny8_core.planner.pagefiles.address import page_address

MAX_TITLE = 500
MAX_KEYWORD = 255

#: Line, address, title and keyword, as the file has them.
Found: TypeAlias = tuple[int, str, str, str]


class PageFileError(ValueError):
    """The file cannot be used at all; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page; `row` is its line, or its place in a sitemap."""

    row: int
    url: str
    title: str = ""
    keyword: str = ""


@dataclass(slots=True)
class PageFile:
    """What a file holds; `format` is `sitemap` or `table`."""

    format: str
    rows: list[PageRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    again: int = 0


def collected(format: str, found: Iterable[Found], max_rows: int) -> PageFile:
    """The pages, each address once; raises PageFileError where there are too many."""
    file, rows = PageFile(format), dict[str, PageRow]()
    for number, (row, address, title, keyword) in enumerate(found, start=1):
        if number > max_rows:
            raise PageFileError(f"The file has more than {max_rows:,} pages; split it.")
        try:
            url = page_address(address)
        except ValueError as problem:
            file.errors.append(RowError(row, str(problem)))
            continue
        file.again += url in rows
        rows.setdefault(url, PageRow(row, url, title[:MAX_TITLE], keyword[:MAX_KEYWORD]))
    file.rows = list(rows.values())
    return file
