"""What is told of each group: its head, its members in order, intent, volume, difficulty."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from igny8_core.planner.clustering.groups import Group
from igny8_core.planner.clustering.intents import inferred_intent
from igny8_core.planner.clustering.terms import Term


class Labelled(NamedTuple):
    """A keyword's group, by its number within a backend, and how near it is to it (0 to 1)."""

    backend: str
    label: int
    similarity: float


def groups_of(terms: Sequence[Term], labelled: Sequence[Labelled]) -> tuple[Group, ...]:
    """Groups, largest total volume first; of equals the larger, then by the alphabet."""
    members: dict[tuple[str, int], list[int]] = {}
    for index in _ranked(terms, labelled):
        one = labelled[index]
        members.setdefault((one.backend, one.label), []).append(index)
    groups = [_group(terms, labelled, indices) for indices in members.values()]
    return tuple(
        sorted(groups, key=lambda group: (-(group.volume or 0), -len(group.members), group.name))
    )


def _ranked(terms: Sequence[Term], labelled: Sequence[Labelled]) -> list[int]:
    """Volume first, then the most typical, then the alphabet."""
    return sorted(
        range(len(terms)),
        key=lambda index: (
            -_volume(terms[index]),
            -_rounded(labelled[index].similarity),
            terms[index].text,
            index,
        ),
    )


def _volume(term: Term) -> int:
    """Unknown is less than none."""
    return -1 if term.volume is None else term.volume


def _group(terms: Sequence[Term], labelled: Sequence[Labelled], indices: list[int]) -> Group:
    some = [terms[index] for index in indices]
    similarity = tuple(_rounded(labelled[index].similarity) for index in indices)
    volumes = [term.volume for term in some if term.volume is not None]
    difficulties = [term.difficulty for term in some if term.difficulty is not None]
    intent, inferred = _intent(some)
    return Group(
        name=some[0].text,
        head=indices[0],
        members=tuple(indices),
        similarity=similarity,
        cohesion=_rounded(sum(similarity) / len(similarity)),
        backend=labelled[indices[0]].backend,
        intent=intent,
        intent_inferred=inferred,
        volume=sum(volumes) if volumes else None,
        difficulty=round(sum(difficulties) / len(difficulties), 1) if difficulties else None,
    )


def _intent(terms: Sequence[Term]) -> tuple[str, bool]:
    """The intent that most searches have, "" where most tell none, and whether it is inferred."""
    weights: Counter[str] = Counter()
    for term in terms:
        weights[term.intent or inferred_intent(term.text)] += max(_volume(term), 1)
    most = max(weights, key=lambda intent: (weights[intent], intent))
    return most, bool(most) and all(term.intent != most for term in terms)


def _rounded(similarity: float) -> float:
    """Four decimals, so that the last bits of a sum never decide an order; within 0 to 1."""
    return round(min(1.0, max(0.0, similarity)), 4)
