"""The sheets of an Excel workbook (XLSX), a row at a time.

Read with expat alone (docs/adr/0015): every limit holds while reading, and memory is that of one
row and of the workbook's own list of texts.
"""

import posixpath
import re
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import IO
from xml.parsers import expat

from igny8_core.planner.intake.archive import Archive, readable
from igny8_core.planner.intake.records import IntakeError, NoKeywords
from igny8_core.planner.intake.table import (
    HEADER_WITHIN,
    MAX_COLUMNS,
    Record,
    Score,
    header_cells,
)

BOOK = "xl/workbook.xml"
MAX_ROW, MAX_CELLS = 1_048_576, 16_384
# As in csv; Excel itself ends a cell at 32,767.
MAX_TEXT = 131_072
# All texts of a workbook together: more than 100,000 rows of any tool have.
MAX_TEXTS, MAX_ALL_TEXTS = 1_000_000, 50 * 1024 * 1024
_CHUNK = 64 * 1024
# Nothing in a workbook is one tag, comment or attribute of this size.
_MAX_TOKEN = 1024 * 1024
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a day in a cell is nobody's local time
_PERCENT, _DATE = "%", "date"
_BUILT_IN = {9: _PERCENT, 10: _PERCENT} | dict.fromkeys([*range(14, 23), *range(45, 48)], _DATE)
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')

Start = Callable[[str, dict[str, str]], None]


class Workbook:
    """Its sheets in their order; raises IntakeError for a workbook that cannot be read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._parts = {name.casefold(): name for name in archive.names()}
        book = _Book()
        self._read_through(BOOK, book.start)
        self._targets: dict[str, str] = {}
        self._read_through("xl/_rels/workbook.xml.rels", self._relation)
        self.sheets = book.sheets
        self._texts = _Texts()
        self._styles = _Styles()
        self._is_loaded = False

    def sheet(self, name: str, relation: str, score: Score) -> "SheetTable":
        """A sheet, read up to its header; raises NoKeywords where it is empty."""
        part = self._parts.get(self._targets.get(relation, "").casefold())
        if part is None:
            raise NoKeywords("This sheet holds no cells.")
        if not self._is_loaded:
            self._load()
        return SheetTable(name, self._rows(part, name), score)

    def _load(self) -> None:
        """What all sheets share: texts and styles."""
        texts, styles = self._texts, self._styles
        self._read_through("xl/sharedStrings.xml", texts.start, texts.end, texts.text)
        self._read_through("xl/styles.xml", styles.start, styles.end)
        self._is_loaded = True

    def _relation(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target if target.startswith("/") else f"/xl/{target}"
            self._targets[attributes.get("Id", "")] = posixpath.normpath(path).lstrip("/")

    def _read_through(self, part: str, start: Start, *handlers: Callable[[str], None]) -> None:
        if part.casefold() in self._parts:
            with closing(self._archive.open(self._parts[part.casefold()])) as file:
                for _ in _parsed(file, start, *handlers):
                    pass

    def _rows(self, part: str, name: str) -> Iterator[tuple[int, list[str]]]:
        cells = _Cells(self._texts, self._styles, name)
        with closing(self._archive.open(part)) as file:
            for _ in _parsed(file, cells.start, cells.end, cells.text):
                yield from cells.rows
                cells.rows.clear()


class SheetTable:
    """A sheet, read up to its header."""

    encoding = "XLSX"
    delimiter = ""

    def __init__(self, name: str, rows: Iterator[tuple[int, list[str]]], score: Score) -> None:
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


class _Book:
    """Name and relation of each sheet that is to be seen."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), relation))


class _Texts:
    """The workbook's list of texts, as one run of bytes: a third of what single ones take."""

    def __init__(self) -> None:
        self._all = bytearray()
        self._ends = array("Q", [0])
        self._is_open = self._is_spoken = False

    def __getitem__(self, number: int) -> str:
        return self._all[self._ends[number] : self._ends[number + 1]].decode()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "t":
            self._is_open = not self._is_spoken
        elif tag == "rPh":
            self._is_spoken = True

    def end(self, tag: str) -> None:
        if tag == "t":
            self._is_open = False
        elif tag == "rPh":
            self._is_spoken = False
        elif tag == "si":
            self._ends.append(len(self._all))
            if len(self._ends) > MAX_TEXTS or len(self._all) > MAX_ALL_TEXTS:
                raise IntakeError(
                    f"The workbook holds more than {MAX_TEXTS:,} texts or 50 MB of them. Send it "
                    "as CSV, or only the columns that matter."
                )

    def text(self, text: str) -> None:
        if self._is_open:
            self._all += text.encode()
            if len(self._all) - self._ends[-1] > 4 * MAX_TEXT:
                raise IntakeError(f"A cell is longer than {MAX_TEXT:,} characters.")


