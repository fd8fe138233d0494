"""What the likeness of keywords is measured with: a provider, the model, or words alone.

Each answers for what it can and leaves the rest to the next; why is told.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from igny8_core.planner.clustering.languages import Reading, readable
from igny8_core.planner.clustering.terms import Embed, NotEmbedded
from igny8_core.planner.clustering.tfidf import tfidf
from igny8_core.planner.clustering.vectors import Vectors, unit
from igny8_core.planner.clustering.weights import Unusable, absent

TFIDF, MINILM, PROVIDER = "tfidf", "minilm", "provider"
_INSTEAD = "TF-IDF is used instead"


class Part(NamedTuple):
    """Keywords that are measured alike: their indices, a row of length 1 for each, by what."""

    indices: np.ndarray
    vectors: Vectors
    backend: str


class Measured(NamedTuple):
    """All keywords in one or two parts, and sentences that tell why it was no better backend."""

    parts: list[Part]
    why: list[str]


def measured(
    texts: list[str], languages: Sequence[str], model: Path | None, embed: Embed | None
) -> Measured:
    """Casefolded texts, measured with the best there is."""
    everyone = np.arange(len(texts))
    why: list[str] = []
    if embed is not None:
        try:
            return Measured([Part(everyone, _by_provider(texts, embed), PROVIDER)], why)
        except NotEmbedded as error:
            why.append(error.sentence)
    if model is not None:
        try:
            parts, unread = _by_model(texts, languages, model)
            return Measured(parts, why + unread)
        except Unusable as error:
            why.append(f"No embedding model: {error}; {_INSTEAD}.")
    return Measured([Part(everyone, tfidf(texts), TFIDF)], why)


def _by_provider(texts: list[str], embed: Embed) -> Vectors:
    rows = np.asarray(embed(texts), np.float32)
    if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
        raise NotEmbedded("they are not one row of numbers for each keyword")
    return unit(rows)


def _by_model(
    texts: list[str], languages: Sequence[str], folder: Path
) -> tuple[list[Part], list[str]]:
    if missing := absent(folder):
        raise Unusable(f"{missing} is not there")
    # Imported here, for its libraries are there only where the weights are.
    from igny8_core.planner.clustering.minilm import MiniLM

    model = MiniLM(folder)
    tokens = model.tokens(texts)
    # The first and the last token stand for no piece of a word.
    pieces = [len(some) - 2 for some in tokens]
    read = np.array(readable(list(map(Reading, texts, languages, pieces))), bool)
    known, unknown = np.flatnonzero(read), np.flatnonzero(~read)
    parts, why = [], []
    if len(known):
        parts.append(Part(known, model.embed([tokens[index] for index in known]), MINILM))
    if len(unknown):
        parts.append(Part(unknown, tfidf([texts[index] for index in unknown]), TFIDF))
        why.append(
            f"{len(unknown)} of {len(texts)} keywords are in a language that the model does not "
            f"know; {_INSTEAD}."
        )
    return parts, why
