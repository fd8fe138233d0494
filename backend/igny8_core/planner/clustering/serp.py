"""Group keywords whose searches find the same pages: what they share is one page's work.

A pair must have so many addresses in common that one of the rarest of each is among them; only
pairs that share one of those are counted, so that an address on every page of results costs
nothing.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from igny8_core.planner.clustering.terms import LARGEST, SerpRule
from igny8_core.planner.tracking import without_tracking

FIRST = 10
PAIRS_AT_ONCE = 200_000
_SCHEME = re.compile(r"^[a-z]+://(www\.)?|^www\.", re.IGNORECASE)


class Shared(NamedTuple):
    """Labels, 0 to groups - 1, and each keyword's mean overlap with the others of its group."""

    labels: np.ndarray
    similarity: np.ndarray


def grouped(results: Sequence[Sequence[str]], volumes: Sequence[int], rule: SerpRule) -> Shared:
    """Keywords by the addresses that each finds; volumes tell who may choose its group first."""
    pages = [_pages(urls) for urls in results]
    overlaps = _overlaps(pages, rule.overlap)
    if rule.hard:
        labels = _all_with_all(overlaps, volumes)
    else:
        labels = _bounded(connected_components(overlaps, directed=False)[1], overlaps, volumes)
    return Shared(labels, _mean_overlap(overlaps, labels))


def _pages(urls: Sequence[str]) -> list[str]:
    """The first ten, each once."""
    return list(dict.fromkeys(_page(url) for url in urls if url.strip()))[:FIRST]


def _page(url: str) -> str:
    """The address without what leads to the same page: scheme, www, fragment, tracking, slash."""
    address, _, query = _SCHEME.sub("", url.strip()).partition("#")[0].partition("?")
    place, _, path = address.partition("/")
    page = f"{place.lower()}/{path.rstrip('/')}"
    choice = query and "&".join(sorted(without_tracking(query)))
    return f"{page}?{choice}" if choice else page


def _overlaps(pages: list[list[str]], least: float) -> sparse.csr_matrix:
    """Symmetric: the shares of those pairs that have at least the least share in common."""
    incidence, rare = _incidence(pages, least)
    sizes = np.array([len(urls) for urls in pages])
    pairs = sparse.triu(rare @ rare.T, k=1).tocoo()
    kept = []
    for start in range(0, pairs.nnz, PAIRS_AT_ONCE):
        one, other = (side[start : start + PAIRS_AT_ONCE] for side in (pairs.row, pairs.col))
        common = np.asarray(incidence[one].multiply(incidence[other]).sum(axis=1)).ravel()
        share = common / np.maximum(sizes[one], sizes[other])
        enough = share >= least - 1e-9
        kept.append(np.stack([one[enough], other[enough], share[enough]]))
    one, other, share = np.concatenate(kept, axis=1) if kept else np.empty((3, 0))
    shape = (len(pages), len(pages))
    half = sparse.csr_matrix((share, (one.astype(int), other.astype(int))), shape=shape)
    return (half + half.T).tocsr()


def _incidence(pages: list[list[str]], least: float) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Keyword by address: all of them, and so many of the rarest that every pair shares one."""
    found_by: dict[str, int] = {}
    for urls in pages:
        for url in urls:
            found_by[url] = found_by.get(url, 0) + 1
    rarest_first = sorted(found_by, key=lambda url: (found_by[url], url))
    column = {url: number for number, url in enumerate(rarest_first)}
    ordered = [sorted(column[url] for url in urls) for urls in pages]
    first = [some[: len(some) - math.ceil(least * len(some) - 1e-9) + 1] for some in ordered]
    return _matrix(ordered, len(column)), _matrix(first, len(column))


def _matrix(columns: list[list[int]], width: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *map(len, columns)])
    indices = np.array([one for some in columns for one in some], np.int32)
    return sparse.csr_matrix((np.ones(len(indices)), indices, ends), (len(columns), width))


def _all_with_all(overlaps: sparse.csr_matrix, volumes: Sequence[int]) -> np.ndarray:
    """Each keyword, highest volume first, to the group it overlaps most with all members of."""
    groups: list[set[int]] = []
    of = np.full(overlaps.shape[0], -1)
    for node in sorted(range(len(of)), key=lambda node: (-volumes[node], node)):
        row = overlaps[[node]]
        share = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        near = sorted({int(of[other]) for other in share if of[other] >= 0})
        fitting = [group for group in near if groups[group] <= share.keys()]
        if fitting:
            of[node] = max(fitting, key=lambda group: _mean([share[one] for one in groups[group]]))
        else:
            of[node] = len(groups)
            groups.append(set())
        groups[of[node]].add(node)
    return of


def _bounded(labels: np.ndarray, overlaps: sparse.csr_matrix, volumes: Sequence[int]) -> np.ndarray:
    """Soft groups; of one that is too large for a page only those stay together that all overlap.

    A chain has no end: a few addresses that many searches share would make one group of them all.
    """
    many = np.flatnonzero(np.bincount(labels)[labels] > LARGEST)
    if len(many):
        inside = _all_with_all(
            overlaps[many][:, many].tocsr(), [volumes[node] for node in many.tolist()]
        )
        labels = labels.copy()
        labels[many] = len(labels) + inside
    return np.unique(labels, return_inverse=True)[1]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_overlap(overlaps: sparse.csr_matrix, labels: np.ndarray) -> np.ndarray:
    """Per keyword; pairs of a soft group that have less in common count as nothing."""
    links = overlaps.tocoo()
    inside = labels[links.row] == labels[links.col]
    total = np.bincount(links.row[inside], links.data[inside], minlength=len(labels))
    others = np.bincount(labels)[labels] - 1
    return np.where(others > 0, total / np.maximum(others, 1), 1.0)
