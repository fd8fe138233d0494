"""What a searcher is about to do, by the words of a keyword; who differ in it want other pages."""

import re
from functools import cache
from typing import NamedTuple

from igny8_core.planner.clustering.markers import PHRASES

# These part keywords whatever else they share. A page about flights to Paris is also one about the
# cheap ones, and a page for the best of a thing may well answer what it is.
PARTING = ("local", "sign-in", "compare", "how", "buy")
#: What `wish` says of a keyword that could be with any other.
ANYTHING = -1

_INTENTS = {
    "local": "transactional",
    "sign-in": "navigational",
    "compare": "commercial",
    "how": "informational",
    "buy": "transactional",
    "cheap": "transactional",
    "what": "informational",
    "free": "transactional",
    "best": "commercial",
}

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_PERSONS = frozenset(["i", "i'm", "i've", "im", "my", "me", "we", "our", "you", "your"])
_ASKING = frozenset(
    ["how", "what", "why", "where", "when", "which", "who"]
    + ["is", "are", "can", "do", "does", "will", "would"]
)
# Somebody who talks says so much that no single word of it decides. What is asked is answered by a
# page about the thing as well as by one of questions.
_TALK = 8


class _Phrase(NamedTuple):
    """Words that follow each other, where they must stand, and what they tell."""

    words: tuple[str, ...]
    first: bool
    last: bool
    kind: str

    def begins(self, place: int, words: list[str]) -> bool:
        end = place + len(self.words)
        return (
            tuple(words[place:end]) == self.words
            and not (self.first and place)
            and not (self.last and end < len(words))
        )


@cache
def _phrases() -> dict[str, list[_Phrase]]:
    """By their first word, the longest first."""
    found: dict[str, list[_Phrase]] = {}
    for kind, texts in PHRASES.items():
        for text in filter(None, map(str.strip, re.split(r"[,;\n]", texts))):
            words = tuple(_WORD.findall(text))
            phrase = _Phrase(words, text.startswith("^"), text.endswith("$"), kind)
            found.setdefault(words[0], []).append(phrase)
    return {word: sorted(some, key=lambda one: -len(one.words)) for word, some in found.items()}


def marker(text: str) -> str:
    """Kind of the most telling phrase in a casefolded text, or "" where there is none."""
    return _marker(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.replace("’", "'"))


def _marker(words: list[str]) -> str:
    found = _kinds(words)
    return next((kind for kind in _INTENTS if kind in found), "")


def _kinds(words: list[str]) -> set[str]:
    phrases, found, place = _phrases(), set(), 0
    while place < len(words):
        some = phrases.get(words[place], ())
        phrase = next((one for one in some if one.begins(place, words)), None)
        if phrase:
            found.add(phrase.kind)
        place += len(phrase.words) if phrase else 1
    return found


def wish(text: str) -> int:
    """What a casefolded text wants that parts it from others: a number from 1, 0 if unsaid.

    ANYTHING where it is a whole sentence or question.
    """
    words = _words(text)
    kind = _marker(words)
    if _is_talk(words, kind):
        return ANYTHING
    return PARTING.index(kind) + 1 if kind in PARTING else 0


def _is_talk(words: list[str], kind: str) -> bool:
    speaks = not _PERSONS.isdisjoint(words)
    if kind in PARTING:
        return len(words) > _TALK or (kind == "buy" and speaks)
    return speaks or not _ASKING.isdisjoint(words[:1])


def inferred_intent(text: str) -> str:
    """The intent that a keyword's words tell, "" where they tell none."""
    return _INTENTS.get(marker(text.casefold()), "")
