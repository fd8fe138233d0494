"""What a cluster's keywords make of it: its head and its intent, by the clusterer's rules."""

from collections.abc import Collection

from igny8_core.core.bulk import write_fields
from igny8_core.planner.clustering import Counted, head_of, intent_of
from igny8_core.planner.models import Cluster, Keyword


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
        cluster.intent = intent_of(members[pk]) or None
    write_fields(list(own.values()), ["head_keyword", "intent"])
