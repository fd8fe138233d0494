"""Where words begin and end, and which are forms of one word."""

import re
from collections.abc import Iterator
from functools import lru_cache

# Chinese and Japanese write no spaces: where the kind of sign changes a word begins, and a long
# row of one kind is known by its pairs of signs.
_KANJI, _HIRAGANA, _KATAKANA = "々㐀-䶿一-鿿豈-﫿", "ぁ-ゖゝゞ", "ァ-ヺー-ヿ"
_SIGNS = f"{_KANJI}{_HIRAGANA}{_KATAKANA}"
_SPACE_BETWEEN_SIGNS = re.compile(rf"(?<=[{_SIGNS}])\s+(?=[{_SIGNS}])")
# The vowels and tones of Indic, Thai and other scripts are marks, which are no \w.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u06ed\u0900-\u0963\u0966-\u0fbc\u1000-\u109f\u1780-\u17dd"
)
# .net, c++, disney+ and c# are not net, c, disney and c.
_DOTTED, _SIGNED = r"(?<!\w)\.net\b", r"(?:\+\+|(?<=[a-z])\+(?![\w+])|(?<=\b[a-z])\#(?!\w))?"
_LETTER = rf"(?:[^\W_{_SIGNS}]|[{_MARKS}])"
_WORD = re.compile(rf"[{_KANJI}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+|{_DOTTED}|{_LETTER}+{_SIGNED}")
_ASCII_WORD = re.compile(rf"[a-z0-9]+{_SIGNED}|{_DOTTED}")


def cut(folded: str) -> list[str]:
    """The words of a folded text, in their order."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    words = _WORD.findall(_SPACE_BETWEEN_SIGNS.sub("", folded))
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> Iterator[str]:
    if len(word) > 2 and re.match(f"[{_SIGNS}]", word):
        return map("".join, zip(word, word[1:], strict=False))
    return iter((word,))


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """English plurals; what it does to other words it does on both sides of a comparison."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """What a word has in common with its plural, where that is German, French or Spanish.

    Only of long words: a short stem such as "chick" has more than one meaning ("chicken"), and
    "er" makes another thing of any English verb ("printer").
    """
    for ending in ("en", "e"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 7 and not stem.endswith(("ght", "gth")):
            return stem
    return word
