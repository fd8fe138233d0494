"""The groups that the clusterer finds among a site's keywords, beside the clusters it has.

Keywords of clusters that are there are clustered along with those that are asked about, so that
what is added later joins by the same measure that makes a group (`joining`).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from igny8_core.planner.clustering import (
    RESOLUTION,
    Clustering,
    Embed,
    SerpRule,
    cluster_keywords,
)
from igny8_core.planner.joining import NOTHING, Beside, Found, joined
from igny8_core.planner.models import Keyword
from igny8_core.planner.offline import group_keywords


class Finding(NamedTuple):
    """Groups with every keyword in exactly one of them, and by what they were made."""

    groups: list[Found]
    told: str


def find_groups(
    keywords: Sequence[Keyword],
    way: dict[str, Any],
    anchors: Beside = NOTHING,
    embed: Embed | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Finding:
    """Group keywords, beside those of clusters that are there.

    way: the dial's `resolution`; `serp`, which is soft, hard or off, and the `overlap` it takes
    embed: a provider's embeddings, where the account has chosen some
    pulse: called now and then while it takes long
    """
    resolution, serp = way.get("resolution", RESOLUTION), way.get("serp", "soft")
    rule = SerpRule(way.get("overlap", SerpRule().overlap), hard=serp == "hard")
    clustering = group_keywords(
        [*keywords, *anchors.keywords],
        resolution=resolution,
        serp=None if serp == "off" else rule,
        embed=embed,
        pulse=pulse,
    )
    return _finding(clustering, keywords, anchors)


def find_roughly(keywords: Sequence[Keyword]) -> Finding:
    """Group few keywords by their words alone, at once and in this process."""
    texts, volumes = zip(*((one.keyword, one.volume) for one in keywords), strict=True)
    return _finding(cluster_keywords(texts, volumes=volumes), keywords, NOTHING)


def is_plain(keywords: Sequence[Keyword], way: dict[str, Any]) -> bool:
    """Whether nothing is asked of the clusterer, or known to it, that words alone do not tell."""
    return not way and not any(keyword.serp_urls for keyword in keywords)


def _finding(clustering: Clustering, keywords: Sequence[Keyword], anchors: Beside) -> Finding:
    told = " ".join([f"Grouped by {clustering.backend}.", *clustering.why])
    return Finding(joined(clustering, keywords, anchors), told)
