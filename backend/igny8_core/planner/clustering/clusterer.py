"""The door of the clusterer: keywords in, groups out; numpy and scipy are loaded on first use."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from igny8_core.planner.clustering.groups import Clustering
from igny8_core.planner.clustering.intents import ANYTHING, wish
from igny8_core.planner.clustering.summaries import Labelled, groups_of
from igny8_core.planner.clustering.terms import RESOLUTION, Embed, SerpRule, Term
from igny8_core.planner.clustering.wordings import wordings

if TYPE_CHECKING:
    import numpy as np

    from igny8_core.planner.clustering.vectors import Vectors


def cluster(
    terms: Sequence[Term],
    *,
    resolution: float = RESOLUTION,
    model: Path | None = None,
    embed: Embed | None = None,
    serp: SerpRule | None = None,
) -> Clustering:
    """Group keywords so that one page can answer each group, in whatever order they come.

    model: a folder of weights; embed: a provider's embeddings, tried before the model; without
    either, or for what they cannot read, TF-IDF. serp: keywords that bring addresses are grouped
    by those, the others by their words.
    Raises ValueError where the resolution is not positive.
    """
    check(resolution)
    if not terms:
        return Clustering(groups=(), backend="", resolution=resolution)
    # Leiden depends on the order of its nodes: they are sorted, and each spelling is one node.
    nodes = _nodes(terms)
    labelled, why = _labelled(list(nodes.values()), resolution, model, embed, serp)
    of_term = [labelled[number] for number in _numbers(terms, nodes)]
    backends = sorted({one.backend for one in labelled})
    return Clustering(groups_of(terms, of_term), "+".join(backends), resolution, tuple(why))


def cluster_keywords(
    texts: Sequence[str],
    *,
    volumes: Sequence[int | None] | None = None,
    resolution: float = RESOLUTION,
) -> Clustering:
    """Group bare texts by TF-IDF.

    volumes: searches a month per text, None where unknown; they choose heads and the order.
    Raises ValueError where volumes and texts differ in number or the resolution is not positive.
    """
    known = [None] * len(texts) if volumes is None else volumes
    if len(known) != len(texts):
        raise ValueError(f"{len(texts)} texts came with {len(known)} volumes")
    return cluster(list(map(Term, texts, known)), resolution=resolution)


def check(resolution: float) -> None:
    """Raise ValueError where the dial cannot stand so."""
    if not resolution > 0:
        raise ValueError(f"resolution must be above 0, not {resolution}")


def texts_to_embed(terms: Sequence[Term], serp: SerpRule | None) -> list[str]:
    """What `cluster` asks embeddings of, in its order."""
    return [text for text, node in _nodes(terms).items() if not (serp and node.serp_urls)]


def spelling(text: str) -> str:
    """What two keywords must share to be the same one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _nodes(terms: Sequence[Term]) -> dict[str, Term]:
    """One term for each spelling, in their order: the most searched, or the best documented."""
    by_spelling: dict[str, list[Term]] = {}
    for term in terms:
        by_spelling.setdefault(spelling(term.text), []).append(term)
    return {text: max(by_spelling[text], key=_worth) for text in sorted(by_spelling)}


def _worth(term: Term) -> tuple[int, int, str, tuple[str, ...]]:
    volume = -1 if term.volume is None else term.volume
    return len(term.serp_urls), volume, term.language, tuple(term.serp_urls)


def _numbers(terms: Sequence[Term], nodes: dict[str, Term]) -> list[int]:
    number = {text: index for index, text in enumerate(nodes)}
    return [number[spelling(term.text)] for term in terms]


def _labelled(
    nodes: list[Term],
    resolution: float,
    model: Path | None,
    embed: Embed | None,
    serp: SerpRule | None,
) -> tuple[list[Labelled], list[str]]:
    """Each node's group, and why no better backend was used."""
    found: dict[int, Labelled] = {}
    with_urls = [index for index, node in enumerate(nodes) if serp and node.serp_urls]
    if serp and with_urls:
        found |= _by_serp(nodes, with_urls, serp)
    others = [index for index in range(len(nodes)) if index not in found]
    why: list[str] = []
    if with_urls and others:
        why.append(f"{len(others)} of {len(nodes)} keywords bring no addresses; by words instead.")
    if others:
        by_words, reasons = _by_words([nodes[index] for index in others], resolution, model, embed)
        found |= dict(zip(others, by_words, strict=True))
        why += reasons
    return [found[index] for index in range(len(nodes))], why


def _by_serp(nodes: list[Term], indices: list[int], rule: SerpRule) -> dict[int, Labelled]:
    from igny8_core.planner.clustering.serp import grouped

    some = [nodes[index] for index in indices]
    volumes = [-1 if node.volume is None else node.volume for node in some]
    shared = grouped([node.serp_urls for node in some], volumes, rule)
    return {
        index: Labelled("serp", int(label), float(similarity))
        for index, label, similarity in zip(indices, *shared, strict=True)
    }


def _by_words(
    nodes: list[Term], resolution: float, model: Path | None, embed: Embed | None
) -> tuple[list[Labelled], list[str]]:
    import numpy as np

    from igny8_core.planner.clustering.backends import measured
    from igny8_core.planner.clustering.vectors import centres

    texts = [spelling(node.text) for node in nodes]
    parts, why = measured(texts, [node.language for node in nodes], model, embed)
    found: dict[int, Labelled] = {}
    for indices, vectors, backend in parts:
        labels = _labels([texts[index] for index in indices], vectors, resolution)
        similarity = np.einsum("ij,ij->i", vectors, centres(vectors, labels)[labels])
        for index, label, cosine in zip(indices, labels, similarity, strict=True):
            found[int(index)] = Labelled(backend, int(label), float(cosine))
    return [found[index] for index in range(len(nodes))], why


def _labels(texts: list[str], vectors: "Vectors", resolution: float) -> "np.ndarray":
    """Each text's group; those of one wording are together."""
    import numpy as np

    from igny8_core.planner.clustering.communities import Nodes, communities
    from igny8_core.planner.clustering.models import names_of
    from igny8_core.planner.clustering.vectors import centres

    of, wants = np.array(wordings(texts)), np.array(list(map(wish, texts)))
    _, first, sizes = np.unique(of, return_index=True, return_counts=True)
    wanted = np.full(len(sizes), ANYTHING)
    np.maximum.at(wanted, of, wants)
    # What somebody mentions in a whole sentence names nothing.
    names = names_of(
        ["" if want == ANYTHING else texts[i] for i, want in zip(first, wanted, strict=True)]
    )
    return communities(Nodes(centres(vectors, of), sizes, wanted, names), resolution)[of]
