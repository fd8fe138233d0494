"""The graph that clusters are found in: each keyword linked to the keywords most like it."""

import numpy as np
from scipy import sparse

from igny8_core.planner.clustering.vectors import Vectors

NEIGHBOURS = 15
# Similarities held in memory at once: 4 million numbers, 16 MB.
CELLS_PER_BLOCK = 4_000_000


def neighbour_graph(vectors: Vectors) -> sparse.csr_matrix:
    """Symmetric n x n matrix of cosines between nearest neighbours; no self-links, no zeros."""
    n = vectors.shape[0]
    rows_per_block = max(1, CELLS_PER_BLOCK // n)
    transposed = vectors.T.tocsr()
    blocks = [
        _nearest(vectors[start : start + rows_per_block], transposed, start)
        for start in range(0, n, rows_per_block)
    ]
    links = sparse.vstack(blocks, format="csr")
    return links.maximum(links.T).tocsr()


def _nearest(block: Vectors, transposed: Vectors, start: int) -> sparse.csr_matrix:
    """Each row's links to its nearest neighbours; row i of the block is keyword start + i."""
    similarity = (block @ transposed).toarray()
    rows, n = similarity.shape
    similarity[np.arange(rows), start + np.arange(rows)] = 0
    k = min(NEIGHBOURS, n)
    columns = np.argpartition(similarity, n - k, axis=1)[:, n - k :]
    values = np.take_along_axis(similarity, columns, axis=1)
    ends = np.arange(0, rows * k + 1, k)
    links = sparse.csr_matrix((values.ravel(), columns.ravel(), ends), shape=(rows, n))
    links.eliminate_zeros()
    return links
