"""Shapes that models answer in loosely: read generously, held strictly afterwards."""

from typing import Annotated, Any

from pydantic import BeforeValidator


def _texts(value: Any) -> Any:
    """A list of texts; a text with commas is one, and null is none."""
    if value is None:
        return []
    if isinstance(value, str):
        return [one.strip() for one in value.split(",") if one.strip()]
    if isinstance(value, list):
        return [one.strip() for one in value if isinstance(one, str) and one.strip()]
    return value


#: A list of texts in whatever form it came.
Texts = Annotated[list[str], BeforeValidator(_texts)]
