"""Read the words of an article: its text, their number, its headings, short forms of them."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from html import unescape

SLUG_LENGTH = 80

_INLINE_TAG = re.compile(r"</?(?:strong|em|code|a|sup|sub)(?: [^>]*)?>")
_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
# What stands between two words without being one.
_SIGNS = frozenset("-–—+&/|·•*=<>…→")
# Han, kana and their marks: writing without spaces, where each character counts as a word.
_CJK = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LETTERS = str.maketrans(
    {
        **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"},
        **{"þ": "th", "ı": "i", "'": "", "’": ""},
    }
)


@dataclass(frozen=True)
class Heading:
    """A heading of an article, its text without markup."""

    level: int
    text: str


def text_of(html: str) -> str:
    """Return the text of clean HTML on one line, entities decoded."""
    return " ".join(_text(html).split())


def word_count(html: str) -> int:
    """Count the words of clean HTML; in Chinese and Japanese every character is one."""
    text, characters = _text(html).replace("—", " "), 0
    if not text.isascii():
        text, characters = _CJK.subn(" ", text)
    words = text.split()
    return characters + len(words) - sum(map(_SIGNS.__contains__, words))


def headings_of(html: str) -> list[Heading]:
    """List the headings of clean HTML in their order."""
    return [Heading(int(level), text_of(inner)) for level, inner in _HEADING.findall(html)]


def slug_for(title: str) -> str:
    """Return an ASCII address for `title`, never empty, at most SLUG_LENGTH characters.

    A title without a single Latin letter or digit gets a short hash, so that two of them differ.
    """
    folded = unicodedata.normalize("NFKD", title.lower().translate(_LETTERS))
    ascii_only = folded.encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", " ", ascii_only).strip()
    slug = shorten(words, SLUG_LENGTH).replace(" ", "-")
    return slug or f"article-{_hash(title)}"


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line, cut after a whole word so that it has at most `limit` characters.

    Only a single word that is longer than `limit` is cut itself.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = next((end for end in range(limit, 0, -1) if _is_boundary(text, end)), limit)
    return text[:cut].rstrip(" ,;:–—-(&/|") or text[:limit]


def _text(html: str) -> str:
    # Tags inside a word part nothing; every other tag parts two words.
    return unescape(_TAG.sub(" ", _INLINE_TAG.sub("", html)))


def _is_boundary(text: str, end: int) -> bool:
    return text[end] == " " or bool(_CJK.match(text[end]) or _CJK.match(text[end - 1]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
