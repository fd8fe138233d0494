"""The keywords of a site's clusters that new keywords are grouped along with."""

from collections import defaultdict
from collections.abc import Sequence

from igny8_core.core.bulk import in_order
from igny8_core.core.models import Site
from igny8_core.planner.clustering import LARGEST
from igny8_core.planner.joining import Beside
from igny8_core.planner.likeness import ranked_texts
from igny8_core.planner.models import Cluster, Keyword

#: How many keywords at least, of the clusters that share most words with the new ones, and of how
#: many of the most typical of each cluster.
_ANCHORS = 5_000
_OF_EACH = LARGEST


def anchors_beside(keywords: Sequence[Keyword]) -> Beside:
    """Keywords of the clusters near these in their site, as many as there are new ones or more."""
    site = keywords[0].site
    members = _members(site, {keyword.pk for keyword in keywords})
    most = max(_ANCHORS, len(keywords))
    chosen: list[int] = []
    for cluster in _nearest_first(site, [keyword.keyword for keyword in keywords]):
        if len(chosen) >= most:
            break
        chosen += members.get(cluster, [])[:_OF_EACH]
    anchors = in_order(Keyword.objects.for_account(site.account_id), chosen)
    return Beside(anchors, {pk: len(some) for pk, some in members.items()})


def _members(site: Site, asked: set[int]) -> dict[int, list[int]]:
    """Each cluster's keywords, the most typical first, but those that are asked about."""
    living = Keyword.objects.for_account(site.account_id).filter(site=site, cluster__isnull=False)
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for pk, cluster, similarity in living.values_list("pk", "cluster", "similarity"):
        if pk not in asked:
            found[cluster].append((-(similarity or 0.0), pk))
    return {cluster: [pk for _, pk in sorted(some)] for cluster, some in found.items()}


def _nearest_first(site: Site, texts: Sequence[str]) -> list[int]:
    clusters = Cluster.objects.for_account(site.account_id).filter(site=site).order_by("pk")
    rows = list(clusters.values_list("pk", "name", "head_keyword"))
    about = [f"{name} {head}" for _, name, head in rows]
    return [rows[index][0] for index in ranked_texts(about, texts)]
