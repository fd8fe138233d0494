"""Which styles of cells show a share or a day; all others show the number itself."""

from igny8_core.planner.intake.records import TooMuch
from igny8_core.planner.intake.workbook.effort import worth
from igny8_core.planner.intake.workbook.events import Part
from igny8_core.planner.intake.workbook.numbers import BUILT_IN, shown_by

# Excel's own limit, and many times what it has of formats by hand.
MAX_STYLES, MAX_FORMATS = 65_536, 10_000


class Styles(Part):
    """What each style shows, by its number, decided once for each format."""

    def __init__(self) -> None:
        self._formats: dict[str, str] = dict(BUILT_IN)
        self._shows: list[str] = []
        self._is_cells = False

    def __getitem__(self, style: str) -> str:
        return self._shows[int(style)] if style.isdigit() and int(style) < len(self._shows) else ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = shown_by(
                attributes.get("formatCode", "")
            )
        elif tag == "cellXfs":
            self._is_cells = True
        elif tag == "xf" and self._is_cells:
            self._shows.append(self._formats.get(attributes.get("numFmtId", "0"), ""))
        else:
            return
        self.found += worth(1, 0)
        if len(self._shows) > MAX_STYLES or len(self._formats) > MAX_FORMATS:
            raise TooMuch("The workbook has more styles than Excel allows. Send it as CSV.")

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._is_cells = False
            self.is_done = True
