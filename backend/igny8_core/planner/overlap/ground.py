"""What a site has, made ready for many comparisons.

A word weighs by its rarity in the site: in a shoe shop "shoe" says little, "trail" much. Two
phrases overlap by the weight of their common words over that of all words of both.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log

from igny8_core.planner.overlap.topics import Overlap, Topic, Verdict

Phrase = frozenset[str]

#: From here on two phrases mean the same.
SAME = 0.8
#: From here on they share a part; where one holds all words of the other, less is enough.
PART, PART_HELD = 0.5, 0.35


class Ground:
    """`Ground(what_the_site_has).under(something_new)`."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = topics
        self._having: dict[str, list[int]] = defaultdict(list)
        for place, topic in enumerate(topics):
            for word in frozenset().union(*topic.phrases):
                self._having[word].append(place)

    def under(self, subject: Topic) -> Overlap:
        """What the subject collides with most: the same before a part, the written before plans."""
        best, rank = Overlap(), (0, False, 0.0)
        for place in sorted(self._near(subject)):
            other = self._topics[place]
            if subject.is_kin(other):
                continue
            found = self._between(subject, other)
            its_rank = (_level(found.verdict), other.is_written, found.score)
            if found.verdict != Verdict.NEW and its_rank > rank:
                best, rank = found, its_rank
        return best

    def _between(self, subject: Topic, other: Topic) -> Overlap:
        """How the two phrases that are most alike are alike."""
        pairs = [(a, b) for a in subject.phrases for b in other.phrases if a & b]
        if not pairs:
            return Overlap()
        a, b = max(pairs, key=lambda pair: (self._score(*pair), sorted(pair[0])))
        score = self._score(a, b)
        verdict = self._verdict(score, held=a <= b or b <= a, is_written=other.is_written)
        common = tuple(sorted(a & b, key=lambda word: (-self._weight(word), word)))
        return Overlap(verdict, other, round(score, 3), common)

    def _verdict(self, score: float, *, held: bool, is_written: bool) -> Verdict:
        if score >= SAME:
            return Verdict.REFRESH if is_written else Verdict.MERGE
        return Verdict.NARROW if score >= (PART_HELD if held else PART) else Verdict.NEW

    def _near(self, subject: Topic) -> set[int]:
        """All topics that can reach the lowest score with one of the subject's phrases."""
        words = {word for phrase in subject.phrases for word in self._needed(phrase)}
        return {place for word in words for place in self._having.get(word, ())}

    def _needed(self, phrase: Phrase) -> Iterator[str]:
        """Words of which a phrase near this one has at least one: all but the commonest.

        Those left out are together lighter than what must be common.
        """
        least, without = PART_HELD * self._sum(phrase), 0.0
        for word in sorted(phrase, key=lambda word: (self._weight(word), word)):
            without += self._weight(word)
            if without >= least:
                yield word

    def _score(self, a: Phrase, b: Phrase) -> float:
        return self._sum(a & b) / self._sum(a | b)

    def _sum(self, words: Phrase) -> float:
        return sum(map(self._weight, sorted(words)))

    def _weight(self, word: str) -> float:
        return log(1 + (len(self._topics) + 1) / (len(self._having.get(word, ())) + 1))


def _level(verdict: Verdict) -> int:
    """0 for nothing, 1 for a part, 2 for the same."""
    return {Verdict.NEW: 0, Verdict.NARROW: 1}.get(verdict, 2)
