"""Which of many short texts are about the same as some others, by the words they share."""

import math
from collections import Counter
from collections.abc import Sequence

from igny8_core.planner.overlap import words_of


def nearest_texts(texts: Sequence[str], others: Sequence[str], most: int) -> list[int]:
    """Indices of at most so many texts, in their order: those that share most with the others.

    A shared word weighs what it tells: the fewer of the texts have it, the more (BM25's idf).
    """
    if len(texts) <= most:
        return list(range(len(texts)))
    words = [words_of(text) for text in texts]
    having = Counter(word for some in words for word in some)
    told = set().union(*map(words_of, others))
    weight = {word: math.log(1 + len(texts) / having[word]) for word in told & having.keys()}
    shared = [sum(weight.get(word, 0.0) for word in some) for some in words]
    best = sorted(range(len(texts)), key=lambda index: (-shared[index], index))[:most]
    return sorted(best)
