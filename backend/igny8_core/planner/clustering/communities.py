"""Cut the neighbour graph into groups of a size that one page can serve.

Leiden with the constant Potts model: a group holds together where its links are denser than
the resolution, whatever the size of the whole, so that a big file and a small one are cut
alike (modularity would find larger groups in a larger file). Method: Traag, Waltman and van Eck
2019, "From Louvain to Leiden".
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from graspologic_native import leiden_csr  # type: ignore[attr-defined]  # not in its stubs
from scipy import sparse

from igny8_core.planner.clustering.cores import side_by_side
from igny8_core.planner.clustering.intents import ANYTHING
from igny8_core.planner.clustering.models import bits_of, by_models
from igny8_core.planner.clustering.neighbours import Neighbours, nearest
from igny8_core.planner.clustering.terms import largest
from igny8_core.planner.clustering.vectors import Vectors, sureness, without_what_all_share

SEED = 7
# Of so many cuts the best is taken, for a single one may be unlucky: fewer of what is large, where
# luck evens out and each takes long.
CUTS, NODES_IN_ALL = 30, 100_000
# What stands beside a wording that is too large for a group stays there up to this share of one.
FEW_BESIDE = 1 / 3


class Nodes(NamedTuple):
    """What is to be cut: a row per node, how many keywords it is, what it wants, what names what
    it is about (`names_of`).
    """

    vectors: Vectors
    sizes: np.ndarray
    wants: np.ndarray
    names: Sequence[frozenset[str]]


def communities(nodes: Nodes, resolution: float) -> np.ndarray:
    """Label of each of the n nodes, 0 to groups - 1."""
    count, most = len(nodes.sizes), largest(resolution)
    if count == 1:
        return np.zeros(1, np.int64)
    vectors = without_what_all_share(nodes.vectors)
    graph = _links(nearest(vectors, bits_of(nodes.names)))
    # The dial is about keywords, and the graph holds each wording once. One that is written in
    # hundreds of ways says nothing of the others.
    dial = resolution * np.minimum(nodes.sizes, most).mean()
    # In a small file everyone is everyone's neighbour: a group must be denser than the whole.
    denser = dial + graph.sum() / count**2 * sureness(count)
    labels = _by_wants(_leiden(graph, denser), nodes)
    labels = by_models(labels, nodes.names, nodes.sizes)
    return numbered(_split_large(graph, labels, nodes.sizes, denser, most))


def numbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, 2 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


def _links(found: Neighbours) -> sparse.csr_matrix:
    """Symmetric n x n matrix: cosines of neighbours."""
    count, most = found.others.shape
    ends = np.arange(0, count * most + 1, most)
    links = sparse.csr_matrix(
        (found.similarity.ravel(), found.others.ravel().copy(), ends), shape=(count, count)
    )
    links.sum_duplicates()
    links = links.maximum(links.T).tocsr()
    links.eliminate_zeros()
    links.sort_indices()
    return links


def _leiden(graph: sparse.csr_matrix, resolution: float) -> np.ndarray:
    count = graph.shape[0]
    if not graph.nnz:
        return np.arange(count)
    ends, others = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    weights = graph.data.astype(np.float64)

    def cut(seed: int) -> tuple[float, dict[int, int]]:
        found: tuple[float, dict[int, int]] = leiden_csr(
            ends, others, weights, count, resolution=resolution, use_modularity=False, seed=seed
        )
        return found

    seeds = range(SEED, SEED + max(1, min(CUTS, NODES_IN_ALL // count)))
    _, label = max(side_by_side(cut, seeds), key=lambda one: one[0])
    return np.array([label[node] for node in range(count)])


def _by_wants(labels: np.ndarray, nodes: Nodes) -> np.ndarray:
    """Of each group what wants something else goes apart; what wants anything stays with most."""
    told = nodes.wants != ANYTHING
    counts = np.zeros((labels.max() + 1, nodes.wants.max(initial=0) + 1), np.int64)
    np.add.at(counts, (labels[told], nodes.wants[told]), nodes.sizes[told])
    of_most = counts.argmax(axis=1)[labels]
    return numbered(labels * counts.shape[1] + np.where(told, nodes.wants, of_most))


def _split_large(
    graph: sparse.csr_matrix, labels: np.ndarray, sizes: np.ndarray, resolution: float, most: float
) -> np.ndarray:
    """Groups above the size are cut again, finer each time, while that parts them."""
    labels = labels.copy()
    waiting = [(label, resolution) for label in np.flatnonzero(np.bincount(labels, sizes) > most)]
    while waiting:
        label, resolution = waiting.pop()
        nodes = np.flatnonzero(labels == label)
        finer = resolution * 1.5
        if _is_page(sizes[nodes], most) or finer > 1:
            continue
        parts = _leiden(graph[nodes][:, nodes], finer)
        # Part 0 keeps the label; the others get new ones behind the highest.
        labels[nodes] = np.where(parts == 0, label, labels.max() + parts)
        waiting += [(new, finer) for new in np.unique(labels[nodes])]
    return labels


def _is_page(sizes: np.ndarray, most: float) -> bool:
    """Whether a group need not be cut: small, or one wording, which cannot be, and few others."""
    total = sizes.sum()
    return bool(total <= most or total - sizes.max() <= most * FEW_BESIDE)
