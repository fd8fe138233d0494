"""What names what a keyword is about so that another is about something else.

Numbers ("iPhone 13", "iPhone 14"), and ways that have a way back ("PDF to Word", "Word to PDF").
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from igny8_core.planner.wording import core_words, cut, is_way, may_be_year, way_back

#: What so many keywords of a group name by a number has a page of its own.
OF_A_PAGE = 3
_BITS = 64

# "Top 10 tents", "5 best tents" and "7 ways to dry a tent" tell how long a list is, "under 100" a
# price.
_BEFORE = frozenset(["top", "best", "under", "below", "over", "than"])
_BEHIND = frozenset(["best", "top", "ways", "tips", "things", "reasons", "examples", "ideas"])


def numbers_of(text: str) -> frozenset[str]:
    """The words of a casefolded text that have a digit, but years, prices and lengths of lists."""
    if not any(map(str.isdigit, text)):
        return frozenset()
    words = ["", *cut(text), ""]
    return frozenset(
        word
        for before, word, behind in zip(words, words[1:], words[2:], strict=False)
        if any(map(str.isdigit, word)) and not _is_no_name(before, word, behind)
    )


def _is_no_name(before: str, word: str, behind: str) -> bool:
    if not word.isdecimal():
        return False
    is_length = before in _BEFORE or (not before and behind in _BEHIND)
    return is_length or may_be_year(word)


def names_of(texts: Sequence[str]) -> list[frozenset[str]]:
    """The numbers of each casefolded text, and its ways that another of them has back."""
    words = list(map(core_words, texts))
    ways = {word for some in words for word in some if is_way(word)}
    both = {way for way in ways if way_back(way) in ways}
    return [numbers_of(text) | some & both for text, some in zip(texts, words, strict=True)]


def bits_of(numbers: Sequence[frozenset[str]]) -> np.ndarray:
    """A bit for each number, in 64 for each keyword; those that are in most keywords share none."""
    having = Counter(number for some in numbers for number in some)
    common = sorted(having, key=lambda number: (-having[number], number))
    bit = {number: 1 << place % _BITS for place, number in enumerate(common)}
    return np.array([sum({bit[number] for number in some}) for some in numbers], np.uint64)


def unlike(bits: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether two name different numbers: neither has all of the other's."""
    common = bits & others
    return (common != bits) & (common != others)


def by_models(
    labels: np.ndarray, numbers: Sequence[frozenset[str]], sizes: np.ndarray
) -> np.ndarray:
    """Of each group what names one of several numbers that keywords enough have goes apart.

    sizes: keywords that each node stands for
    """
    having: Counter[tuple[int, str]] = Counter()
    for label, some, size in zip(labels.tolist(), numbers, sizes.tolist(), strict=True):
        having.update({(label, number): size for number in some})
    pages = Counter(label for (label, _), size in having.items() if size >= OF_A_PAGE)
    named = [
        (label, _page(label, some, having) if pages[label] > 1 else "")
        for label, some in zip(labels.tolist(), numbers, strict=True)
    ]
    place = {one: number for number, one in enumerate(sorted(set(named)))}
    return np.array([place[one] for one in named])


def _page(label: int, numbers: frozenset[str], having: Counter[tuple[int, str]]) -> str:
    """The number that has a page in the group, of several the commonest."""
    enough = [number for number in numbers if having[label, number] >= OF_A_PAGE]
    return max(enough, key=lambda number: (having[label, number], number), default="")
