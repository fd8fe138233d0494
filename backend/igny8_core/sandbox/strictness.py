"""What OpenAI refuses of a strict JSON schema: objects left open, properties left optional."""

from collections.abc import Iterator
from typing import Any

from igny8_core.sandbox.errors import REQUEST, ProviderError, Refused


def refuse_loose(wanted: Any, param: str) -> None:
    """Raise where a schema that is to be held to the letter does not say everything."""
    if not isinstance(wanted, dict) or wanted.get("strict") is not True:
        return
    for place, problem in _problems(wanted.get("schema"), ()):
        message = f"Invalid schema for response_format '{wanted.get('name')}': In context={place},"
        raise Refused(ProviderError(400, None, REQUEST, f"{message} {problem}", param))


def _problems(node: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(node, dict) or not node.keys() & {"type", "anyOf", "$ref", "enum", "const"}:
        yield place, "schema must have a 'type' key."
        return
    if node.get("type") == "object":
        yield from _problems_of_object(node, place)
    for name in ("properties", "$defs"):
        for key, child in node.get(name, {}).items():
            yield from _problems(child, (*place, name, key))
    for number, child in enumerate(node.get("anyOf", ())):
        yield from _problems(child, (*place, "anyOf", str(number)))
    if "items" in node:
        yield from _problems(node["items"], (*place, "items"))


def _problems_of_object(
    node: dict[str, Any], place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if node.get("additionalProperties") is not False:
        yield place, "'additionalProperties' is required to be supplied and to be false."
    if set(node.get("required", ())) != set(node.get("properties", {})):
        yield place, "'required' is required to be supplied and to hold every key in properties."
