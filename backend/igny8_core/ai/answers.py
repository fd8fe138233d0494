"""From what a model wrote to JSON: the rungs of the ladder that need no second call.

Whole text, fenced blocks, the largest balanced value in the prose, then repair of syntax alone:
quotes, commas, comments, literals. Nothing is ever closed that the model left open.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from igny8_core.core.errors import BadResponse

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
MAX_ELEMENTS = 5_000

_FENCE = re.compile(r"```[a-zA-Z0-9_-]*[ \t]*\r?\n(.*?)```", re.DOTALL)
#: Strings come first: whatever else is looked for does not count inside them.
_SLIP = re.compile(
    r"""
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<smart>[“”](?:[^“”\\]|\\.)*[“”](?=\s*[,:}\]]))
    | (?P<single>'(?:[^'\\]|\\.|'(?!\s*[,:}\]]))*'(?=\s*[,:}\]]))
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<word>\b(?:True|False|None)\b)
    | (?P<comma>,(?=(?:\s|//[^\n]*\n|/\*.*?\*/)*[}\]]))
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = {"True": "true", "False": "false", "None": "null"}
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\x00"))
_WRAPPERS = {"response", "data", "result"}
_CLOSER = {"{": "}", "[": "]"}


def read_json(text: str) -> Any:
    """The JSON value in a model's answer; raises BadResponse where there is none."""
    if len(text) > MAX_BYTES:
        raise BadResponse("The answer is longer than 2 MB.")
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).strip()
    for candidate in _candidates(text):
        for mend in (str, repaired):
            value = _loaded(mend(candidate))
            if isinstance(value, dict | list):
                return _within_limits(_unwrapped(value))
    raise BadResponse("The answer is not JSON.")


def repaired(text: str) -> str:
    """The text with slips of syntax mended; what stands inside strings stays."""
    return _SLIP.sub(_mended, text)


def _mended(slip: re.Match[str]) -> str:
    kind, found = slip.lastgroup, slip[0]
    if kind == "string":
        return found.replace("\n", r"\n").replace("\r", r"\r").replace("\t", r"\t")
    if kind in {"smart", "single"}:
        return json.dumps(found[1:-1].replace(r"\'", "'"), ensure_ascii=False)
    return _LITERALS.get(found, "")


def _candidates(text: str) -> Iterator[str]:
    yield text
    yield from (block.strip() for block in _FENCE.findall(text))
    spans = sorted(_balanced_spans(text), key=lambda span: span[0] - span[1])
    yield from (text[start:end] for start, end in spans[:5])


def _loaded(text: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        return _loaded(value)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unwrapped(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if name in _WRAPPERS and isinstance(inner, str):
            inner = _loaded(inner)
        if name in _WRAPPERS and isinstance(inner, dict | list):
            return inner
    return value


def _within_limits(value: Any) -> Any:
    level, depth, count = [value], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_DEPTH or count > MAX_ELEMENTS * 10:
            raise BadResponse("The answer is nested too deeply or too long.")
        level = [inner for one in level for inner in _inner(one)]
    return value


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _balanced_spans(text: str) -> Iterator[tuple[int, int]]:
    position = _next_open(text, 0)
    while position < len(text):
        end = _balanced_end(text, position)
        if end is not None:
            yield position, end
        position = _next_open(text, end or position + 1)


def _next_open(text: str, position: int) -> int:
    found = [at for at in (text.find("{", position), text.find("[", position)) if at >= 0]
    return min(found, default=len(text))


def _balanced_end(text: str, start: int) -> int | None:
    """The end of the value that opens at `start`; brackets inside strings do not count."""
    expected: list[str] = []
    position = start
    while position < len(text):
        char = text[position]
        if char == '"':
            position = _string_end(text, position, '"')
            continue
        if char in _CLOSER:
            expected.append(_CLOSER[char])
        elif char in "}]" and (not expected or char != expected.pop()):
            return None
        position += 1
        if not expected:
            return position if position > start else None
    return None


def _string_end(text: str, start: int, quote: str) -> int:
    position = start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    return position + 1
