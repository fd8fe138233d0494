"""Shapes that models answer in loosely: read generously, held strictly afterwards."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

#: Digits, also in groups of three; what is below zero, or a fraction, counts nothing.
_WHOLE = re.compile(
    r"(?<![\d.,-])(?:\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d+)(?!\d|[.,]\d)",
)


def _texts(value: Any) -> Any:
    """A list of texts; a text with commas is one, and null is none."""
    if value is None:
        return []
    if isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    if isinstance(value, list):
        return [one.strip() for one in value if isinstance(one, str) and one.strip()]
    return value


def _text(value: Any) -> Any:
    """A text; whatever else stands where a text is optional says nothing."""
    return value if isinstance(value, str) else ""


def _number(value: Any) -> Any:
    """The first whole number: `1200`, "1,200 words", "1.200", "1200-1500"; else None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    found = _WHOLE.search(str(value))
    digits = re.sub(r"\D", "", found[0]) if found else ""
    return int(digits) if 0 < len(digits) <= 9 else None


#: An optional text: "" where there is none.
Text = Annotated[str, BeforeValidator(_text)]
#: An optional whole number: None where there is none.
Number = Annotated[int | None, BeforeValidator(_number)]
#: A list of texts in whatever form it came.
Texts = Annotated[list[str], BeforeValidator(_texts)]
