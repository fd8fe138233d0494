"""Clusters, as people edit them and as the other rooms read them."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Avg, Count, FloatField, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import in_order
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Account, Site
from igny8_core.core.tenancy import AccountRef
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.models import Cluster, Keyword


class ClusterValues(TypedDict, total=False):
    """What a person may say of a cluster."""

    site: Site
    name: str
    description: str
    head_keyword: str
    intent: str | None
    locked: bool
    status: str


def counted(clusters: QuerySet[Cluster]) -> QuerySet[Cluster]:
    """The clusters with `keywords_count` and `volume`, the known volumes of their keywords."""
    members = _members()
    return clusters.annotate(
        keywords_count=Coalesce(Subquery(members.values(n=Count("pk"))), 0),
        volume=Subquery(members.values(n=Sum("volume"))),
    )


def measured(clusters: QuerySet[Cluster]) -> QuerySet[Cluster]:
    """The clusters with `mean_difficulty` and `cohesion`, the mean similarity of their keywords."""
    members = _members()
    return clusters.annotate(
        mean_difficulty=Subquery(members.values(n=Avg("difficulty", output_field=FloatField()))),
        cohesion=Subquery(members.values(n=Avg("similarity"))),
    )


def _members() -> QuerySet[Keyword, Any]:
    """The living keywords of the cluster that a query is about, taken together."""
    mine = {"account": OuterRef("account"), "cluster": OuterRef("pk")}
    return Keyword.unscoped.filter(**mine, deleted_at=None).order_by().values("cluster")


def clusters_for(account: AccountRef, cluster_ids: Sequence[int]) -> list[Cluster]:
    """The account's living clusters of these ids, in their order, with site and keywords."""
    keywords = Keyword.objects.for_account(account).order_by("-volume", "pk")
    clusters = Cluster.objects.for_account(account).select_related("site")
    return in_order(clusters.prefetch_related(Prefetch("keywords", keywords)), cluster_ids)


@transaction.atomic
def create_cluster(account: Account, **values: Unpack[ClusterValues]) -> Cluster:
    """Add a cluster by hand: a person's from the start, so runs add to it and never break it."""
    site = site_for(account, values.get("site"))
    cluster = Cluster(account=account, site=site, locked=True)
    _take(cluster, values)
    cluster.save()
    return cluster


@transaction.atomic
def change_cluster(cluster: Cluster, **values: Unpack[ClusterValues]) -> Cluster:
    """Change what a person names; the cluster is locked unless they say otherwise."""
    check_site(cluster, values.get("site"))
    cluster.locked = True
    cluster.save(update_fields=["locked", *_take(cluster, values)])
    return cluster


@transaction.atomic
def trash_cluster(cluster: Cluster) -> None:
    """Delete the cluster and free its keywords; restoring it does not take them back."""
    lock_site(cluster.account_id, cluster.site_id)
    put_in_trash(cluster)
    Keyword.objects.with_trash(cluster.account_id).filter(cluster=cluster).update(
        cluster=None, assigned_by=None, similarity=None
    )


def _take(cluster: Cluster, values: ClusterValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name != "site"}
    for name, value in given.items():
        setattr(cluster, name, value)
    if "name" in given:
        cluster.set_name(given["name"])
        return [*given, "folded"]
    return list(given)
