"""What a clustering run found, put into the site's clusters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from igny8_core.core.bulk import pieces, write_fields
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Site
from igny8_core.core.texts import clip
from igny8_core.planner.clustering import inferred_intent
from igny8_core.planner.models import Cluster, Keyword, folded_name


class Member(NamedTuple):
    """A keyword of a group: who put it there and, where it was measured, how near it is."""

    keyword_id: int
    assigned_by: str
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class GroupToSave:
    """A cluster as a run proposes it."""

    name: str
    members: Sequence[Member]
    description: str = ""


@transaction.atomic(savepoint=False)
def save_groups(site: Site, groups: Sequence[GroupToSave], *, again: bool = False) -> list[int]:
    """Put the groups' keywords into clusters; answers the clusters that got any.

    A group joins the living cluster of its name. A keyword that was deleted, or that has got a
    cluster since, is left alone; with `again` only those of locked clusters are. Clusters that
    `again` leaves empty and no person edited go to the trash.
    """
    lock_site(site.account_id, site.pk)
    free = _free_keywords(site, groups, again=again)
    clusters = _clusters_named(site, groups, free)
    moved = _move(free, groups, clusters)
    touched = {keyword.cluster_id for keyword in moved}
    _sum_up([cluster for cluster in clusters.values() if cluster.pk in touched])
    _trash_emptied(site, {before for before, _ in free.values() if before} - touched)
    return [cluster.pk for cluster in clusters.values() if cluster.pk in touched]


def _free_keywords(
    site: Site, groups: Iterable[GroupToSave], *, again: bool
) -> dict[int, tuple[int | None, Keyword]]:
    """The keywords that may be moved, locked until the transaction ends, and where they were."""
    ids = sorted({member.keyword_id for group in groups for member in group.members})
    living = Keyword.objects.for_account(site.account_id).filter(site=site).order_by("pk")
    allowed = living if again else living.filter(cluster=None)
    found: dict[int, tuple[int | None, Keyword]] = {}
    for piece in pieces(ids):
        rows = allowed.filter(pk__in=piece).select_related("cluster")
        for keyword in rows.select_for_update(of=("self",), no_key=True):
            if keyword.cluster is None or not keyword.cluster.locked:
                found[keyword.pk] = (keyword.cluster_id, keyword)
    return found


def _clusters_named(
    site: Site, groups: Iterable[GroupToSave], free: dict[int, tuple[int | None, Keyword]]
) -> dict[str, Cluster]:
    """The living cluster of each folded name, made where there is none."""
    wanted: dict[str, GroupToSave] = {}
    for group in groups:
        if any(member.keyword_id in free for member in group.members):
            wanted.setdefault(folded_name(group.name), group)
    living = Cluster.objects.for_account(site.account_id).filter(site=site, folded__in=wanted)
    clusters = {row.folded: row for row in living.order_by("-pk")}
    new = [_new_cluster(site, group) for name, group in wanted.items() if name not in clusters]
    clusters |= {cluster.folded: cluster for cluster in Cluster.unscoped.bulk_create(new)}
    return {name: clusters[name] for name in wanted}


def _new_cluster(site: Site, group: GroupToSave) -> Cluster:
    cluster = Cluster(account_id=site.account_id, site=site, description=clip(group.description))
    cluster.set_name(clip(group.name, 255))
    return cluster


def _move(
    free: dict[int, tuple[int | None, Keyword]],
    groups: Iterable[GroupToSave],
    clusters: dict[str, Cluster],
) -> list[Keyword]:
    """Point every free keyword to the first group that names it."""
    moved: dict[int, Keyword] = {}
    for group in groups:
        for member in group.members:
            if member.keyword_id not in free or member.keyword_id in moved:
                continue
            _, keyword = free[member.keyword_id]
            keyword.cluster = clusters[folded_name(group.name)]
            keyword.assigned_by = member.assigned_by
            keyword.similarity = member.similarity
            _infer_intent(keyword)
            moved[keyword.pk] = keyword
    rows = list(moved.values())
    write_fields(rows, ["cluster", "assigned_by", "similarity", "intent", "intent_inferred"])
    return rows


def _infer_intent(keyword: Keyword) -> None:
    """What neither a file nor a person has said, where the words tell it; marked as such."""
    if keyword.intent is None and (intent := inferred_intent(keyword.keyword)):
        keyword.intent, keyword.intent_inferred = intent, True


def _sum_up(clusters: Sequence[Cluster]) -> None:
    """Name each cluster's head keyword and intent anew, but not where a person has spoken."""
    own = {cluster.pk: cluster for cluster in clusters if not cluster.locked}
    members: dict[int, list[tuple[int, str, str | None]]] = {pk: [] for pk in own}
    rows = Keyword.unscoped.filter(cluster__in=own, deleted_at=None).order_by("pk")
    for pk, text, volume, intent in rows.values_list("cluster", "keyword", "volume", "intent"):
        members[pk].append((-1 if volume is None else volume, text, intent))
    for pk, cluster in own.items():
        cluster.head_keyword = max(members[pk], key=lambda member: member[0])[1]
        cluster.intent = _dominant(members[pk])
    write_fields(list(own.values()), ["head_keyword", "intent"])


def _dominant(members: Iterable[tuple[int, str, str | None]]) -> str | None:
    """The intent that most searches have; a keyword of unknown volume counts as one."""
    weights: Counter[str] = Counter()
    for volume, _, intent in members:
        if intent:
            weights[intent] += max(volume, 1)
    return weights.most_common(1)[0][0] if weights else None


def _trash_emptied(site: Site, cluster_ids: Iterable[int]) -> None:
    left = Cluster.objects.for_account(site.account_id).filter(pk__in=cluster_ids, locked=False)
    inhabited = Keyword.unscoped.filter(cluster__in=cluster_ids, deleted_at=None)
    left.exclude(pk__in=inhabited.values("cluster")).update(deleted_at=timezone.now())
