"""Which of a cluster's keywords is its head, and what its searches want, whoever grouped them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from igny8_core.planner.clustering.intents import inferred_intent


class Counted(NamedTuple):
    """What of a keyword counts for its cluster.

    volume: searches a month, None where unknown
    similarity: how near it is to its cluster, 0 to 1; None where nobody has measured it
    intent: as a file or a person says it; where nobody does, it is read from the words
    """

    text: str
    volume: int | None
    similarity: float | None
    intent: str | None


def rank(one: Counted) -> tuple[int, float, str]:
    """Sorts the head first: most volume, of equals the most typical, of equals the alphabet."""
    return -_known(one), -rounded(one.similarity), one.text


def head_of(members: Iterable[Counted]) -> str:
    """The text of the head; raises ValueError where there is no member."""
    return min(members, key=rank).text


def intent_of(members: Sequence[Counted]) -> str:
    """The intent that most searches have, "" where most tell none; each counts as one at least."""
    weights: Counter[str] = Counter()
    for one in members:
        weights[one.intent or inferred_intent(one.text)] += max(_known(one), 1)
    return max(weights, key=lambda intent: (weights[intent], intent), default="")


def rounded(similarity: float | None) -> float:
    """Four decimals within 0 to 1, so that the last bits of a sum decide no order; unknown is 0."""
    return round(min(1.0, max(0.0, similarity or 0.0)), 4)


def _known(one: Counted) -> int:
    """Unknown is less than none."""
    return -1 if one.volume is None else one.volume
