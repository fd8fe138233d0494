"""The groups that the clusterer finds among a site's keywords, beside the clusters it has.

Keywords of clusters that are there are clustered along with those that are asked about, as
anchors: a group that holds some of them belongs to the cluster that most of them are in. So what
is added later joins by the same measure that makes a group.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from igny8_core.core.bulk import pieces
from igny8_core.core.models import Site
from igny8_core.planner.clustering import (
    RESOLUTION,
    Clustering,
    Embed,
    Group,
    SerpRule,
    cluster_keywords,
)
from igny8_core.planner.likeness import nearest_texts
from igny8_core.planner.models import Cluster, Keyword
from igny8_core.planner.offline import group_keywords

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
    keywords: Sequence[Keyword],
    way: dict[str, Any],
    anchors: Sequence[Keyword] = (),
    embed: Embed | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Finding:
    """Group keywords, beside anchors where there are any.

    way: the dial's `resolution`; `serp`, which is soft, hard or off, and the `overlap` it takes
    embed: a provider's embeddings, where the account has chosen some
    pulse: called now and then while it takes long
    """
    resolution, serp = way.get("resolution", RESOLUTION), way.get("serp", "soft")
    rule = SerpRule(way.get("overlap", SerpRule().overlap), hard=serp == "hard")
    clustering = group_keywords(
        [*keywords, *anchors],
        resolution=resolution,
        serp=None if serp == "off" else rule,
        embed=embed,
        pulse=pulse,
    )
    return _finding(clustering, keywords, anchors)


def find_roughly(keywords: Sequence[Keyword]) -> Finding:
    """Group few keywords by their words alone, at once and in this process."""
    texts, volumes = zip(*((one.keyword, one.volume) for one in keywords), strict=True)
    return _finding(cluster_keywords(texts, volumes=volumes), keywords, ())


def _finding(
    clustering: Clustering, keywords: Sequence[Keyword], anchors: Sequence[Keyword]
) -> Finding:
    found = [_found(group, keywords, anchors) for group in clustering.groups]
    told = " ".join([f"Grouped by {clustering.backend}.", *clustering.why])
    return Finding([one for one in found if one.members], told)


def _found(group: Group, keywords: Sequence[Keyword], anchors: Sequence[Keyword]) -> Found:
    alike = list(zip(group.members, group.similarity, strict=True))
    own = [(keywords[index], near) for index, near in alike if index < len(keywords)]
    there = [anchors[index - len(keywords)] for index, _ in alike if index >= len(keywords)]
    names = Counter(anchor.cluster.name for anchor in there if anchor.cluster)
    head = own[0][0].keyword if own else ""
    name = max(sorted(names), key=names.__getitem__, default=head)
    return Found(name, [(keyword.pk, near) for keyword, near in own])


def anchors_beside(keywords: Sequence[Keyword]) -> list[Keyword]:
    """Keywords of the clusters near these in their site: the most typical of each."""
    site = keywords[0].site
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
