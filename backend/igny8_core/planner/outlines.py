"""An article's outline: one shape, whatever shape it came in."""

import re
from typing import Any, TypedDict

from igny8_core.core.texts import clip

MAX_PARTS = 200
TOP_LEVEL, LOWEST_LEVEL = 2, 6
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)])\s+")
_MARKDOWN_HEADING = re.compile(r"^\s*(#{1,6})\s+")


class OutlinePart(TypedDict):
    """One heading, with notes on what belongs under it."""

    level: int
    heading: str
    notes: str


def outline_of(value: object, *, description: str = "") -> list[OutlinePart]:
    """Parts, headings or text as parts; what says nothing gives the description's sentences."""
    lines = value.splitlines() if isinstance(value, str) else value
    parts = [_part(line) for line in lines] if isinstance(lines, list) else []
    outline = [part for part in parts if part["heading"]][:MAX_PARTS]
    return outline or [_heading(text) for text in _sentences(description)]


def outline_text(outline: list[OutlinePart]) -> str:
    """The outline as Markdown, which `outline_of` reads again but for the notes."""
    lines = (
        "\n".join(filter(None, (f"{'#' * part['level']} {part['heading']}", part["notes"])))
        for part in outline
    )
    return "\n".join(lines)


def _part(value: Any) -> OutlinePart:
    if not isinstance(value, dict):
        return _heading(value if isinstance(value, str) else "")
    part = _heading(_text(value.get("heading")))
    level = re.search(r"\d", str(value.get("level")))
    part["level"] = _level(int(level[0])) if level else part["level"]
    part["notes"] = clip(_text(value.get("notes")), 5000)
    return part


def _heading(line: str) -> OutlinePart:
    marks = _MARKDOWN_HEADING.match(line)
    heading = line[marks.end() :] if marks else _BULLET.sub("", line)
    level = _level(len(marks[1])) if marks else TOP_LEVEL
    return {"level": level, "heading": clip(heading, 500), "notes": ""}


def _level(level: int) -> int:
    return min(max(level, TOP_LEVEL), LOWEST_LEVEL)


def _text(value: object) -> str:
    """A text as it is, a list of texts as one."""
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _sentences(text: str) -> list[str]:
    return [s.rstrip(".!? ") for s in re.split(r"(?<=[.!?])\s+", clip(text)) if s.strip(".!? ")]
