"""The offline clusterer as this installation has it: no model that costs, no network."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from igny8_core.core.errors import Unavailable
from igny8_core.planner.clustering import (
    RESOLUTION,
    ClustererDied,
    Clustering,
    Embed,
    SerpRule,
    Term,
    cluster_apart,
)
from igny8_core.planner.clustering.weights import packaged
from igny8_core.planner.models import Keyword

#: What IGNY8_EMBEDDING_MODEL says where TF-IDF is wanted.
NO_MODEL = "none"
_MISSED = (
    "The embedding model is not installed, so words alone are compared: the next `make run` tries "
    "to fetch it."
)


def group_keywords(
    keywords: Sequence[Keyword],
    *,
    resolution: float = RESOLUTION,
    serp: SerpRule | None = None,
    embed: Embed | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Clustering:
    """Group keywords so that one page can answer each group; indices are those of `keywords`.

    embed: a provider's embeddings, used in place of the installed model's.
    pulse: called now and then while it takes long; it may raise, and that is the end of it.
    Raises Unavailable where the clusterer's process dies.
    """
    terms = list(map(_term, keywords))
    return group_terms(terms, resolution=resolution, serp=serp, embed=embed, pulse=pulse)


def group_terms(
    terms: Sequence[Term],
    *,
    resolution: float = RESOLUTION,
    serp: SerpRule | None = None,
    embed: Embed | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Clustering:
    """The same for what is no row, or is read without making objects of it."""
    try:
        found = cluster_apart(
            terms,
            resolution=resolution,
            model=embedding_model(),
            embed=embed,
            serp=serp,
            pulse=pulse,
        )
    except ClustererDied as end:
        raise Unavailable(
            f"The keywords could not be clustered: the clusterer's process gave no answer, {end}. "
            "Try again, or with fewer keywords at once."
        ) from end
    is_missed = embedding_model() is None and settings.IGNY8_EMBEDDING_MODEL != NO_MODEL
    return replace(found, why=(*found.why, _MISSED)) if is_missed else found


def embedding_model() -> Path | None:
    """The folder of weights: the one that is named, else the package's; None where is none."""
    named: str = settings.IGNY8_EMBEDDING_MODEL
    if named == NO_MODEL:
        return None
    return Path(named) if named else packaged()


def _term(keyword: Keyword) -> Term:
    said = "" if keyword.intent_inferred else keyword.intent or ""
    return Term(
        keyword.keyword,
        keyword.volume,
        keyword.difficulty,
        said,
        keyword.language,
        keyword.serp_urls,
    )
