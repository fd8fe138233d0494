"""What a clustering run found, put into the site's clusters."""

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
from igny8_core.planner.summing import sum_up


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
    #: The cluster it joins; None: the one of its name, or a new one.
    cluster_id: int | None = None


@transaction.atomic(savepoint=False)
def save_groups(site: Site, groups: Sequence[GroupToSave], *, again: bool = False) -> list[int]:
    """Put the groups' keywords into clusters; answers the new ones.

    A group joins the living cluster it names by id, else the one of its name. A keyword that was
    deleted, or that has got a cluster since, is left alone; with `again` only those that a person
    has put there, or of locked clusters, are. Clusters that `again` leaves empty and no person
    edited go to the trash.
    """
    lock_site(site.account_id, site.pk)
    free = _free_keywords(site, groups, again=again)
    placed = [group for group in groups if any(one.keyword_id in free for one in group.members)]
    clusters, new = _clusters_of(site, placed)
    moved = _move(free, list(zip(placed, clusters, strict=True)))
    touched = {keyword.cluster_id for keyword in moved if keyword.cluster_id}
    before = {cluster for cluster, _ in free.values() if cluster}
    _trash_emptied(site, before - touched)
    sum_up(before | touched)
    return [pk for pk in new if pk in touched]


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
            if keyword.may_be_moved:
                found[keyword.pk] = (keyword.cluster_id, keyword)
    return found


def _clusters_of(site: Site, groups: Sequence[GroupToSave]) -> tuple[list[Cluster], list[int]]:
    """The living cluster of each group: by its id, else by its name, made where there is none.

    And the ids of those that were made.
    """
    living = Cluster.objects.for_account(site.account_id).filter(site=site)
    ids = {group.cluster_id for group in groups if group.cluster_id}
    by_id = living.in_bulk(ids) if ids else {}
    wanted: dict[str, GroupToSave] = {}
    for group in groups:
        if group.cluster_id not in by_id:
            wanted.setdefault(folded_name(group.name), group)
    named = {row.folded: row for row in living.filter(folded__in=wanted).order_by("-pk")}
    new = Cluster.unscoped.bulk_create(
        [_new_cluster(site, group) for name, group in wanted.items() if name not in named]
    )
    named |= {cluster.folded: cluster for cluster in new}
    found = [by_id.get(group.cluster_id or 0) or named[folded_name(group.name)] for group in groups]
    return found, [cluster.pk for cluster in new]


def _new_cluster(site: Site, group: GroupToSave) -> Cluster:
    cluster = Cluster(account_id=site.account_id, site=site, description=clip(group.description))
    cluster.set_name(clip(group.name, 255))
    return cluster


def _move(
    free: dict[int, tuple[int | None, Keyword]],
    groups: Iterable[tuple[GroupToSave, Cluster]],
) -> list[Keyword]:
    """Point every free keyword to the cluster of the first group that names it."""
    moved: dict[int, Keyword] = {}
    for group, cluster in groups:
        for member in group.members:
            if member.keyword_id not in free or member.keyword_id in moved:
                continue
            _, keyword = free[member.keyword_id]
            keyword.cluster = cluster
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


def _trash_emptied(site: Site, cluster_ids: Iterable[int]) -> None:
    left = Cluster.objects.for_account(site.account_id).filter(pk__in=cluster_ids, locked=False)
    inhabited = Keyword.unscoped.filter(cluster__in=cluster_ids, deleted_at=None)
    left.exclude(pk__in=inhabited.values("cluster")).update(deleted_at=timezone.now())
