"""Answers for `auto_cluster`: the offline clusterer's groups."""

from collections import Counter
from typing import Any

from igny8_core.sandbox.faults import Action
from igny8_core.sandbox.question import Question


def grouped(question: Question) -> dict[str, Any]:
    """Every keyword of the question in exactly one cluster."""
    # Imported at first use: it brings the numeric libraries, and the server must start at once.
    from igny8_core.planner.clustering import cluster_keywords

    texts = question.keywords
    if not texts:
        return {"clusters": []}
    groups = cluster_keywords(texts, volumes=question.volumes).groups
    return {"clusters": [_cluster(g.name, [texts[i] for i in g.members]) for g in groups]}


def _cluster(name: str, keywords: list[str]) -> dict[str, Any]:
    others = [keyword for keyword in keywords if keyword.casefold() != name.casefold()]
    about = f"Searches about {name}"
    if others:
        about += f", such as {' and '.join(others[:2])}"
    return {"name": name, "description": about + ".", "keywords": keywords}


def misnamed(answer: dict[str, Any], action: Action) -> dict[str, Any]:
    """The clusters with keywords invented, left out or named twice, as the script says."""
    clusters = [c for c in answer.get("clusters", []) if c["keywords"]]
    if not clusters:
        return answer
    for number in range(action.invented or 0):
        clusters[number % len(clusters)]["keywords"].append(f"invented keyword {number + 1}")
    for number in range(action.repeated or 0):
        repeated = clusters[number % len(clusters)]["keywords"][0]
        clusters[(number + 1) % len(clusters)]["keywords"].append(repeated)
    _leave_out(clusters, action.missing or 0)
    return answer


def _leave_out(clusters: list[dict[str, Any]], number: int) -> None:
    counts = Counter(keyword for cluster in clusters for keyword in cluster["keywords"])
    gone = set(list(counts)[:number])
    for cluster in clusters:
        cluster["keywords"] = [keyword for keyword in cluster["keywords"] if keyword not in gone]
