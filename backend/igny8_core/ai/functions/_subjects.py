"""What models are told about keywords, clusters and tasks: plain values for the prompts."""

from collections.abc import Sequence
from typing import Any

from igny8_core.core.models import Site
from igny8_core.planner.intake import fold
from igny8_core.planner.likeness import nearest_texts
from igny8_core.planner.models import Cluster, Keyword
from igny8_core.writer.models import Tasks

#: How many of a site's clusters, and of a cluster's keywords, a prompt names.
SHOWN_CLUSTERS = 100
SHOWN_KEYWORDS = 100


def keyword_payload(keyword: Keyword) -> dict[str, Any]:
    """A keyword with what is known of it."""
    known = {"keyword": keyword.keyword, "volume": keyword.volume, "intent": keyword.intent}
    return {name: value for name, value in known.items() if value is not None}


def cluster_payload(cluster: Cluster) -> dict[str, Any]:
    """A cluster without its keywords."""
    return {
        "name": cluster.name,
        "description": cluster.description,
        "head_keyword": cluster.head_keyword,
        "intent": cluster.intent,
    }


def cluster_keywords(cluster: Cluster) -> list[dict[str, Any]]:
    """The cluster's keywords, the largest first, as many as a prompt has room for."""
    return [keyword_payload(one) for one in list(cluster.keywords.all())[:SHOWN_KEYWORDS]]


def site_clusters(
    site: Site, *, besides: Cluster | None = None, near: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The site's newest clusters; of more than a prompt has room for, those `near` some texts."""
    clusters = Cluster.objects.for_account(site.account_id).filter(site=site)
    if besides is not None:
        clusters = clusters.exclude(pk=besides.pk)
    rows = clusters.order_by("-pk").values("name", "description", "head_keyword")
    if not near:
        return [{**row} for row in rows[:SHOWN_CLUSTERS]]
    found = [{**row} for row in rows]
    about = [f"{row['name']} {row['head_keyword']}" for row in found]
    return [found[index] for index in nearest_texts(about, near, SHOWN_CLUSTERS)]


def task_payload(task: Tasks) -> dict[str, Any]:
    """A task's idea and brief; what the task leaves open comes from its idea."""
    idea = task.idea
    words = task.word_count or (idea.estimated_word_count if idea else None)
    return {
        "title": task.title,
        "description": task.description or (idea.description if idea else ""),
        "brief": task.brief,
        "outline": [
            {name: part.get(name) for name in ("level", "heading", "notes")}
            for part in task.outline or (idea.outline if idea else [])
        ],
        "content_type": task.content_type,
        "content_structure": task.content_structure,
        "tone": task.tone,
        "word_count": words,
    }


def task_keywords(task: Tasks, of_cluster: Sequence[Keyword]) -> list[dict[str, Any]]:
    """The task's keywords, with volume and intent where its cluster knows them."""
    known = {keyword.folded: keyword_payload(keyword) for keyword in of_cluster}
    texts = [text.strip() for text in task.keywords.split(",") if text.strip()]
    return [known.get(fold(text), {"keyword": text}) for text in texts]
