"""The groups that the clusterer finds among a site's keywords, beside the clusters it has.

Keywords of clusters that are there are clustered along with those that are asked about, as
anchors: a group that holds some of them belongs to the cluster that most of them are in. So what
is added later joins by the same measure that makes a group.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from igny8_core.core.bulk import pieces
from igny8_core.core.models import Site
from igny8_core.planner.clustering import (
    RESOLUTION,
    Clustering,
    Group,
    SerpRule,
    cluster_keywords,
)
from igny8_core.planner.likeness import nearest_texts
from igny8_core.planner.models import Cluster, Keyword
from igny8_core.planner.offline import group_keywords

#: So few are grouped in this process by their words, where a model decides about them anyway.
FEW = 100
#: How many clusters are anchored, those that share most words with the keywords, and by how many.
_ANCHORED = 1_000
_ANCHORS = 5


class Found(NamedTuple):
    """A group: the name of its cluster, or of its head; ids, each with its similarity, 0 to 1."""

    name: str
    members: Sequence[tuple[int, float]]


class Finding(NamedTuple):
    """Groups with every keyword in exactly one of them, the largest first, and how it was done."""

    groups: list[Found]
    told: str


def find_groups(
    site: Site, keywords: Sequence[Keyword], way: dict[str, Any], *, roughly: bool = False
) -> Finding:
    """Group keywords beside the site's clusters.

    way: the dial's `resolution`; `serp`, which is soft, hard or off, and the `overlap` it takes
    roughly: few keywords may be grouped by their words alone, at once
    """
    anchors = _anchors(site, keywords)
    all_of_them = [*keywords, *anchors]
    few = roughly and len(keywords) <= FEW
    clustering = _by_words(all_of_them) if few else _grouped(all_of_them, way)
    found = [_found(group, keywords, anchors) for group in clustering.groups]
    told = " ".join([f"Grouped by {clustering.backend}.", *clustering.why])
    return Finding([one for one in found if one.members], told)


def _grouped(keywords: Sequence[Keyword], way: dict[str, Any]) -> Clustering:
    resolution, serp = way.get("resolution", RESOLUTION), way.get("serp", "soft")
    rule = SerpRule(way.get("overlap", SerpRule().overlap), hard=serp == "hard")
    return group_keywords(keywords, resolution=resolution, serp=None if serp == "off" else rule)


def _by_words(keywords: Sequence[Keyword]) -> Clustering:
    volumes = [keyword.volume for keyword in keywords]
    return cluster_keywords([keyword.keyword for keyword in keywords], volumes=volumes)


def _found(group: Group, keywords: Sequence[Keyword], anchors: Sequence[Keyword]) -> Found:
    members: list[tuple[int, float]] = []
    names: Counter[str] = Counter()
    for index, similarity in zip(group.members, group.similarity, strict=True):
        if index < len(keywords):
            members.append((keywords[index].pk, similarity))
        elif cluster := anchors[index - len(keywords)].cluster:
            names[cluster.name] += 1
    own = [index for index in group.members if index < len(keywords)]
    head = keywords[own[0]].keyword if own else ""
    return Found(max(sorted(names), key=names.__getitem__, default=head), members)


def _anchors(site: Site, keywords: Sequence[Keyword]) -> list[Keyword]:
    """Keywords of the clusters near these: the most typical of each."""
    asked = {keyword.pk for keyword in keywords}
    by_cluster: dict[int, list[Keyword]] = defaultdict(list)
    for piece in pieces(_near(site, [keyword.keyword for keyword in keywords])):
        living = Keyword.objects.for_account(site.account_id).filter(cluster__in=piece)
        for keyword in living.select_related("cluster").order_by("pk"):
            if keyword.pk not in asked:
                by_cluster[keyword.cluster_id or 0].append(keyword)
    typical = (sorted(some, key=_by_similarity)[:_ANCHORS] for some in by_cluster.values())
    return [keyword for some in typical for keyword in some]


def _near(site: Site, texts: Sequence[str]) -> list[int]:
    clusters = Cluster.objects.for_account(site.account_id).filter(site=site).order_by("pk")
    rows = list(clusters.values_list("pk", "name", "head_keyword"))
    about = [f"{name} {head}" for _, name, head in rows]
    return [rows[index][0] for index in nearest_texts(about, texts, _ANCHORED)]


def _by_similarity(keyword: Keyword) -> float:
    return -(keyword.similarity or 0.0)
