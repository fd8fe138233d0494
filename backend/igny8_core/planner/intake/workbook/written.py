"""Text as it stands within the tags of a workbook."""

import re

from igny8_core.planner.intake.workbook.events import Part

# Where Excel itself ends a cell. What follows is cut: no keyword, number or note is as long.
MAX_TEXT = 32_767
# A sign that XML cannot hold, by its number. Halves of signs are no text and stay as they are.
_ESCAPED = re.compile(r"_x(?![dD][89a-fA-F])([0-9a-fA-F]{4})_")


class Written(Part):
    """Collects what is written in `t` or `v`, in one piece or in runs, but no reading above it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._is_open = self._is_spoken = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("v", "t"):
            self._is_open = not self._is_spoken
        elif tag == "rPh":
            self._is_spoken = True

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._is_open = False
        elif tag == "rPh":
            self._is_spoken = False

    def text(self, text: str) -> None:
        if self._is_open and self._length < MAX_TEXT:
            self._pieces.append(text)
            self._length += len(text)

    def written(self) -> str:
        """What was written since this was asked last."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text[:MAX_TEXT]


def unescaped(text: str) -> str:
    """A text with the signs that Excel writes by number: `_x000D_` is the end of a line."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
