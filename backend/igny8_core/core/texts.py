"""Texts from outside, made fit to be stored."""

import re
import unicodedata
from collections.abc import Iterable

_BROKEN_WORD = re.compile(r"\s\S{0,60}$")
# PostgreSQL stores neither NUL nor half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clip(text: str, limit: int | None = None) -> str:
    """The text without what no database stores and without space around it, cut at `limit`."""
    return _UNSTORABLE.sub("", text).strip()[:limit].rstrip()


def cut(text: str, limit: int) -> str:
    """The text, cut at `limit` before the word that would be broken; a very long one is broken."""
    if len(text) <= limit:
        return text
    head = text[: max(limit, 0)]
    whole = head if text[len(head)].isspace() else _BROKEN_WORD.sub("", head)
    return whole.rstrip(" \t\n,;:")


def is_blank(text: str) -> bool:
    """Whether there is nothing in it that a person would see: space, and what has no width."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def distinct(texts: Iterable[str], limit: int = 255) -> list[str]:
    """The texts that say something, each once, in their order."""
    return list(dict.fromkeys(clipped for text in texts if (clipped := clip(text, limit))))
