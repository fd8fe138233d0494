"""Cut the neighbour graph into groups of a size that one page can serve.

Leiden with the constant Potts model: a group holds together where its links are denser than
the resolution, whatever the size of the whole, so that a big file and a small one are cut
alike (modularity would find larger groups in a larger file). Method: Traag, Waltman and van Eck
2019, "From Louvain to Leiden".
"""

import numpy as np
from graspologic_native import leiden_csr  # type: ignore[attr-defined]  # not in its stubs
from scipy import sparse

from igny8_core.planner.clustering.neighbours import neighbour_graph
from igny8_core.planner.clustering.vectors import Vectors, centres

SEED = 7
SMALLEST, LARGEST = 3, 30
# How much of a similarity is left between keywords that want different things ("buy", "how to"),
# and between one that says what it wants and one that does not.
OTHER_INTENT, UNSAID_INTENT = 0.3, 0.6
# Up to here a similarity tells only that two keywords share a topic word; what goes beyond it is
# the link. Without this a small file, where no word is known to be common yet, ties together.
TOPIC_SIMILARITY = 0.15
# A pair or a loner this similar to a larger group's centre belongs there.
SIMILAR_ENOUGH = 0.3


def communities(vectors: Vectors, intents: np.ndarray, resolution: float) -> np.ndarray:
    """Label of each of the n vectors, 0 to groups - 1. intents: n numbers, 0 where unsaid."""
    graph = _meaningful_links(neighbour_graph(vectors), intents)
    # In a small file everyone is everyone's neighbour: a group must be denser than that.
    resolution += graph.sum() / graph.shape[0] ** 2 / 2
    labels = _split_large(graph, _leiden(graph, resolution), resolution)
    return _numbered(_merge_small(vectors, intents, labels))


def _meaningful_links(graph: sparse.csr_matrix, intents: np.ndarray) -> sparse.csr_matrix:
    links = graph.tocoo()
    similarity = links.data * _agreement(intents[links.row], intents[links.col])
    links.data = np.maximum(similarity - TOPIC_SIMILARITY, 0) / (1 - TOPIC_SIMILARITY)
    kept = links.tocsr()
    kept.eliminate_zeros()
    return kept


def _agreement(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 where the intents are the same, less where they are not; shapes broadcast."""
    unsaid = (one == 0) | (other == 0)
    return np.where(one == other, 1, np.where(unsaid, UNSAID_INTENT, OTHER_INTENT))


def _leiden(graph: sparse.csr_matrix, resolution: float) -> np.ndarray:
    if not graph.nnz:
        return np.arange(graph.shape[0])
    graph.sort_indices()
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        graph.shape[0],
        resolution=resolution,
        use_modularity=False,
        iterations=2,
        seed=SEED,
    )
    return np.array([found[node] for node in range(graph.shape[0])])


def _split_large(graph: sparse.csr_matrix, labels: np.ndarray, resolution: float) -> np.ndarray:
    """Groups above the largest size are cut again, finer each time, while that parts them."""
    labels = labels.copy()
    waiting = [(label, resolution) for label in np.flatnonzero(np.bincount(labels) > LARGEST)]
    while waiting:
        label, resolution = waiting.pop()
        nodes = np.flatnonzero(labels == label)
        finer = resolution * 1.5
        if len(nodes) <= LARGEST or finer > 1:
            continue
        parts = _leiden(graph[nodes][:, nodes], finer)
        # Part 0 keeps the label; the others get new ones behind the highest.
        labels[nodes] = np.where(parts == 0, label, labels.max() + parts)
        waiting += [(new, finer) for new in np.unique(labels[nodes])]
    return labels


def _merge_small(vectors: Vectors, intents: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Loners and pairs move to the nearest larger group that is similar enough and has room."""
    labels = _numbered(labels)
    sizes = np.bincount(labels)
    small, large = np.flatnonzero(sizes < SMALLEST), np.flatnonzero(sizes >= SMALLEST)
    if not len(small) or not len(large):
        return labels
    middle = centres(vectors, labels)
    similarity = (middle[small] @ middle[large].T).toarray()
    wanted = _main_intents(labels, intents)
    similarity *= _agreement(wanted[small][:, None], wanted[large][None, :])
    merged = np.arange(len(sizes))
    for row in np.argsort(-similarity.max(axis=1), kind="stable"):
        has_room = sizes[large] + sizes[small[row]] <= LARGEST
        nearest = int(np.argmax(np.where(has_room, similarity[row], 0)))
        if has_room[nearest] and similarity[row, nearest] >= SIMILAR_ENOUGH:
            merged[small[row]] = large[nearest]
            sizes[large[nearest]] += sizes[small[row]]
    return merged[labels]


def _main_intents(labels: np.ndarray, intents: np.ndarray) -> np.ndarray:
    """The most frequent intent of each group."""
    counts = np.zeros((labels.max() + 1, intents.max() + 1), np.int32)
    np.add.at(counts, (labels, intents), 1)
    return counts.argmax(axis=1)


def _numbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, 2 without gaps."""
    return np.unique(labels, return_inverse=True)[1]
