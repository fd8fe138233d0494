"""The door of the clusterer: texts in, groups out; numpy and scipy are loaded on first use."""

import unicodedata
from collections.abc import Sequence

from igny8_core.planner.clustering.groups import Clustering, Group, Nearest
from igny8_core.planner.clustering.intents import MARKERS, marker

# From broad (.005) to fine (.1). Read off the real exports: groups of 3 to 30 for most keywords.
RESOLUTION = 0.02


def cluster_keywords(
    texts: Sequence[str],
    *,
    volumes: Sequence[int | None] | None = None,
    resolution: float = RESOLUTION,
) -> Clustering:
    """Group texts by what they are about; the same texts give the same groups in any order.

    volumes: searches a month per text, None where unknown; they choose heads and the order.
    Raises ValueError where volumes and texts differ in number or the resolution is not positive.
    """
    known = [None] * len(texts) if volumes is None else volumes
    weights = [-1 if volume is None else volume for volume in known]
    if len(weights) != len(texts):
        raise ValueError(f"{len(texts)} texts came with {len(weights)} volumes")
    if resolution <= 0:
        raise ValueError(f"resolution must be above 0, not {resolution}")
    if not texts:
        return Clustering(groups=(), backend="tfidf")
    labels, similarity = _partition(texts, resolution)
    return Clustering(_groups(texts, weights, labels, similarity), backend="tfidf")


def _groups(
    texts: Sequence[str], weights: list[int], labels: list[int], similarity: list[float]
) -> tuple[Group, ...]:
    """Groups and their members in order: volume first, then the most typical, then the alphabet."""
    ranked = sorted(range(len(texts)), key=lambda i: (-weights[i], -similarity[i], texts[i], i))
    members: dict[int, list[int]] = {}
    for index in ranked:
        members.setdefault(labels[index], []).append(index)
    largest_first = sorted(
        members.values(),
        key=lambda group: (-sum(max(weights[i], 0) for i in group), -len(group), texts[group[0]]),
    )
    return tuple(
        Group(texts[group[0]], group[0], tuple(group), tuple(similarity[i] for i in group))
        for group in largest_first
    )


def nearest_group(texts: Sequence[str], groups: Sequence[Sequence[str]]) -> tuple[Nearest, ...]:
    """For each text, the group of texts whose centre it is nearest to (of equals the first).

    Raises ValueError where there are texts but no group with a text in it.
    """
    filled = [index for index, group in enumerate(groups) if group]
    if texts and not filled:
        raise ValueError("there is no group to place a keyword in")
    if not texts:
        return ()
    import numpy as np

    from igny8_core.planner.clustering import vectors

    labels = np.repeat(np.arange(len(filled)), [len(groups[index]) for index in filled])
    grouped = [_spelling(text) for index in filled for text in groups[index]]
    rows = vectors.tfidf([_spelling(text) for text in texts] + grouped)
    middle = vectors.centres(rows[len(texts) :], labels)
    similarity = (rows[: len(texts)] @ middle.T).toarray()
    best = similarity.argmax(axis=1)
    return tuple(
        Nearest(filled[column], _rounded(similarity[row, column]))
        for row, column in enumerate(best)
    )


def _partition(texts: Sequence[str], resolution: float) -> tuple[list[int], list[float]]:
    """Label of each text and its cosine to the centre of its group."""
    import numpy as np

    from igny8_core.planner.clustering import communities, vectors

    # Leiden depends on the order of its nodes: they are sorted, and each spelling is one node.
    spellings = [_spelling(text) for text in texts]
    nodes = {spelling: node for node, spelling in enumerate(sorted(set(spellings)))}
    rows = vectors.tfidf(list(nodes))
    kinds = ["", *MARKERS]
    intents = np.array([kinds.index(marker(spelling)) for spelling in nodes])
    labels = communities.communities(rows, intents, resolution)
    own_centre = vectors.centres(rows, labels)[labels]
    similarity = np.asarray(rows.multiply(own_centre).sum(axis=1)).ravel()
    of_text = [nodes[spelling] for spelling in spellings]
    return [int(labels[node]) for node in of_text], [_rounded(similarity[node]) for node in of_text]


def _spelling(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _rounded(cosine: float) -> float:
    """Four decimals, so that the last bits of a sum never decide an order; within 0 to 1."""
    return round(min(1.0, max(0.0, float(cosine))), 4)
