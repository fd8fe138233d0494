"""Which of many texts a misspelt one stands for."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable

#: How many of their pairs of letters two spellings must share, 0 to 1 (Dice's coefficient).
_ALIKE = 0.75
#: No keyword is half as long.
_MOST_LETTERS = 1_000
_NUMBER = re.compile(r"\d+")

#: A pair of letters and how many of the same stand before it.
_Pair = tuple[str, int]


class Spellings:
    """Folded texts that a name may stand for, found by the rarest of the letters they share."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._pairs = {text: _pairs(text) for text in texts}
        self._order = {text: number for number, text in enumerate(self._pairs)}
        self._having: dict[_Pair, set[str]] = defaultdict(set)
        for text, pairs in self._pairs.items():
            for pair in pairs:
                self._having[pair].add(text)

    def discard(self, text: str) -> None:
        """No name stands for the text any more."""
        for pair in self._pairs.pop(text, ()):
            self._having[pair].discard(text)

    def nearest(self, name: str) -> str | None:
        """The text most like the name, the first of equals; None where none is like enough."""
        if len(name) > _MOST_LETTERS:
            return None
        pairs, numbers = _pairs(name), _NUMBER.findall(name)
        # No number is misspelt.
        likeness = {
            text: 2 * len(pairs & self._pairs[text]) / (len(pairs) + len(self._pairs[text]))
            for text in self._candidates(pairs)
            if _NUMBER.findall(text) == numbers
        }
        best = min(likeness, key=lambda text: (-likeness[text], self._order[text]), default=None)
        return best if best is not None and likeness[best] >= _ALIKE else None

    def _candidates(self, pairs: frozenset[_Pair]) -> set[str]:
        """The texts that may be like enough.

        Those share at least so many of the pairs that one of the few rarest must be among them.
        """
        least = math.ceil(len(pairs) * _ALIKE / (2 - _ALIKE))
        rarest = sorted(pairs, key=lambda pair: (len(self._having.get(pair, ())), pair))
        telling = rarest[: len(pairs) - least + 1]
        return {text for pair in telling for text in self._having.get(pair, ())}


def _pairs(text: str) -> frozenset[_Pair]:
    met: dict[str, int] = defaultdict(int)
    padded = f" {text} "
    found = set()
    for start in range(len(padded) - 1):
        pair = padded[start : start + 2]
        found.add((pair, met[pair]))
        met[pair] += 1
    return frozenset(found)
