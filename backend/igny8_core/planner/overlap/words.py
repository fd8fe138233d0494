"""The words that say what a text is about."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from igny8_core.planner.intake import fold
from igny8_core.planner.overlap.spelling import cut, singular
from igny8_core.planner.overlap.ways import ways_of

# With its path in brackets; urlsplit takes four times as long.
_ADDRESS = re.compile(r"(?:[^/]*//[^/?#]*)?([^?#]*)")
_ENDING = re.compile(r"\.(x?html?|php|aspx?|jsp)$")
# They hold sentences and headlines together and are in too many of them to tell topics apart.
_FILLERS = frozenset(
    cut(
        """
        a an and are as at by for from in into is it my of on or our that the this to with you your
        complete definitive everything guide know need ultimate
        auf das dem den der die ein eine einen für im in mit oder und von zu zum zur
        avec con de des du el et la las le les los ou para por pour un una une y
        """
    )
) | set("のにはがをでともへや")
# Beside one of these a number such as 2025 is a year.
_BESIDE_YEARS = _FILLERS.union(cut("best beste besten top mejor mejores"))
_FIRST_YEAR = 2010
# Parts of an address that hold others together, or stand for a page without a name.
_NAMELESS = frozenset(
    cut(
        """
        index default home homepage main start welcome page pages post posts blog blogs news article
        articles category categories collection collections product products shop store item items
        tag tags topic topics archive archives search amp en de fr es it pt nl
        """
    )
)


def words_of(text: str) -> frozenset[str]:
    """Folded, in the singular, without fillers and years; all of them where nothing else is.

    Where the text tells a way from one thing to another, that is there as a word, too.
    """
    folded = fold(text)
    every = list(map(singular, cut(folded)))
    words = frozenset(every)
    years = _years(every) if "20" in folded else frozenset[str]()
    return (words - _FILLERS - years or words) | ways_of(every, _FILLERS)


def words_of_address(url: str) -> frozenset[str]:
    """The words of the last part of the path that is a name; of a home page none."""
    for part in reversed(_path(url).split("/")):
        slug = _ENDING.sub("", unquote(part).casefold())
        if _is_name(slug):
            return words_of(slug)
    return frozenset()


def _path(url: str) -> str:
    found = _ADDRESS.match(url)
    return found[1] if found else ""


def _years(words: list[str]) -> set[str]:
    """Numbers that end the text, or have a word beside them that goes with years."""
    return {
        word
        for place, word in enumerate(words)
        if _may_be_year(word)
        and (word == words[-1] or not _BESIDE_YEARS.isdisjoint(_beside(words, place)))
    }


def _may_be_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and _FIRST_YEAR <= int(word) <= _next_year()


def _beside(words: list[str], place: int) -> list[str]:
    return words[max(0, place - 1) : place] + words[place + 1 : place + 2]


def _next_year() -> int:
    return datetime.now(UTC).year + 1


def _is_name(slug: str) -> bool:
    return len(slug) > 1 and slug not in _NAMELESS and any(map(str.isalpha, slug))
