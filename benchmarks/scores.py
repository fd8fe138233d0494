"""How well a partition agrees with the true one, 0 to 1."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

Labels = Sequence[Hashable]


def v_measure(true: Labels, found: Labels) -> float:
    """The harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007)."""
    both, of_true, of_found = _counts(true, found)
    shared = sum(
        count / len(true) * math.log(count * len(true) / (of_true[one] * of_found[other]))
        for (one, other), count in both.items()
    )
    entropies = _entropy(of_true) + _entropy(of_found)
    return 2 * shared / entropies if entropies else 1.0


def adjusted_rand(true: Labels, found: Labels) -> float:
    """The share of pairs they agree on, beyond what chance would (Hubert and Arabie 1985)."""
    both, of_true, of_found = _counts(true, found)
    together, in_true, in_found = map(_pairs, (both, of_true, of_found))
    by_chance = in_true * in_found / math.comb(len(true), 2)
    most = (in_true + in_found) / 2
    return (together - by_chance) / (most - by_chance) if most != by_chance else 1.0


def _counts(true: Labels, found: Labels) -> tuple[Counter, Counter, Counter]:
    return Counter(zip(true, found, strict=True)), Counter(true), Counter(found)


def _entropy(counts: Counter) -> float:
    total = counts.total()
    return -sum(count / total * math.log(count / total) for count in counts.values())


def _pairs(counts: Counter) -> int:
    return sum(math.comb(count, 2) for count in counts.values())
