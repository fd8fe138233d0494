"""The workbook's own list of texts, to which its cells refer by number."""

from array import array

from igny8_core.planner.intake.records import TooMuch
from igny8_core.planner.intake.workbook.effort import worth
from igny8_core.planner.intake.workbook.written import Written, unescaped

# More than 100,000 rows of any tool have.
MAX_TEXTS, MAX_ALL_TEXTS = 1_000_000, 50 * 1024 * 1024
# Texts and their letters that are kept at hand: cells near each other say the same.
_AT_HAND, _LETTERS_AT_HAND = 10_000, 2_000_000


class Texts(Written):
    """All of them as one run of bytes, a third of what single ones take."""

    def __init__(self) -> None:
        super().__init__()
        self._all = bytearray()
        self._ends = array("Q", [0])
        self._at_hand: dict[int, str] = {}
        self._letters = 0

    def __getitem__(self, number: int) -> str:
        """A text: the same object for cells that refer to it one after the other."""
        text = self._at_hand.get(number)
        if text is None:
            text = self._decoded(number)
        return text

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "si":
            self._add(unescaped(self.written()))

    def _add(self, text: str) -> None:
        self._all += text.encode()
        self._ends.append(len(self._all))
        if text:
            self.found += worth(1, len(text))
        if len(self._ends) > MAX_TEXTS or len(self._all) > MAX_ALL_TEXTS:
            raise TooMuch(
                f"The workbook holds more than {MAX_TEXTS:,} texts or 50 MB of them. Send it "
                "as CSV, or only the columns that matter."
            )

    def _decoded(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        text = self._all[self._ends[number] : self._ends[number + 1]].decode()
        if len(self._at_hand) >= _AT_HAND or self._letters > _LETTERS_AT_HAND:
            self._at_hand.clear()
            self._letters = 0
        self._at_hand[number] = text
        self._letters += len(text)
        return text
