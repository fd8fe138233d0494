"""Which of many short texts are about the same as some others, by the words they share."""

import math
from collections import Counter
from collections.abc import Sequence

from igny8_core.planner.overlap import words_of


def nearest_texts(texts: Sequence[str], others: Sequence[str], most: int) -> list[int]:
    """Indices of at most so many texts, in their order: those that share most with the others."""
    if len(texts) <= most:
        return list(range(len(texts)))
    return sorted(ranked_texts(texts, others)[:most])


def ranked_texts(texts: Sequence[str], others: Sequence[str]) -> list[int]:
    """Indices of the texts, those that share most with the others first.

    A shared word weighs what it tells: the fewer of the texts have it, the more (BM25's idf).
    """
    words = [words_of(text) for text in texts]
    having = Counter(word for some in words for word in some)
    told = set().union(*map(words_of, others))
    weight = {word: math.log(1 + len(texts) / having[word]) for word in told & having.keys()}
    shared = [sum(weight.get(word, 0.0) for word in some) for some in words]
    return sorted(range(len(texts)), key=lambda index: (-shared[index], index))


def side_by_side(groups: Sequence[Sequence[str]]) -> list[int]:
    """Indices of groups of texts, in an order in which those that share words are neighbours.

    A group goes by the words that half of its texts have, the commonest of all groups first: as in
    a dictionary whose headings are the large topics.
    """
    words = [_words_of_most(texts) for texts in groups]
    having = Counter(word for some in words for word in some)
    headings = [sorted((-having[word], word) for word in some) for some in words]
    return sorted(range(len(groups)), key=lambda index: (headings[index], index))


def _words_of_most(texts: Sequence[str]) -> list[str]:
    having = Counter(word for text in texts for word in words_of(text))
    return [word for word, count in having.items() if 2 * count >= len(texts)]
