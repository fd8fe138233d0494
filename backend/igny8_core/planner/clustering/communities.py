"""Cut the neighbour graph into groups of a size that one page can serve.

Leiden with the constant Potts model: a group holds together where its links are denser than
the resolution, whatever the size of the whole, so that a big file and a small one are cut
alike (modularity would find larger groups in a larger file). Method: Traag, Waltman and van Eck
2019, "From Louvain to Leiden".
"""

import numpy as np
from graspologic_native import leiden_csr  # type: ignore[attr-defined]  # not in its stubs
from scipy import sparse

from igny8_core.planner.clustering.neighbours import Neighbours, nearest
from igny8_core.planner.clustering.terms import largest
from igny8_core.planner.clustering.vectors import Vectors, sureness, without_what_all_share

SEED = 7
# How much of a similarity is left between a keyword that says what it wants ("buy", "how to") and
# one that does not. Between two that want different things nothing is.
UNSAID = 0.8


def communities(vectors: Vectors, wants: np.ndarray, resolution: float) -> np.ndarray:
    """Label of each of the n vectors, 0 to groups - 1. wants: n numbers, 0 where unsaid."""
    if len(vectors) == 1:
        return np.zeros(1, np.int64)
    graph = _links(nearest(without_what_all_share(vectors)), wants)
    # In a small file everyone is everyone's neighbour: a group must be denser than the whole.
    denser = resolution + graph.sum() / len(vectors) ** 2 * sureness(len(vectors))
    most = largest(resolution)
    labels = _split_large(graph, _leiden(graph, denser), denser, most)
    return numbered(_parted(labels, wants))


def numbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, 2 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


def _links(found: Neighbours, wants: np.ndarray) -> sparse.csr_matrix:
    """Symmetric n x n matrix: cosines of neighbours, less where they may want different things."""
    count, most = found.others.shape
    one, other = wants[:, None], wants[found.others]
    unsaid = (one == 0) | (other == 0)
    weights = found.similarity * np.where(one == other, 1, np.where(unsaid, UNSAID, 0))
    ends = np.arange(0, count * most + 1, most)
    links = sparse.csr_matrix(
        (weights.ravel(), found.others.ravel().copy(), ends), shape=(count, count)
    )
    links.sum_duplicates()
    links = links.maximum(links.T).tocsr()
    links.eliminate_zeros()
    links.sort_indices()
    return links


def _leiden(graph: sparse.csr_matrix, resolution: float) -> np.ndarray:
    if not graph.nnz:
        return np.arange(graph.shape[0])
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


def _split_large(
    graph: sparse.csr_matrix, labels: np.ndarray, resolution: float, most: float
) -> np.ndarray:
    """Groups above the size are cut again, finer each time, while that parts them."""
    labels = labels.copy()
    waiting = [(label, resolution) for label in np.flatnonzero(np.bincount(labels) > most)]
    while waiting:
        label, resolution = waiting.pop()
        nodes = np.flatnonzero(labels == label)
        finer = resolution * 1.5
        if len(nodes) <= most or finer > 1:
            continue
        parts = _leiden(graph[nodes][:, nodes], finer)
        # Part 0 keeps the label; the others get new ones behind the highest.
        labels[nodes] = np.where(parts == 0, label, labels.max() + parts)
        waiting += [(new, finer) for new in np.unique(labels[nodes])]
    return labels


def _parted(labels: np.ndarray, wants: np.ndarray) -> np.ndarray:
    """What says that it wants something else than most of its group goes apart from it."""
    counts = np.zeros((labels.max() + 1, wants.max() + 1), np.int32)
    np.add.at(counts, (labels, wants), 1)
    counts[:, 0] = 0
    of_group = counts.argmax(axis=1)[labels]
    elsewhere = np.where((wants > 0) & (wants != of_group), wants, 0)
    return labels * counts.shape[1] + elsewhere
