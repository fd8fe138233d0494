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
# What holds a keyword together, and is no name, brand or other word in one of these languages: "it
# jobs", "la restaurants", "on running shoes" and "die cast cars" are not jobs, restaurants, ...
_SMALL = frozenset(
    cut(
        """
        the of for in to with and from by at complete definitive ultimate
        für und von zum zur dem du pour avec para del de di
        """
    )
) | set("のにはがをでともへや")
_ARTICLES = frozenset(["a", "an"])
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


def core_words(folded: str) -> frozenset[str]:
    """Of a folded text: in the singular, without the smallest words and years that stand as such.

    Two texts that have the same say the same; the text itself where it has no words.
    """
    every = list(map(singular, cut(folded)))
    small = {word for place, word in enumerate(every) if _is_small(every, place)}
    years = _years(every) if "20" in folded else set()
    words = frozenset(every) - small - years or frozenset(every) or frozenset([folded])
    return words | ways_of(every, _FILLERS)


def _is_small(words: list[str], place: int) -> bool:
    """An article stands before something: "vitamin a" does not have one."""
    if words[place] in _ARTICLES:
        return place == 0 or words[place - 1] in _SMALL
    return words[place] in _SMALL or (words[place] == "on" and place > 0)


def _years(words: list[str]) -> set[str]:
    """Numbers that end the text, or have a word beside them that goes with years."""
    return {
        word
        for place, word in enumerate(words)
        if may_be_year(word)
        and (word == words[-1] or not _BESIDE_YEARS.isdisjoint(_beside(words, place)))
    }


def may_be_year(word: str) -> bool:
    """Whether the word could be a year of our time."""
    return len(word) == 4 and word.isdecimal() and int(word) in _YEARS


def _beside(words: list[str], place: int) -> list[str]:
    return words[max(0, place - 1) : place] + words[place + 1 : place + 2]
