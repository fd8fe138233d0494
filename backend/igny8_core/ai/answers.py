"""From what a model wrote to JSON: the rungs of the ladder that need no second call.

Whole text, fenced blocks, the largest balanced value in the prose, then repair of syntax alone:
quotes, commas, comments, literals. Nothing is ever closed that the model left open.
"""

import json
import math
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
      (?P<string>"(?:[^"\\]|\\.)*+")
    | (?P<smart>[“”](?:[^“”\\]|\\.)*+[“”](?=\s*[,:}\]]))
    | (?P<single>'(?:[^'\\]|\\.|'(?!\s*[,:}\]]))*+'(?=\s*[,:}\]]))
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<unclosed>["“”']|/\*)
    | (?P<word>\b(?:True|False|None)\b)
    | (?P<comma>,)
    | (?P<closer>[}\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = {"True": "true", "False": "false", "None": "null"}
_NEVER_MEANT = re.compile("[\ufeff\x00\ud800-\udfff]")
#: How half an emoji is escaped; the other half may follow.
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
#: Around an answer they are dirt; within, Persian and many emoji are spelled with them.
_AROUND = " \t\r\n\u200b\u200c\u200d\u2060"
_WRAPPERS = {"response", "data", "result"}
_CLOSER = {"{": "}", "[": "]"}
_OPENING = re.compile(r"[{\[]")
_MARK = re.compile(r'["{}\[\]]')
_STRING_REST = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
#: How a bracket goes on that opens JSON, and not a remark in brackets.
_JSON_BEGINS = re.compile(r"""[{\[]\s*["'“{\[]""")
_ESCAPED_OR_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)
#: Brackets in prose that are looked into before the search is given up.
_MAX_REMARKS = 20


def read_json(text: str) -> Any:
    """The JSON value in a model's answer; raises BadResponse where there is none."""
    return next(values_in(text))


def values_in(text: str) -> Iterator[Any]:
    """Every JSON value the answer may mean, the likeliest first; raises BadResponse for none."""
    if len(text) > MAX_BYTES:
        raise BadResponse("The answer is longer than 2 MB.")
    text = unicodedata.normalize("NFC", _NEVER_MEANT.sub("", text)).strip(_AROUND)
    found = False
    for candidate in _candidates(text):
        value = _loaded(candidate)
        if not isinstance(value, dict | list) and candidate.startswith(("{", "[")):
            value = _loaded(repaired(candidate))
        if isinstance(value, dict | list):
            found = True
            value = _within_limits(_unwrapped(value))
            yield _whole(value) if _ESCAPED_HALF.search(candidate) else value
    if not found:
        raise BadResponse("The answer is not JSON.")


def repaired(text: str) -> str:
    """The text with slips of syntax mended; as it is where a quote or comment was left open."""
    parts: list[str] = []
    position, comma = 0, -1
    for slip in _SLIP.finditer(text):
        if slip.lastgroup == "unclosed":
            return text
        between, position = text[position : slip.start()], slip.end()
        parts += [between, _mended(slip)]
        if slip.lastgroup == "closer" and comma >= 0 and not between.strip():
            parts[comma] = ""
        if slip.lastgroup == "comma":
            comma = len(parts) - 1
        elif slip.lastgroup != "comment" or between.strip():
            comma = -1
    return "".join([*parts, text[position:]])


def _mended(slip: re.Match[str]) -> str:
    kind, found = slip.lastgroup, slip[0]
    if kind in {"smart", "single"}:
        inner = found[1:-1].replace(r"\'", "'")
        return f'"{_ESCAPED_OR_QUOTE.sub(_escaped, inner)}"'
    if kind == "comment":
        return ""
    return _LITERALS.get(found, found)


def _escaped(part: re.Match[str]) -> str:
    return part[1] or r"\""


def _candidates(text: str) -> Iterator[str]:
    yield text
    yield from (block.strip() for block in _FENCE.findall(text))
    spans = sorted(_balanced_spans(text), key=lambda span: span[0] - span[1])
    yield from (text[start:end] for start, end in spans[:5])


def _loaded(text: str) -> Any:
    try:
        # Not strict: models write raw newlines and tabs within strings.
        value = json.loads(
            text,
            strict=False,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        return None
    if isinstance(value, str) and value.lstrip().startswith(("{", "[", '"')):
        return _loaded(value)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


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


def _whole(value: Any) -> Any:
    """The value without halves of characters, which no database stores."""
    if isinstance(value, str):
        return _NEVER_MEANT.sub("", value)
    if isinstance(value, dict):
        return {_whole(name): _whole(inner) for name, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _balanced_spans(text: str) -> Iterator[tuple[int, int]]:
    """The values in brackets that stand side by side; none within what was left open."""
    position, remarks = 0, 0
    while (found := _OPENING.search(text, position)) and remarks < _MAX_REMARKS:
        start = found.start()
        end, closed = _balanced_end(text, start)
        if closed:
            yield start, end
            position = end
        elif _JSON_BEGINS.match(text, start):
            # Cut, or broken: what lies within is a part of the answer and never the answer.
            position = end
        else:
            position, remarks = start + 1, remarks + 1


def _balanced_end(text: str, start: int) -> tuple[int, bool]:
    """Where the value that opens at `start` ends, and whether it was closed there.

    Brackets inside strings do not count.
    """
    expected: list[str] = []
    position = start
    while mark := _MARK.search(text, position):
        char, position = mark[0], mark.end()
        if char == '"':
            position = _string_end(text, position)
        elif char in _CLOSER:
            expected.append(_CLOSER[char])
        elif char != expected.pop():
            return position, False
        if not expected:
            return position, True
    return len(text), False


def _string_end(text: str, position: int) -> int:
    """Behind the quote that ends a string which has begun before `position`."""
    end = _STRING_REST.match(text, position)
    return end.end() if end else len(text)
