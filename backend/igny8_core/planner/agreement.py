"""How far two ways of grouping the same things agree."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def agreement(
    one: Iterable[Sequence[Hashable]], other: Iterable[Sequence[Hashable]]
) -> float | None:
    """Of the pairs that either puts together, the share that both do (Jaccard), 0 to 1.

    Each thing is in at most one group of either; None where neither puts any two together.
    """
    groups, others = list(one), list(other)
    place = {thing: number for number, group in enumerate(others) for thing in group}
    both = sum(_pairs(Counter(place[t] for t in group if t in place).values()) for group in groups)
    either = _pairs(map(len, groups)) + _pairs(map(len, others)) - both
    return both / either if either else None


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
