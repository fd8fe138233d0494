"""From the events of a sheet to its rows."""

from functools import lru_cache

from igny8_core.planner.intake.records import Damaged, IntakeError
from igny8_core.planner.intake.table import MAX_COLUMNS
from igny8_core.planner.intake.workbook import numbers
from igny8_core.planner.intake.workbook.effort import Effort, worth
from igny8_core.planner.intake.workbook.styles import Styles
from igny8_core.planner.intake.workbook.texts import Texts
from igny8_core.planner.intake.workbook.written import Written, unescaped

MAX_ROW = 1_048_576
# As a line of text may have.
MAX_LETTERS = 1_000_000


class Cells(Written):
    """Has the rows that are complete and hold something, each with its number."""

    def __init__(self, name: str, texts: Texts, styles: Styles, effort: Effort) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[str]]] = []
        self._name, self._texts, self._styles, self._effort = name, texts, styles, effort
        self._row = self._column = 0
        self._finds = self._raw = self._letters = 0
        self._cells: list[str] = []
        self._kind = self._style = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            self._begin_row(attributes)
        else:
            Written.start(self, tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "c":
            if self._pieces:
                self._end_cell()
        elif tag == "row":
            self._end_row()
        else:
            Written.end(self, tag)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number, above = attributes.get("r", ""), self._row
        self._row = int(number) if number.isdigit() and len(number) < 9 else above + 1
        self._column = -1
        self._finds = self._raw = self._letters = 0
        self._cells = []
        if self._row > MAX_ROW:
            raise IntakeError(f"Sheet {self._name} has more rows than a workbook can have.")
        if self._row <= above:
            raise IntakeError(f"The rows of sheet {self._name} are not in order. Save it anew.")

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column + 1 if place is None else _column(place)
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")

    def _end_cell(self) -> None:
        if self._column >= MAX_COLUMNS:
            raise IntakeError(
                f"Sheet {self._name} has more than {MAX_COLUMNS:,} columns. Keep those that matter."
            )
        written = self.written()
        value = self._said(written)
        missing = self._column - len(self._cells)
        if missing < 0:
            self._cells[self._column] = value
        else:
            if missing:
                self._cells.extend([""] * missing)
            self._cells.append(value)
        # A cell that is written over another, or that shows nothing, is no find.
        if missing >= 0 and value and not value.isspace():
            self._finds += 1
            self._raw += len(written)
        self._letters += len(value)
        if self._letters > MAX_LETTERS:
            self._refuse_long()

    def _end_row(self) -> None:
        if self._cells:
            self.found += worth(self._finds, self._raw)
            self._effort.say(self._letters)
            self.rows.append((self._row, self._cells))

    def _refuse_long(self) -> None:
        raise IntakeError(
            f"Row {self._row:,} of sheet {self._name} is longer than {MAX_LETTERS:,} "
            "characters. Keep the columns that matter."
        )

    def _said(self, value: str) -> str:
        """What the cell shows, as near as a CSV would have it."""
        if self._kind == "s":
            return self._texts[int(value)]
        if self._kind == "n":
            return numbers.shown(value, self._styles[self._style] if self._style else "")
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        # An error says that there is no value; a formula's text and a text within are as they are.
        return "" if self._kind == "e" else unescaped(value)


@lru_cache(maxsize=16_384)
def _letters(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _column(place: str) -> int:
    """0 for A1, 27 for AB7."""
    letters = place.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and len(letters) < 4):
        raise Damaged
    return _letters(letters.upper())
