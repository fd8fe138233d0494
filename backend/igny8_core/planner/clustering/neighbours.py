"""The keywords most like each keyword.

Up to 25,000 keywords each is compared with each, which grows with the square of their number.
Beyond that they are put into cells, each around a centre (k-means on a sample), and a keyword is
compared with what lies in the cells nearest to it: nearly all neighbours, at a cost that grows
hardly faster than the number of keywords.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from igny8_core.planner.clustering.cores import side_by_side
from igny8_core.planner.clustering.models import unlike
from igny8_core.planner.clustering.vectors import Vectors, centres

NEIGHBOURS = 15
EXACT_UP_TO = 25_000
# Similarities that one block holds in memory: 4 million numbers, 16 MB.
NUMBERS_PER_BLOCK = 4_000_000
QUERIES_PER_BLOCK = 8_192
# Keywords in a cell on average, cells that are looked into, and keywords a centre is learnt from.
PER_CELL, PROBES, SAMPLE_PER_CELL = 60, 130, 20
ROUNDS = 8
SEED = 7


#: The bits of each one's numbers (`bits_of`); None where nothing names any.
Models = np.ndarray | None


class Neighbours(NamedTuple):
    """n rows of the indices of the nearest others and their cosines, in no order.

    Where there are fewer that are alike at all, a row names itself with a cosine of 0.
    """

    others: np.ndarray
    similarity: np.ndarray


class Cells(NamedTuple):
    """Centres, the keywords in an order that goes cell by cell, and where each cell begins."""

    middle: Vectors
    order: np.ndarray
    starts: np.ndarray

    def members(self, cell: int) -> np.ndarray:
        """Indices of the keywords in a cell."""
        return self.order[self.starts[cell] : self.starts[cell + 1]]


class Search:
    """The nearest of some keywords, the best so far kept, none that names another model."""

    def __init__(self, asking: np.ndarray, most: int, models: Models = None) -> None:
        self._asking, self._models = asking, models
        self._index = np.repeat(asking[:, None], most, axis=1)
        self._similarity = np.zeros(self._index.shape, np.float32)

    def offer(self, rows: np.ndarray, others: np.ndarray, similarity: np.ndarray) -> None:
        """Others to some of those that ask (rows); row by other in similarity, overwritten."""
        similarity[others[None, :] == self._asking[rows][:, None]] = 0
        if self._models is not None:
            _forget(self._models[self._asking[rows]], self._models[others], similarity)
        better = similarity.max(axis=1, initial=0) > self._similarity[rows].min(axis=1)
        rows, most = rows[better], self._index.shape[1]
        known = self._index[rows]
        together = np.hstack([self._similarity[rows], similarity[better]])
        best = np.argpartition(-together, most - 1, axis=1)[:, :most]
        of_known = np.take_along_axis(known, np.minimum(best, most - 1), axis=1)
        of_others = others[np.maximum(best - most, 0)]
        self._index[rows] = np.where(best < most, of_known, of_others)
        self._similarity[rows] = np.take_along_axis(together, best, axis=1)

    @property
    def found(self) -> Neighbours:
        """What is nearest."""
        return Neighbours(self._index, self._similarity)


def _forget(mine: np.ndarray, theirs: np.ndarray, similarity: np.ndarray) -> None:
    """Set the similarity of what names another model to nothing."""
    named = np.ix_(np.flatnonzero(mine), np.flatnonzero(theirs))
    if named[0].size and named[1].size:
        differ = unlike(mine[named[0]], theirs[named[1]])
        similarity[named] = np.where(differ, 0, similarity[named])


def nearest(vectors: Vectors, models: Models = None) -> Neighbours:
    """The 15 nearest others of each of the unit-length vectors.

    Who names another model is nobody's neighbour.
    """
    few = len(vectors) <= EXACT_UP_TO
    return exact(vectors, models) if few else approximate(vectors, models)


def exact(vectors: Vectors, models: Models = None) -> Neighbours:
    """Each compared with each."""
    everyone = np.arange(len(vectors))

    def compare(block: np.ndarray) -> Neighbours:
        search = Search(block, min(NEIGHBOURS, len(vectors)), models)
        search.offer(np.arange(len(block)), everyone, vectors[block] @ vectors.T)
        return search.found

    return _in_blocks(compare, everyone, max(1, NUMBERS_PER_BLOCK // len(vectors)))


def approximate(vectors: Vectors, models: Models = None) -> Neighbours:
    """Each compared with what lies in the cells nearest to it; needs more cells than probes."""
    cells = _cells(vectors)

    def look(block: np.ndarray) -> Neighbours:
        search = Search(block, NEIGHBOURS, models)
        distance = -(vectors[block] @ cells.middle.T)
        probed = np.argpartition(distance, PROBES, axis=1)[:, :PROBES].ravel()
        asking = np.argsort(probed, kind="stable")
        starts = np.searchsorted(probed[asking], np.arange(len(cells.middle) + 1))
        for cell in np.flatnonzero(np.diff(cells.starts)).tolist():
            rows = asking[starts[cell] : starts[cell + 1]] // PROBES
            members = cells.members(cell)
            search.offer(rows, members, vectors[block[rows]] @ vectors[members].T)
        return search.found

    return _in_blocks(look, np.arange(len(vectors)), QUERIES_PER_BLOCK)


def _in_blocks(
    search: Callable[[np.ndarray], Neighbours], everyone: np.ndarray, size: int
) -> Neighbours:
    blocks = [everyone[start : start + size] for start in range(0, len(everyone), size)]
    found = side_by_side(search, blocks)
    return Neighbours(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _cells(vectors: Vectors) -> Cells:
    middle = _middles(vectors, len(vectors) // PER_CELL)
    size = max(1, NUMBERS_PER_BLOCK // len(middle))
    nearest = [
        (vectors[start : start + size] @ middle.T).argmax(axis=1)
        for start in range(0, len(vectors), size)
    ]
    cell = np.concatenate(nearest)
    order = np.argsort(cell, kind="stable")
    return Cells(middle, order, np.searchsorted(cell[order], np.arange(len(middle) + 1)))


def _middles(vectors: Vectors, count: int) -> Vectors:
    """So many centres by k-means on a sample; those that end up with nothing stay as they were."""
    chance = np.random.default_rng(SEED)
    sample = vectors[chance.permutation(len(vectors))[: count * SAMPLE_PER_CELL]]
    middle = sample[:count].copy()
    for _ in range(ROUNDS):
        used, cell = np.unique((sample @ middle.T).argmax(axis=1), return_inverse=True)
        middle[used] = centres(sample, cell)
    return middle
