"""How alike phrases are: one against a site's hundred thousand at once."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from igny8_core.planner.wording import is_way, root, way_back

Phrase: TypeAlias = frozenset[str]
Whole: TypeAlias = npt.NDArray[np.int64]
Real: TypeAlias = npt.NDArray[np.float64]
Marks: TypeAlias = npt.NDArray[np.bool_]

# Scores are kept in whole billionths: what the order of a sum changes in them is cut off.
_ONE = 10**9
# No word weighs less than log 2: a difference of sums that is smaller than this is none.
_NOTHING = 1e-6


class _Numbers(dict[str, int]):
    """A number for each word it is asked for; forms of one word have that of their root."""

    def __init__(self) -> None:
        self.count = 0
        self.ways: list[int] = []

    def __missing__(self, word: str) -> int:
        stem = root(word)
        if stem != word:
            number = self[stem]
        else:
            number, self.count = self.count, self.count + 1
            if is_way(word):
                self.ways.append(number)
        self[word] = number
        return number


class Likeness:
    """The phrases of things by their words, each counted and weighed once.

    phrases: those of each thing, read once and not kept
    least: a score below it is of no interest
    """

    def __init__(self, phrases: Iterable[Sequence[Phrase]], least: float) -> None:
        self._least, self._number = least, _Numbers()
        of_thing, of_phrase, words = self._read(phrases)
        self._things = len(of_thing)
        self._thing = np.repeat(np.arange(self._things), of_thing)
        phrase = np.repeat(np.arange(len(of_phrase)), of_phrase)
        order = np.argsort(words, kind="stable")
        self._having = phrase[order]
        self._ends = np.cumsum(np.bincount(words, minlength=self._number.count))
        self._weights = self._rarity(self._thing[self._having], words[order])
        self._sums = np.bincount(phrase, self._weights[words], len(self._thing))

    def to(self, phrases: Iterable[Phrase], without: Iterable[int]) -> tuple[Whole, Real, Marks]:
        """The things that reach the least; their best scores; whether one holds all of the other.

        without: things that do not count
        """
        best = np.zeros(self._things, np.int64)
        for phrase in phrases:
            np.maximum.at(best, *self._scores(phrase))
        best[list(without)] = 0
        near = np.flatnonzero(best)
        return near, (best[near] >> 1) / _ONE, best[near] % 2 == 1

    def pair(self, mine: Iterable[Phrase], others: Sequence[Phrase]) -> tuple[Phrase, Phrase]:
        """Of these phrases the two that are most alike; of equals the first."""
        return max(((a, b) for a in mine for b in others), key=lambda pair: self._between(*pair))

    def weight(self, word: str) -> float:
        """What the word tells: the more, the fewer of the things have it."""
        number = self._number.get(root(word))
        return float(self._weight(0) if number is None else self._weights[number])

    def _read(self, things: Iterable[Sequence[Phrase]]) -> tuple[Whole, Whole, Whole]:
        """How many phrases each thing has, how many words each phrase; the words' numbers."""
        # No set is left behind: of so many the garbage collector makes much work.
        of_thing, of_phrase, words = array("q"), array("q"), array("q")
        for phrases in things:
            of_thing.append(len(phrases))
            for phrase in phrases:
                numbers = {self._number[word] for word in phrase}
                of_phrase.append(len(numbers))
                words.extend(numbers)
        return _whole(of_thing), _whole(of_phrase), _whole(words)

    def _rarity(self, thing: Whole, word: Whole) -> Real:
        """The weight of each word, by how many things have it in any of their phrases.

        Given in the order of words and things. A way weighs nothing: its ends are words, too.
        """
        once = (np.diff(word, prepend=-1) != 0) | (np.diff(thing, prepend=-1) != 0)
        weights = self._weight(np.bincount(word[once], minlength=self._number.count))
        weights[self._number.ways] = 0
        return weights

    def _weight(self, having: Whole | int) -> Real:
        return np.log(1 + (self._things + 1) / (np.asarray(having) + 1))

    def _scores(self, phrase: Phrase) -> tuple[Whole, Whole]:
        """The things whose phrases reach the least with this one, and twice their scores.

        Odd where one phrase holds all words of the other: of equal scores that is the greater.
        """
        own, common = self._sum(_roots(phrase)), self._common(phrase)
        near = np.flatnonzero(common > max(self._least * own, _NOTHING) - _NOTHING)
        shared, sums = common[near], self._sums[near]
        scores = np.rint(shared / (own + sums - shared) * _ONE).astype(np.int64)
        held = (shared > own - _NOTHING) | (shared > sums - _NOTHING)
        enough = scores >= round(self._least * _ONE)
        return self._thing[near][enough], (2 * scores + held)[enough]

    def _common(self, phrase: Phrase) -> Real:
        """The weight that each phrase shares with this one; none where one is the way back."""
        common = np.zeros(len(self._thing))
        for word in _roots(phrase):
            common[self._with(word)] += self.weight(word)
        for way in filter(is_way, phrase):
            common[self._with(way_back(way))] = 0
        return common

    def _with(self, word: str) -> Whole:
        """The phrases that have this word, which is its own root."""
        number = self._number.get(word)
        if number is None:
            return self._having[:0]
        return self._having[self._ends[number - 1] if number else 0 : self._ends[number]]

    def _between(self, one: Phrase, other: Phrase) -> tuple[int, bool]:
        if any(way_back(way) in other for way in filter(is_way, one)):
            return 0, False
        a, b = _roots(one), _roots(other)
        return round(self._sum(a & b) / self._sum(a | b) * _ONE), a <= b or b <= a

    def _sum(self, words: Iterable[str]) -> float:
        return sum(map(self.weight, words))


def _roots(phrase: Phrase) -> set[str]:
    return {root(word) for word in phrase if not is_way(word)}


def _whole(numbers: "array[int]") -> Whole:
    return np.frombuffer(numbers, np.int64)
