"""Texts from outside, made fit to be stored."""

import re
from collections.abc import Iterable

# PostgreSQL stores neither NUL nor half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clip(text: str, limit: int | None = None) -> str:
    """The text without what no database stores and without space around it, cut at `limit`."""
    return _UNSTORABLE.sub("", text).strip()[:limit].rstrip()


def distinct(texts: Iterable[str], limit: int = 255) -> list[str]:
    """The texts that say something, each once, in their order."""
    return list(dict.fromkeys(clipped for text in texts if (clipped := clip(text, limit))))
