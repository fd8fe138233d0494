"""What a function's answer looks like, as JSON schemas that providers hold a model to.

Strict mode knows a part of JSON Schema: every object closed, every property required, no bounds
(OpenAI's guide to structured outputs). What it cannot say, such as "anything", is asked for
without it.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

#: What says something of a value rather than of its type: held by our own check of the answer.
_BOUNDS = {
    "title",
    "default",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
}
_TYPED = {"type", "anyOf", "$ref", "enum", "const"}


class _Loose(Exception):
    """Something in the schema may be anything."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON schema, whether a model can be held to it to the letter, and its bytes as text."""

    schema: dict[str, Any]
    strict: bool
    size: int


@cache
def shape_of(answer: type[BaseModel]) -> Shape:
    """The shape of an answer, made once."""
    schema = answer.model_json_schema()
    try:
        schema, strict = _closed(schema), True
    except _Loose:
        strict = False
    return Shape(schema, strict, size=len(json.dumps(schema)))


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    if not _TYPED & node.keys():
        raise _Loose
    kept = {name: _part(name, value) for name, value in node.items() if name not in _BOUNDS}
    if node.get("type") == "object":
        # A class's docstring is for those who read the code.
        kept.pop("description", None)
        if "properties" not in node:
            raise _Loose
        kept |= {"required": list(node["properties"]), "additionalProperties": False}
    return kept


def _part(name: str, value: Any) -> Any:
    match name:
        case "properties" | "$defs":
            return {one: _closed(node) for one, node in value.items()}
        case "anyOf":
            return [_closed(node) for node in value]
        case "items":
            return _closed(value)
        case _:
            return value
