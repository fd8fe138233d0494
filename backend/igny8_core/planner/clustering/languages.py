"""Which keywords an English model can read.

Another language that somebody has named is believed. Without one, a script or many accents tell
of a single keyword; that a plainly written file is Spanish or Dutch shows only over all of it: in
small words and accents that English has not, or, where nobody has called it English, in how many
words the model must spell out in pieces.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

# Above this share of its letters, accented or foreign ones are not the accent of a loan word.
FOREIGN_LETTERS = 0.15
# One keyword in ten with a small word or an accent of another language is no loan word or name.
FOREIGN_KEYWORDS = 0.1
# Pieces per word: 1.1 to 1.3 in English files, 2.2 and more in German, Dutch or Polish ones.
SPELT_OUT = 2.0
# A handful of words says nothing of how many are spelt out.
ENOUGH_WORDS = 20

_ENGLISH_WORDS = """
the for to how what of and with near best is my your from without vs where can does on at are why
when which or you
"""
# None of them is an English word, or a part of names ("los angeles", "las vegas", "la roche").
# German, Dutch and Scandinavian; Spanish, Portuguese, French and Italian; Polish, Turkish,
# Indonesian, and Vietnamese written without its accents.
_OTHER_WORDS = """
und mit wie ich der das ist nach zum zur von bei ohne oder nicht eine einen kaufen
een het voor naar kopen hoe aan zonder niet och og hur hvordan til
para como que cerca mejor mejores precio comprar del por sin una uma com sem dos em melhor melhores
avec sans dans une des du aux meilleur meilleure et di della dei delle il con senza migliore
migliori nel gli
jak dla czy jest najlepsze bez nasil icin ve bir cara yang untuk murah cach mua khong
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS = frozenset(_OTHER_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")


class Reading(NamedTuple):
    """A casefolded keyword as the model meets it."""

    text: str
    language: str
    pieces: int


def readable(readings: Sequence[Reading]) -> list[bool]:
    """Whether each can be read by an English model."""
    single = [_may_be_english(one) for one in readings]
    if _are_foreign([one for one, may_be in zip(readings, single, strict=True) if may_be]):
        return [False] * len(readings)
    return single


def _may_be_english(one: Reading) -> bool:
    if one.language and not one.language.lower().startswith("en"):
        return False
    letters = [sign for sign in one.text if sign.isalpha()]
    foreign = sum(not letter.isascii() for letter in letters)
    return foreign <= FOREIGN_LETTERS * len(letters)


def _are_foreign(readings: Sequence[Reading]) -> bool:
    words = [set(_WORD.findall(one.text)) for one in readings]
    english = sum(not _ENGLISH.isdisjoint(some) for some in words)
    others = sum(any(word in _OTHERS or not word.isascii() for word in some) for some in words)
    if others > english and others >= FOREIGN_KEYWORDS * len(readings):
        return True
    unnamed = [one for one in readings if not one.language]
    count = sum(len(_WORD.findall(one.text)) for one in unnamed)
    return count >= ENOUGH_WORDS and sum(one.pieces for one in unnamed) >= SPELT_OUT * count
