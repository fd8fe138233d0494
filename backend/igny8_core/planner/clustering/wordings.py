"""Which keywords say the same in another order, number or with other small words.

"Map of the Game of Thrones" and "game of thrones maps" want one page, and a graph whose nodes are
spellings is torn between the many of them: each wording is one node.
"""

from collections.abc import Sequence
from typing import NamedTuple

from igny8_core.planner.clustering.intents import wish
from igny8_core.planner.wording import core_words


class Wording(NamedTuple):
    """What keywords share that say the same; want: 0 where they say nothing, or might any."""

    words: frozenset[str]
    want: int


def wording_of(text: str) -> Wording:
    """The wording of a casefolded text."""
    return Wording(core_words(text), max(wish(text), 0))


def wordings(texts: Sequence[str]) -> list[int]:
    """Number of the wording, 0 to wordings - 1, of each casefolded text."""
    known: dict[Wording, int] = {}
    return [known.setdefault(wording_of(text), len(known)) for text in texts]
