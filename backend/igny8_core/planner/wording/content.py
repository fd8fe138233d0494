"""The words that say what a text is about."""

from igny8_core.planner.wording.spelling import cut, singular
from igny8_core.planner.wording.ways import ways_of

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
_YEARS = range(2010, 2040)


def content_words(folded: str) -> frozenset[str]:
    """Of a folded text: in the singular, without fillers and years; all where nothing else is.

    Where the text tells a way from one thing to another, that is there as a word, too.
    """
    every = list(map(singular, cut(folded)))
    words = frozenset(every)
    years = _years(every) if "20" in folded else frozenset[str]()
    return (words - _FILLERS - years or words) | ways_of(every, _FILLERS)


def _years(words: list[str]) -> set[str]:
    """Numbers that end the text, or have a word beside them that goes with years."""
    return {
        word
        for place, word in enumerate(words)
        if _may_be_year(word)
        and (word == words[-1] or not _BESIDE_YEARS.isdisjoint(_beside(words, place)))
    }


def _may_be_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and int(word) in _YEARS


def _beside(words: list[str], place: int) -> list[str]:
    return words[max(0, place - 1) : place] + words[place + 1 : place + 2]
