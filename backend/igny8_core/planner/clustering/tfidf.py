"""Turn keywords into vectors whose dot product says how alike they read: TF-IDF, no model.

Words and pairs of words carry the meaning, runs of 3 to 5 characters inside words forgive
spelling, endings and compounds. A word that nearly every keyword shares weighs next to nothing.
Of many keywords the main directions are kept (latent semantic indexing, Deerwester et al. 1990):
they find what belongs together a little better than all words do, and they are few.
"""

import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse

from igny8_core.planner.clustering.vectors import Vectors, unit

Sparse = sparse.csr_matrix

# Share of the squared length that words have; the rest belongs to their characters.
WORD_SHARE = 0.5
CHARACTER_RUNS = (3, 4, 5)
DIRECTIONS = 256
# A keyword that is known by less of its length than this shares next to nothing with the others.
LEAST_KNOWN = 0.3
SEED = 7

# Chinese and Japanese write no spaces: each sign is a word, and two in a row are a pair.
_SIGNS = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W{_SIGNS}]+")


def tfidf(texts: list[str]) -> Vectors:
    """One row of length 1 per casefolded text, shorter where little in it is known from others."""
    words = _weighted(_word_grams(text) for text in texts)
    characters = _weighted(_character_grams(text) for text in texts)
    both = [words * math.sqrt(WORD_SHARE), characters * math.sqrt(1 - WORD_SHARE)]
    weights = sparse.hstack(both, format="csr")
    if len(texts) <= DIRECTIONS:
        return unit(weights.toarray())
    return unit(_main_directions(weights), least=LEAST_KNOWN)


def _main_directions(weights: Sparse) -> Vectors:
    """Rows in as many dimensions as there are main directions, most of their products kept.

    Method: Halko, Martinsson and Tropp 2011, "Finding structure with randomness".
    """
    shared = weights[:, np.bincount(weights.indices, minlength=weights.shape[1]) > 1]
    columns = min(DIRECTIONS + 10, *shared.shape)
    if not columns:
        return np.zeros((weights.shape[0], 1), np.float32)
    chance = np.random.default_rng(SEED)
    sample = shared @ chance.standard_normal((shared.shape[1], columns), dtype=np.float32)
    for _ in range(2):
        sample = shared @ (shared.T @ np.linalg.qr(sample)[0])
    basis = np.linalg.qr(sample)[0]
    inner = shared.T @ basis
    strength, directions = np.linalg.eigh(inner.T @ inner)
    scale = np.sqrt(np.maximum(strength, 0))
    return (basis @ (directions * scale))[:, ::-1][:, :DIRECTIONS]


def _word_grams(text: str) -> list[str]:
    words = _WORD.findall(text)
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]


def _character_grams(text: str) -> Iterator[str]:
    for word in text.split():
        padded = f" {word} "
        for length in CHARACTER_RUNS:
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]


def _weighted(texts: Iterable[Iterable[str]]) -> Sparse:
    """Counts times inverse document frequency, rows of length 1."""
    counts = _counts(texts)
    seen_in = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + counts.shape[0]) / (1 + seen_in)) + 1
    counts.data = ((1 + np.log(counts.data)) * rarity[counts.indices]).astype(np.float32)
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(length > 0, length, 1)) @ counts).tocsr()


def _counts(texts: Iterable[Iterable[str]]) -> Sparse:
    """How often each text (row) has each gram (column)."""
    vocabulary: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for grams in texts:
        columns.extend(vocabulary.setdefault(gram, len(vocabulary)) for gram in grams)
        ends.append(len(columns))
    shape = (len(ends) - 1, len(vocabulary) or 1)
    counts = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=shape)
    counts.sum_duplicates()
    return counts
