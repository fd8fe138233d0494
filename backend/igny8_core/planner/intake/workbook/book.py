"""The parts of a workbook: which sheets it has, and where they and what they share are kept."""

import posixpath
from collections.abc import Iterator
from contextlib import closing

from igny8_core.planner.intake.archive import Archive
from igny8_core.planner.intake.records import NoKeywords, TooMuch
from igny8_core.planner.intake.table import Score
from igny8_core.planner.intake.workbook import events
from igny8_core.planner.intake.workbook.cells import Cells
from igny8_core.planner.intake.workbook.effort import Effort, worth
from igny8_core.planner.intake.workbook.sheet import Row, SheetTable
from igny8_core.planner.intake.workbook.styles import Styles
from igny8_core.planner.intake.workbook.texts import Texts

BOOK = "xl/workbook.xml"
# Hidden ones with the others, and all the files that a workbook names.
MAX_SHEETS = 1_000
# Excel ends a sheet's name at 31 letters and a relation's at 255.
_MAX_NAME = 255


class Workbook:
    """Its sheets in their order; raises IntakeError for a workbook that cannot be read.

    max_bytes: what the same tables may come to as text
    """

    def __init__(self, archive: Archive, max_bytes: int) -> None:
        self._archive, self._effort = archive, Effort(max_bytes)
        self._parts = {name.casefold(): name for name in archive.names()}
        book, self._files = _Sheets(), _Files()
        self._read_through(BOOK, book)
        self._read_through("xl/_rels/workbook.xml.rels", self._files)
        self.sheets = book.sheets
        self._texts, self._styles = Texts(), Styles()

    def load(self) -> None:
        """What all sheets share, texts and styles, before the first of them is read."""
        self._read_through("xl/sharedStrings.xml", self._texts)
        self._read_through("xl/styles.xml", self._styles)

    def sheet(self, name: str, relation: str, score: Score) -> SheetTable:
        """A sheet, read up to its header; raises NoKeywords where it is empty."""
        part = self._parts.get(self._files.named.get(relation, "").casefold())
        if part is None:
            raise NoKeywords("This sheet holds no cells.")
        return SheetTable(name, self._rows(part, name), score)

    def _read_through(self, name: str, part: events.Part) -> None:
        if name.casefold() in self._parts:
            with closing(self._archive.open(self._parts[name.casefold()])) as file:
                for _ in events.read(file, part, self._effort):
                    pass

    def _rows(self, part: str, name: str) -> Iterator[Row]:
        cells = Cells(name, self._texts, self._styles, self._effort)
        with closing(self._archive.open(part)) as file:
            for _ in events.read(file, cells, self._effort):
                yield from cells.rows
                cells.rows.clear()


class _Sheets(events.Part):
    """Name and relation of each sheet that is to be seen."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "sheet":
            return
        self._count += 1
        if self._count > MAX_SHEETS:
            raise TooMuch(f"The workbook has more than {MAX_SHEETS:,} sheets.")
        if attributes.get("state", "visible") == "visible":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            self.sheets.append((attributes.get("name", "")[:_MAX_NAME], relation[:_MAX_NAME]))
            self.found += worth(1, 0)

    def end(self, tag: str) -> None:
        self.is_done = self.is_done or tag == "sheets"


class _Files(events.Part):
    """The file that each relation leads to."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "Relationship":
            return
        self._count += 1
        if self._count > 2 * MAX_SHEETS:
            raise TooMuch(f"The workbook names more than {2 * MAX_SHEETS:,} files.")
        target = attributes.get("Target", "")[:_MAX_NAME]
        path = target if target.startswith("/") else f"/xl/{target}"
        self.named[attributes.get("Id", "")[:_MAX_NAME]] = posixpath.normpath(path).lstrip("/")
        self.found += worth(1, 0)
