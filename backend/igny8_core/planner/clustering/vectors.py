"""Turn keywords into vectors whose dot product says how alike they read: TF-IDF, no model.

Words and pairs of words carry the meaning, runs of 3 to 5 characters inside words forgive
spelling, endings and compounds. A word that nearly every keyword shares weighs next to nothing.
"""

import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse

Vectors = sparse.csr_matrix

# Share of the squared length that words have; the rest belongs to their characters.
WORD_SHARE = 0.5
CHARACTER_RUNS = (3, 4, 5)

# Chinese and Japanese write no spaces: each sign is a word, and two in a row are a pair.
_SIGNS = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W{_SIGNS}]+")


def tfidf(texts: list[str]) -> Vectors:
    """One row of length 1 per casefolded text (of length 0 where it has no character at all)."""
    words = _weighted(_word_grams(text) for text in texts)
    characters = _weighted(_character_grams(text) for text in texts)
    both = [words * math.sqrt(WORD_SHARE), characters * math.sqrt(1 - WORD_SHARE)]
    return unit(sparse.hstack(both, format="csr"))


def unit(vectors: Vectors) -> Vectors:
    """The same rows, each divided by its length."""
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(length > 0, length, 1)) @ vectors).tocsr()


def centres(vectors: Vectors, labels: np.ndarray) -> Vectors:
    """Row g is the unit-length mean of the vectors labelled g; labels are 0 to the highest."""
    nodes = np.arange(len(labels))
    membership = sparse.csr_matrix((np.ones(len(labels), np.float32), (labels, nodes)))
    return unit(membership @ vectors)


def _word_grams(text: str) -> list[str]:
    words = _WORD.findall(text)
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]


def _character_grams(text: str) -> Iterator[str]:
    for word in text.split():
        padded = f" {word} "
        for length in CHARACTER_RUNS:
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]


def _weighted(texts: Iterable[Iterable[str]]) -> Vectors:
    """Counts times inverse document frequency, rows of length 1."""
    counts = _counts(texts)
    seen_in = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1 + counts.shape[0]) / (1 + seen_in)) + 1
    counts.data = ((1 + np.log(counts.data)) * rarity[counts.indices]).astype(np.float32)
    return unit(counts)


def _counts(texts: Iterable[Iterable[str]]) -> Vectors:
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
