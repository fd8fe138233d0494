"""What a site has, made ready for many comparisons.

A word weighs by its rarity in the site: in a shoe shop "shoe" says little, "trail" much. Two
phrases overlap by the weight of their common words over that of all words of both.
"""

from collections import defaultdict
from collections.abc import Iterator

from igny8_core.planner.overlap.topics import WRITTEN, Key, Overlap, Topic, Topics, Verdict
from igny8_core.planner.wording import is_way, root

#: From here on two phrases mean the same.
SAME = 0.8
#: From here on they share a part; where one holds all words of the other, less is enough.
PART, PART_HELD = 0.5, 0.35


class Ground:
    """`Ground(what_the_site_has).under(something_new)`.

    Topics are looked at once, one by one, and again where a verdict names them.
    """

    def __init__(self, topics: Topics) -> None:
        # No process loads numpy before it compares anything.
        import numpy as np

        from igny8_core.planner.overlap.likeness import Likeness

        self._topics = topics
        self._kin: dict[Key, list[int]] = defaultdict(list)
        self._place: dict[Key, int] = {}
        self._likeness = Likeness(self._noted(), least=PART_HELD)
        self._written = np.array([kind in WRITTEN for kind, _ in self._place], bool)

    def _noted(self) -> Iterator[tuple[frozenset[str], ...]]:
        """The phrases of each; where it is and what it comes from are kept on the way."""
        for place, topic in enumerate(self._topics):
            self._place[topic.key] = place
            for key in topic.family:
                self._kin[key].append(place)
            yield topic.phrases

    def under(self, subject: Topic) -> Overlap:
        """What the subject collides with most: the same before a part, the written before plans."""
        places, scores, held = self._likeness.to(subject.phrases, without=self._kin_of(subject))
        same = scores >= SAME
        part = (scores >= PART) | held
        rank = part * (same * 4.0 + self._written[places] * 2 + scores)
        if not rank.any():
            return Overlap()
        best = int(rank.argmax())
        other = self._topics[places[best]]
        verdict = _verdict(same=bool(same[best]), is_written=other.is_written)
        return Overlap(verdict, other, round(float(scores[best]), 3), self._common(subject, other))

    def _kin_of(self, subject: Topic) -> list[int]:
        """Where the subject itself is, what it comes from, and what has come from it."""
        line = [subject.key, *subject.family]
        found = [self._place[key] for key in line if key in self._place]
        return found + self._kin.get(subject.key, [])

    def _common(self, subject: Topic, other: Topic) -> tuple[str, ...]:
        """The words that the two phrases most alike share, the most telling first."""
        mine, others = self._likeness.pair(subject.phrases, other.phrases)
        roots = set(map(root, others))
        shared = [word for word in mine if root(word) in roots and not is_way(word)]
        return tuple(sorted(shared, key=lambda word: (-self._likeness.weight(word), word)))


def _verdict(*, same: bool, is_written: bool) -> Verdict:
    if not same:
        return Verdict.NARROW
    return Verdict.REFRESH if is_written else Verdict.MERGE
