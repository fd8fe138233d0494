"""Which keywords say the same in another order, number or with other small words.

"Map of the Game of Thrones" and "game of thrones maps" want one page, and a graph whose nodes are
spellings is torn between the many of them: each wording is one node.
"""

from collections.abc import Sequence

import numpy as np

from igny8_core.planner.clustering.intents import ANYTHING
from igny8_core.planner.wording import content_words

# "Top 10 tools" and "5 best tools" name lists, not models.
_OF_LISTS = content_words("top best way tip thing reason example step idea")


def wordings(texts: Sequence[str], wants: np.ndarray) -> np.ndarray:
    """Number of the wording, 0 to wordings - 1, of each casefolded text.

    What wants different things is never of one wording; what wants anything is of that which says
    nothing.
    """
    known: dict[tuple[frozenset[str], int], int] = {}
    found = [
        known.setdefault((content_words(text), max(want, 0)), len(known))
        for text, want in zip(texts, wants.tolist(), strict=True)
    ]
    return np.array(found, np.int64)


def models(texts: Sequence[str], wants: np.ndarray) -> np.ndarray:
    """For each casefolded text the number that stands for its numbers, from 1; 0 where it has none.

    "iPhone 13 case" and "case for iPhone 13" have the same. Years and lengths of lists are none,
    and neither is what somebody mentions in a whole sentence.
    """
    known: dict[frozenset[str], int] = {frozenset(): 0}
    found = [
        0 if want == ANYTHING else known.setdefault(_numbers(text), len(known))
        for text, want in zip(texts, wants.tolist(), strict=True)
    ]
    return np.array(found, np.int64)


def _numbers(text: str) -> frozenset[str]:
    if not any(map(str.isdigit, text)):
        return frozenset()
    words = content_words(text)
    numbers = frozenset(word for word in words if any(map(str.isdigit, word)))
    return numbers if _OF_LISTS.isdisjoint(words) else frozenset(filter(_is_named, numbers))


def _is_named(number: str) -> bool:
    """Whether it has letters: "PS5" is a model among the best of anything."""
    return not number.isdecimal()
