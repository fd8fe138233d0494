"""A workbook that goes out while it is written: neither a file nor memory holds it.

It has what a reader needs and nothing else: numbers, and texts within their cells. The parts that
name the sheets come last, when it is known how many there are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BufferedIOBase
from itertools import chain, islice
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from igny8_core.core.spreadsheet import Cell, safe_cell

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: What a sheet holds, its header included, and what a cell does; a longer text is cut.
SHEET_ROWS, CELL_CHARACTERS = 1_048_576, 32_767
#: A sheet has at most about so much XML. From 2 GB on its archive would take another form.
SHEET_BYTES = 2**30
# Rows are packed, and handed on, so many at a time.
_PIECE = 200

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORMAT = "http://schemas.openxmlformats.org"
_MAIN, _PACKAGE = f"{_FORMAT}/spreadsheetml/2006/main", f"{_FORMAT}/package/2006"
_OFFICE = f"{_FORMAT}/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# What XML cannot say or reads as something else is written by its number, as spreadsheets do; and
# so is what would be read as such a number.
_BY_NUMBER = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def xlsx_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The table as a workbook, a piece at a time; a full sheet has a next, under the header too."""
    out, remaining, sheets = _Outbox(), iter(rows), 0
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _relations("officeDocument", ["xl/workbook.xml"]))
        following: list[Sequence[Cell]] = []
        while following or not sheets:
            sheets += 1
            remaining = chain(following, remaining)
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                for _ in _written(part, header, remaining):
                    yield from out.taken()
            following = list(islice(remaining, 1))
        for name, content in _parts(sheets):
            archive.writestr(name, content)
    yield from out.taken()


class _Outbox(BufferedIOBase):
    """What an archive takes for a file that cannot be gone back in."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: "ReadableBuffer", /) -> int:
        before = len(self._held)
        self._held += data
        return len(self._held) - before

    def taken(self) -> Iterator[bytes]:
        """What has been written since the last time, if anything has."""
        if self._held:
            yield bytes(self._held)
            self._held.clear()


def _written(
    part: IO[bytes], header: Sequence[str], rows: Iterator[Sequence[Cell]]
) -> Iterator[None]:
    """Write a sheet, a piece for each step; the rows that it has no room for are left."""
    part.write(f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
    safe = ([safe_cell(cell) for cell in row] for row in islice(rows, SHEET_ROWS - 1))
    numbered = enumerate(chain([header], safe), start=1)
    size = 0
    while size < SHEET_BYTES and (piece := list(islice(numbered, _PIECE))):
        size += part.write("".join(_row(number, row) for number, row in piece).encode())
        yield
    part.write(b"</sheetData></worksheet>")


def _row(number: int, cells: Iterable[Cell]) -> str:
    filled = [
        _cell(f"{_letters(column)}{number}", cell)
        for column, cell in enumerate(cells, start=1)
        if cell is not None and cell != ""
    ]
    return f'<row r="{number}">{"".join(filled)}</row>'


def _cell(place: str, cell: str | float) -> str:
    if not isinstance(cell, str):
        return f'<c r="{place}"><v>{cell}</v></c>'
    text = _as_xml(cell)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{place}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


@lru_cache
def _letters(column: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _as_xml(text: str) -> str:
    # Spreadsheets count in halves of signs: an emoji is two.
    if len(text) > CELL_CHARACTERS // 2:
        halves = text.encode("utf-16-le", "surrogatepass")[: 2 * CELL_CHARACTERS]
        text = halves.decode("utf-16-le", "ignore")
    text = _BY_NUMBER.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """The parts that tell of the sheets, by name."""
    names = [f"worksheets/sheet{number}.xml" for number in range(1, sheets + 1)]
    listed = "".join(
        f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>'
        for number in range(1, sheets + 1)
    )
    yield (
        "xl/workbook.xml",
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
    )
    yield "xl/_rels/workbook.xml.rels", _relations("worksheet", names)
    yield "[Content_Types].xml", _content_types(names)


def _relations(kind: str, targets: Iterable[str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, target in enumerate(targets, start=1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _content_types(sheets: Iterable[str]) -> str:
    kinds = {"/xl/workbook.xml": "sheet.main"} | {f"/xl/{name}": "worksheet" for name in sheets}
    each = "".join(
        f'<Override PartName="{name}" ContentType="{_CONTENT}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>{each}</Types>'
    )
