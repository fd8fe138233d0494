"""CSV and TSV: which column is the address, which the title, which the keyword."""

import csv
from collections.abc import Iterator, Sequence

from igny8_core.planner.intake import fold
from igny8_core.planner.pagefiles.records import Found, PageFileError

_DELIMITERS = (",", ";", "\t")
_HEADER_WITHIN = 20
_COLUMNS = {
    "url": ("url", "page", "pages", "top pages", "address", "page url", "landing page", "loc"),
    "title": ("title", "title 1", "page title", "meta title", "seo title"),
    "keyword": ("keyword", "query", "top keyword", "top query", "focus keyword", "primary keyword"),
}


def read_table(text: str) -> list[Found]:
    """The pages of the table; raises PageFileError where no column holds addresses."""
    lines = text.splitlines()
    try:
        for start in range(min(len(lines), _HEADER_WITHIN)):
            delimiter, columns = _read_header(lines[start : start + 2])
            if "url" in columns:
                return list(_rows(lines[start + 1 :], delimiter, columns, start + 2))
        shown = ", ".join(next(csv.reader(lines[:1]), [])[:20]) or "none"
    except csv.Error as e:
        raise PageFileError(f"This is no sound CSV: {e}.") from e
    raise PageFileError(
        f"No column holds the pages' addresses; name it url or page. The first line has: {shown}."
    )


def _read_header(lines: list[str]) -> tuple[str, dict[str, int]]:
    """The delimiter that gives the first line the most cells, and where each field is then."""
    cuts = {mark: list(csv.reader(lines, delimiter=mark)) for mark in _DELIMITERS}
    delimiter = max(cuts, key=lambda mark: len(cuts[mark][0]) if cuts[mark] else 0)
    first, second = [*cuts[delimiter], [""], [""]][:2]
    return delimiter, _columns(first, second)


def _columns(header: Sequence[str], row: Sequence[str]) -> dict[str, int]:
    """Where each field is. Search Console translates its headers: addresses show for themselves."""
    names = [fold(cell.strip("\ufeff")) for cell in header]
    columns = {
        field: names.index(name)
        for field, known in _COLUMNS.items()
        for name in reversed(known)
        if name in names
    }
    shown = [place for place, cell in enumerate(row) if _is_address(cell)]
    if shown and not any(map(_is_address, header)):
        columns.setdefault("url", shown[0])
    return columns


def _rows(lines: list[str], delimiter: str, columns: dict[str, int], first: int) -> Iterator[Found]:
    reader = csv.reader(lines, delimiter=delimiter)
    read = 0
    for cells in reader:
        line, read = first + read, reader.line_num
        cell = {field: cells[i].strip() for field, i in columns.items() if i < len(cells)}
        if cell.get("url"):
            yield line, cell["url"], cell.get("title", ""), cell.get("keyword", "")


def _is_address(cell: str) -> bool:
    return cell.strip().casefold().startswith(("http://", "https://"))
