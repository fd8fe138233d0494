"""Cut the neighbour graph into groups of a size that one page can serve.

Leiden with the constant Potts model: a group holds together where its links are denser than
the resolution, whatever the size of the whole, so that a big file and a small one are cut
alike (modularity would find larger groups in a larger file). Method: Traag, Waltman and van Eck
2019, "From Louvain to Leiden".
"""

from typing import NamedTuple

import numpy as np
from graspologic_native import leiden_csr  # type: ignore[attr-defined]  # not in its stubs
from scipy import sparse

from igny8_core.planner.clustering.intents import ANYTHING
from igny8_core.planner.clustering.neighbours import Neighbours, nearest
from igny8_core.planner.clustering.terms import largest
from igny8_core.planner.clustering.vectors import Vectors, sureness, without_what_all_share

SEED = 7
# Of so many cuts the best is taken, for a single one may be unlucky: fewer of what is large, where
# luck evens out and each takes long.
TRIALS, NODES_IN_ALL = 30, 100_000
# What so many keywords of a group name by its numbers ("iPhone 13") has a page of its own.
OF_A_MODEL = 3


class Nodes(NamedTuple):
    """What is to be cut: a row of numbers per node, how many keywords it is, what it wants.

    models: what numbers it names, 0 where none
    """

    vectors: Vectors
    sizes: np.ndarray
    wants: np.ndarray
    models: np.ndarray


def communities(nodes: Nodes, resolution: float) -> np.ndarray:
    """Label of each of the n nodes, 0 to groups - 1."""
    count = len(nodes.sizes)
    if count == 1:
        return np.zeros(1, np.int64)
    graph = _links(nearest(without_what_all_share(nodes.vectors)), nodes.models)
    # The dial is about keywords, and the graph holds each wording once.
    dial = resolution * nodes.sizes.mean()
    # In a small file everyone is everyone's neighbour: a group must be denser than the whole.
    denser = dial + graph.sum() / count**2 * sureness(count)
    labels = _by_models(_by_wants(_leiden(graph, denser), nodes), nodes)
    return numbered(_split_large(graph, labels, nodes.sizes, denser, largest(resolution)))


def numbered(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered 0, 1, 2 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


def _links(found: Neighbours, models: np.ndarray) -> sparse.csr_matrix:
    """Symmetric n x n matrix: cosines of neighbours, none between two models."""
    count, most = found.others.shape
    one, other = models[:, None], models[found.others]
    weights = np.where((one != other) & (one > 0) & (other > 0), 0, found.similarity)
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
        trials=max(1, min(TRIALS, NODES_IN_ALL // graph.shape[0])),
        seed=SEED,
    )
    return np.array([found[node] for node in range(graph.shape[0])])


def _by_wants(labels: np.ndarray, nodes: Nodes) -> np.ndarray:
    """Of each group what wants something else goes apart; what wants anything stays with most."""
    told = nodes.wants != ANYTHING
    counts = np.zeros((labels.max() + 1, nodes.wants.max(initial=0) + 1), np.int64)
    np.add.at(counts, (labels[told], nodes.wants[told]), nodes.sizes[told])
    of_most = counts.argmax(axis=1)[labels]
    return numbered(labels * counts.shape[1] + np.where(told, nodes.wants, of_most))


def _by_models(labels: np.ndarray, nodes: Nodes) -> np.ndarray:
    """Of each group each model goes apart that has keywords enough, where there are two of them."""
    models = nodes.models
    pairs, of = np.unique(np.stack([labels, models]), axis=1, return_inverse=True)
    has_page = (np.bincount(of, nodes.sizes) >= OF_A_MODEL) & (pairs[1] > 0)
    with_page = np.bincount(pairs[0], has_page)
    apart = has_page & (with_page[pairs[0]] > 1)
    return numbered(labels * (models.max() + 1) + np.where(apart[of], models, 0))


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
        if sizes[nodes].sum() <= most or finer > 1:
            continue
        parts = _leiden(graph[nodes][:, nodes], finer)
        # Part 0 keeps the label; the others get new ones behind the highest.
        labels[nodes] = np.where(parts == 0, label, labels.max() + parts)
        waiting += [(new, finer) for new in np.unique(labels[nodes])]
    return labels
