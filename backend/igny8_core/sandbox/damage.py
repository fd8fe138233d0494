"""Slips and damage: what models and networks do to an answer on its way."""

import json
import re
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Slip = Callable[[str], str]


def _duplicated(text: str) -> str:
    first = re.search(r'"(\w+)":', text)
    return text.replace("{", f'{{"{first[1]}": null, ', 1) if first else text


def _single_quoted(text: str) -> str:
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda m: "'" + m[1].replace("'", "\\'") + "'", text)


def _with_raw_newline(text: str) -> str:
    return re.sub(r'(?<=\w) (?=[^"]*")', "\n", text, count=1)


SLIPS: dict[str, Slip] = {
    "trailing_comma": lambda text: re.sub(r"\s*([}\]])$", r",\1", text.rstrip()),
    "smart_quotes": lambda text: re.sub(
        r'"(\w+)":', "\N{LEFT DOUBLE QUOTATION MARK}\\1\u201d:", text
    ),
    "single_quotes": _single_quoted,
    "fences": lambda text: f"```json\n{text}\n```",
    "prose": lambda text: (
        f"Sure! Here is what you asked for:\n\n{text}\n\nTell me if it suits you."
    ),
    "bom": lambda text: "\ufeff" + text,
    "nan": lambda text: text.replace("{", '{"score": NaN, ', 1),
    "duplicate_keys": _duplicated,
    "nested_string": lambda text: json.dumps(text),
    "wrapped": lambda text: f'{{"response": {text}}}',
    "python": lambda text: text.replace("{", '{"complete": True, "rest": None, ', 1),
    "raw_newline": _with_raw_newline,
    "comment": lambda text: text.replace("{", "{ // the answer\n", 1),
    "two_blocks": lambda text: f'```json\n{{"draft": true}}\n```\nand now:\n```json\n{text}\n```',
    "nul": lambda text: text.replace(" ", "\x00", 1),
    "deep": lambda text: "[" * 10_000 + text + "]" * 10_000,
    "huge": lambda text: text.replace("{", '{"padding": "' + "x" * 50_000_000 + '", ', 1),
    "plain": lambda text: "I have thought about it and the answer is not in that form.",
    "whitespace": lambda text: " \n" * 2_000,
}

RAW_BODIES = {
    "html": "<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>",
    "empty": "",
    "null": "null",
    "list": "[]",
    "no_choices": '{"id": "chatcmpl-0", "object": "chat.completion", "choices": []}',
}

USAGES: dict[str, Callable[[int], Any]] = {
    "missing": lambda count: None,
    "null": lambda count: None,
    "strings": str,
    "negative": lambda count: -count,
    "zero": lambda count: 0,
    "huge": lambda count: 10**15,
}


def odd_usage(usage: dict[str, Any], oddity: str) -> dict[str, Any] | None:
    """The usage with every count changed; None for one that is left out."""
    if oddity in ("missing", "null"):
        return None
    change = USAGES[oddity]
    return {
        name: odd_usage(value, oddity) if isinstance(value, dict) else change(value)
        for name, value in usage.items()
    }


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """A small PNG file of 400 million pixels."""
    side = 20_000
    packer = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    rows = b"".join(packer.compress(row * 1_000) for _ in range(side // 1_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)
PICTURES: dict[str, Callable[[], tuple[bytes, str]]] = {
    "html": lambda: (RAW_BODIES["html"].encode(), "text/html"),
    "svg": lambda: (SVG, "image/svg+xml"),
    "empty": lambda: (b"", "image/webp"),
    "text": lambda: (b"not a picture", "image/webp"),
    "bomb": lambda: (_bomb(), "image/png"),
}
