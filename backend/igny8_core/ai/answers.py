"""From what a model wrote to JSON: the rungs of the ladder that need no second call.

Whole text, fenced blocks, the largest balanced value in the prose, then repair of syntax alone:
quotes, commas, comments, literals. Nothing is ever closed that the model left open; of a list in
a cut answer the elements that it closed itself can be taken.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import Any

from igny8_core.core.errors import BadResponse

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
#: Values of every kind. The largest answer asked of a model (100 keywords) has some 500 of them,
#: the offline clusterer's own (1,000 keywords) some 4,000.
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
#: Dirt of the wire, taken out: nobody means it, and PostgreSQL stores neither NUL nor half a
#: surrogate pair.
_NEVER_MEANT = re.compile("[\ufeff\x00\ud800-\udfff]")
#: How these are escaped, where they are not the half of an emoji whose other half follows.
_ESCAPED_DIRT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000|[fF][eE][fF][fF])")
#: What a model that reasons aloud thinks before it answers; without an end it is no answer yet.
_THOUGHTS = re.compile(r"\s*<(think|thinking|reasoning)>(?:.*?</\1>|.*\Z)", re.DOTALL)
#: Around an answer they are dirt; within, Persian and many emoji are spelled with them.
_AROUND = " \t\r\n\u200b\u200c\u200d\u2060"
_WRAPPERS = {"response", "data", "result"}
_CLOSER = {"{": "}", "[": "]"}
_OPENING = re.compile(r"[{\[]")
_MARK = re.compile(r'["{}\[\]]|```')
_STRING_REST = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
#: The last bracket of an answer that was not cut, and what may follow it.
_CLOSED_LAST = re.compile(r"[}\]][\s`]*\Z")
#: How an object begins, also one within a string of JSON, and one cut within its first name.
_OBJECT = re.compile(r"""(?:\[\s*)?\{\s*(?:\\*["'“][\w ]{0,64}(?:\Z|\\*["'”]\s*(?::|\Z))|\Z)""")
_DATA_BEGINS = re.compile(r"""(?:```(?:json)?\s*|"\s*(?:\\[nrt]\s*)*)?[{\[]""", re.IGNORECASE)
_NEXT_OBJECT = re.compile(r"[\s,]*(?=\{)")
_LIST_CLOSES = re.compile(r"[\s,]*\]")
#: How a bracket goes on that opens JSON, and not a remark in brackets.
_JSON_BEGINS = re.compile(r"""[{\[]\s*["'“{\[]""")
_ESCAPED_OR_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)
#: Brackets in prose that are looked into before the search is given up.
_MAX_REMARKS = 20


def read_json(text: str) -> Any:
    """The JSON value in a model's answer; raises BadResponse where there is none."""
    return next(values_in(text))


def values_in(text: str) -> Iterator[Any]:
    """Every JSON value the answer may mean, the likeliest first.

    Raises BadResponse where there is none; its code is `output_truncated` for an answer that ends
    within an open value.
    """
    found = False
    for candidate in _candidates(cleaned(text)):
        value = _value(candidate)
        if value is not None:
            found = True
            yield _within_limits(_unwrapped(value))
    if not found:
        raise BadResponse("The answer is not JSON.")


def cleaned(text: str) -> str:
    """The text in NFC, without thoughts, dirt and space around; raises BadResponse over 2 MB."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise BadResponse("The answer is longer than 2 MB.")
    text = unicodedata.normalize("NFC", _NEVER_MEANT.sub("", text)).strip(_AROUND)
    thoughts = _THOUGHTS.match(text)
    return text[thoughts.end() :].strip(_AROUND) if thoughts else text


def cut_off() -> BadResponse:
    """What an answer is that ends before its end."""
    return BadResponse("The answer was cut off.", code="output_truncated")


def left_out(number: int, whole: int) -> BadResponse:
    """What an answer is that is too far from complete: its rest is asked for as of a cut one."""
    return BadResponse(
        f"The answer leaves out {number} of {whole} that it was asked about.",
        code="output_truncated",
    )


def is_data(text: str) -> bool:
    """Whether a cleaned text is JSON for the most part, or was meant to be; so is a cut one."""
    begins = _OBJECT.search(text)
    if _DATA_BEGINS.match(text) or (begins and _open_value(text) is not None):
        return True
    last = max(text.rfind("}"), text.rfind("]")) + 1
    return begins is not None and (last - begins.start()) * 2 > len(text)


def elements_of(text: str, name: str) -> tuple[list[Any], bool]:
    """The complete objects of the list `name` in a cut answer; whether the list was closed too."""
    text = cleaned(text)
    found: list[Any] = []
    position = _list_begins(text, name)
    while position is not None and (object_ := _NEXT_OBJECT.match(text, position)):
        end, ending = _balanced_end(text, object_.end())
        if ending is not _Ending.CLOSED:
            return found, False
        value = _value(text[object_.end() : end])
        found += [] if value is None else [_within_limits(value)]
        position = end
    return found, position is not None and bool(_LIST_CLOSES.match(text, position))


def _list_begins(text: str, name: str) -> int | None:
    """Behind the bracket that opens the list in the answer, which is the value left open."""
    start = _open_value(text)
    if start is None:
        start = max(_balanced_spans(text), key=lambda span: span[1] - span[0], default=(0, 0))[0]
    begins = re.compile(rf"""(?<!\\)["“']{name}["”']\s*:\s*\[""").search(text, start)
    return begins.end() if begins else None


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
    start = _open_value(text)
    if start is not None:
        # Whatever is whole in a cut answer is a part or an example, and never the answer.
        _, ending = _balanced_end(text, start)
        raise cut_off() if ending is _Ending.OPEN else BadResponse("The answer is not JSON.")
    yield from (block.strip() for block in _FENCE.findall(text))
    spans = sorted(_balanced_spans(text), key=lambda span: span[0] - span[1])
    yield from (text[start:end] for start, end in spans[:5])


def _value(candidate: str) -> Any:
    """The object or list that a text is, as it stands or mended; None where it is none."""
    value = _loaded(candidate)
    if not isinstance(value, dict | list) and candidate.startswith(("{", "[")):
        value = _loaded(repaired(candidate))
    if not isinstance(value, dict | list):
        return None
    return _whole(value) if _ESCAPED_DIRT.search(candidate) else value


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
    level, depth, count = [value], 0, 1
    while level:
        inside = [inner for one in level for inner in _inner(one)]
        depth, count = depth + 1, count + len(inside)
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise BadResponse("The answer is nested too deeply or too long.")
        level = [one for one in inside if isinstance(one, dict | list)]
    return value


def _whole(value: Any) -> Any:
    """The value without what was escaped and no database stores."""
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


class _Ending(Enum):
    CLOSED = "closed"
    #: Brackets that do not match, or a fence that closes first: no cut, but nothing to mend.
    BROKEN = "broken"
    #: The text ends first.
    OPEN = "open"
    #: The text ends within a string, but behind a bracket: cut, or a quote too many.
    ODD = "odd"


def _open_value(text: str) -> int | None:
    """Where the value begins within which the text ends; None where there is none."""
    for start, _, ending in _spans(text):
        is_data = start == 0 or "```" in text[max(0, start - 10) : start]
        if ending in {_Ending.OPEN, _Ending.ODD} and (is_data or _OBJECT.match(text, start)):
            return start
    return None


def _balanced_spans(text: str) -> list[tuple[int, int]]:
    """The values in brackets that stand side by side; none within what was left open."""
    return [(start, end) for start, end, ending in _spans(text) if ending is _Ending.CLOSED]


def _spans(text: str) -> Iterator[tuple[int, int, _Ending]]:
    """The values that begin with a bracket, side by side, and how each of them ends."""
    position, remarks = 0, 0
    while (found := _OPENING.search(text, position)) and remarks < _MAX_REMARKS:
        start = found.start()
        end, ending = _balanced_end(text, start)
        yield start, end, ending
        # Cut, or broken: what lies within is a part of the answer and never the answer.
        if ending is _Ending.CLOSED or _JSON_BEGINS.match(text, start):
            position = end
        else:
            position, remarks = start + 1, remarks + 1


def _balanced_end(text: str, start: int) -> tuple[int, _Ending]:
    """Where the value that opens at `start` ends, and how. Brackets in strings do not count."""
    expected: list[str] = []
    position = start
    while mark := _MARK.search(text, position):
        char, position = mark[0], mark.end()
        if char == '"':
            string = _STRING_REST.match(text, position)
            if not string:
                is_closed = _CLOSED_LAST.search(text, position)
                return len(text), _Ending.ODD if is_closed else _Ending.OPEN
            position = string.end()
        elif char in _CLOSER:
            expected.append(_CLOSER[char])
        elif char == "```" or char != expected.pop():
            return position, _Ending.BROKEN
        if not expected:
            return position, _Ending.CLOSED
    return len(text), _Ending.OPEN
