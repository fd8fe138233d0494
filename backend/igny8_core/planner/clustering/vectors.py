"""Rows of numbers whose dot product says how alike two keywords are, whoever made them."""

from collections.abc import Sequence

import numpy as np

Vectors = np.ndarray

# A handful of keywords may all be about one thing: with this many, half of what they have in
# common counts as common to whatever could be there, with many all of it.
HALF_SURE = 10


def unit(vectors: Vectors, least: float = 1e-9) -> Vectors:
    """The same rows, each divided by its length, or by the least where it is shorter."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(length, least)).astype(np.float32, copy=False)


def without_what_all_share(vectors: Vectors) -> Vectors:
    """The same rows less their mean, at length 1: a topic's own name says nothing within it."""
    return unit(vectors - vectors.mean(axis=0) * np.float32(sureness(len(vectors))))


def sureness(count: int) -> float:
    """How much of what so many keywords have in common says nothing of any of them, 0 to 1."""
    return count / (count + HALF_SURE)


def centres(vectors: Vectors, labels: Sequence[int] | np.ndarray) -> Vectors:
    """Row g is the unit-length mean of the vectors labelled g; labels are 0 to the highest."""
    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max() + 1))
    return unit(np.add.reduceat(vectors[order], starts))
