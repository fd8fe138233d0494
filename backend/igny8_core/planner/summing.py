"""What a cluster's keywords make of it: its head keyword and its intent.

By the clusterer's rules, whoever put the keywords there.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from igny8_core.core.bulk import write_fields
from igny8_core.planner.clustering import inferred_intent
from igny8_core.planner.models import Cluster, Keyword


class Counted(NamedTuple):
    """What of a keyword counts for its cluster."""

    text: str
    volume: int | None
    similarity: float | None
    intent: str | None


def sum_up(cluster_ids: Collection[int]) -> None:
    """Name each living cluster's head keyword and intent anew, but not where a person has spoken.

    One that has no keyword any more has neither.
    """
    own = {
        cluster.pk: cluster
        for cluster in Cluster.unscoped.filter(pk__in=cluster_ids, deleted_at=None, locked=False)
    }
    members: dict[int, list[Counted]] = {pk: [] for pk in own}
    rows = Keyword.unscoped.filter(cluster__in=own, deleted_at=None).values_list(
        "cluster", "keyword", "volume", "similarity", "intent"
    )
    for pk, text, volume, similarity, intent in rows:
        members[pk].append(Counted(text, volume, similarity, intent))
    for pk, cluster in own.items():
        cluster.head_keyword = head_of(members[pk]) if members[pk] else ""
        cluster.intent = intent_of(members[pk])
    write_fields(list(own.values()), ["head_keyword", "intent"])


def head_of(members: Sequence[Counted]) -> str:
    """The highest volume, of equals the most typical, of equals the first by the alphabet."""
    return min(members, key=lambda one: (-_known(one), -(one.similarity or 0.0), one.text)).text


def intent_of(members: Sequence[Counted]) -> str | None:
    """The intent that most searches have, None where most tell none."""
    weights: Counter[str] = Counter()
    for one in members:
        weights[one.intent or inferred_intent(one.text)] += max(_known(one), 1)
    most = max(weights, key=lambda intent: (weights[intent], intent), default="")
    return most or None


def _known(one: Counted) -> int:
    """Unknown is less than none."""
    return -1 if one.volume is None else one.volume