class _Styles:
    """Which styles of cells show a share or a day; all others show the number itself."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._shows: list[str] = []
        self._is_cells = False

    def __getitem__(self, style: str) -> str:
        return self._shows[int(style)] if style.isdigit() and int(style) < len(self._shows) else ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._is_cells = True
        elif tag == "xf" and self._is_cells:
            self._shows.append(self._shown(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._is_cells = False

    def _shown(self, number: str) -> str:
        if number not in self._codes:
            return _BUILT_IN.get(int(number), "") if number.isdigit() else ""
        code = _NOT_SHOWN.sub("", self._codes[number]).casefold()
        if _PERCENT in code:
            return _PERCENT
        return _DATE if set(code) & set("ymdhs") and "general" not in code else ""


class _Cells:
    """Takes the events of a sheet and has the rows that are complete."""

    def __init__(self, texts: _Texts, styles: _Styles, name: str) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._texts, self._styles, self._name = texts, styles, name
        self._row = self._column = self._seen = 0
        self._cells: list[str] = []
        self._kind = self._style = ""
        self._value: list[str] = []
        self._is_open = self._is_spoken = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in ("v", "t"):
            self._is_open = not self._is_spoken
        elif tag == "row":
            self._begin_row(attributes)
        elif tag == "rPh":
            self._is_spoken = True

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._is_open = False
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self.rows.append((self._row, self._cells))
        elif tag == "rPh":
            self._is_spoken = False

    def text(self, text: str) -> None:
        if self._is_open:
            self._value.append(text)
            if len(self._value) > 1 and sum(map(len, self._value)) > MAX_TEXT:
                raise IntakeError(f"A cell is longer than {MAX_TEXT:,} characters.")

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
        self._column = -1
        self._seen = 0
        self._cells = []
        if self._row > MAX_ROW:
            raise IntakeError(f"Sheet {self._name} has more rows than a workbook can have.")

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column + 1 if place is None else _column(place)
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._value.clear()
        self._seen += 1
        if self._seen > MAX_CELLS:
            raise IntakeError(f"Sheet {self._name} has more columns than a workbook can have.")

    def _end_cell(self) -> None:
        if not self._value:
            return
        if self._column >= MAX_COLUMNS:
            raise IntakeError(
                f"Sheet {self._name} has more than {MAX_COLUMNS:,} columns. Keep those that matter."
            )
        missing = self._column - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)
        value = "".join(self._value)
        if missing < 0:
            self._cells[self._column] = self._said(value)
        else:
            self._cells.append(self._said(value))

    def _said(self, value: str) -> str:
        """What the cell shows, as near as a CSV would have it."""
        if self._kind == "s":
            return self._texts[int(value)]
        if self._kind == "n":
            return _number(value, self._styles[self._style] if self._style else "")
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        # An error says that there is no value; a formula's text and a text within are as they are.
        return "" if self._kind == "e" else value


def _parsed(
    file: IO[bytes],
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Hand the events of a part to whoever wants them, coming up for air after each piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(_local(tag))
    if text is not None:
        parser.CharacterDataHandler = text
    fed = 0
    with readable(expat.ExpatError, ValueError, IndexError):
        while piece := file.read(_CHUNK):
            parser.Parse(piece)
            fed += len(piece)
            if fed - max(parser.CurrentByteIndex, 0) > _MAX_TOKEN:
                raise IntakeError("The file is damaged. Export or save it anew.")
            yield
        parser.Parse(b"", True)
    yield


@lru_cache(maxsize=256)
def _local(tag: str) -> str:
    """A tag without the prefix that some programs give all of theirs."""
    return tag.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise IntakeError("The workbook declares entities, which no spreadsheet does. Send CSV.")


@lru_cache(maxsize=MAX_CELLS)
def _letters(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _column(place: str) -> int:
    """0 for A1, 27 for AB7."""
    letters = place.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and len(letters) < 4):
        raise IntakeError("The file is damaged. Export or save it anew.")
    return _letters(letters.upper())


def _number(value: str, shows: str) -> str:
    """A number as people write it: 0.35, not 0.34999999999999998; a share with its sign; a day."""
    if value.isdigit() and not shows:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if shows == _DATE and 0 <= number < 2_958_466:
        return (_DAY_ZERO + timedelta(days=number)).date().isoformat()
    if shows == _PERCENT:
        return f"{round(number * 100, 10):g}%"
    return f"{int(number)}" if number.is_integer() and abs(number) < 1e15 else repr(number)
