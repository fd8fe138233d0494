"""What is told of each group: its head, its members in order, intent, volume, difficulty."""

from collections.abc import Sequence
from typing import NamedTuple

from igny8_core.planner.clustering.groups import Group
from igny8_core.planner.clustering.heads import Counted, intent_of, rank, rounded
from igny8_core.planner.clustering.terms import Term


class Labelled(NamedTuple):
    """A keyword's group, by its number within a backend, and how near it is to it (0 to 1)."""

    backend: str
    label: int
    similarity: float


def groups_of(terms: Sequence[Term], labelled: Sequence[Labelled]) -> tuple[Group, ...]:
    """Groups, largest total volume first; of equals the larger, then by the alphabet."""
    counted = list(map(_counted, terms, labelled))
    members: dict[tuple[str, int], list[int]] = {}
    for index in sorted(range(len(terms)), key=lambda index: rank(counted[index])):
        one = labelled[index]
        members.setdefault((one.backend, one.label), []).append(index)
    groups = [
        _group(backend, indices, terms, [counted[index] for index in indices])
        for (backend, _), indices in members.items()
    ]
    return tuple(
        sorted(groups, key=lambda group: (-(group.volume or 0), -len(group.members), group.name))
    )


def _counted(term: Term, one: Labelled) -> Counted:
    return Counted(term.text, term.volume, one.similarity, term.intent)


def _group(
    backend: str, indices: list[int], terms: Sequence[Term], counted: list[Counted]
) -> Group:
    some = [terms[index] for index in indices]
    similarity = tuple(rounded(one.similarity) for one in counted)
    volumes = [term.volume for term in some if term.volume is not None]
    difficulties = [term.difficulty for term in some if term.difficulty is not None]
    intent = intent_of(counted)
    return Group(
        name=some[0].text,
        head=indices[0],
        members=tuple(indices),
        similarity=similarity,
        cohesion=rounded(sum(similarity) / len(similarity)),
        backend=backend,
        intent=intent,
        intent_inferred=bool(intent) and all(term.intent != intent for term in some),
        volume=sum(volumes) if volumes else None,
        difficulty=round(sum(difficulties) / len(difficulties), 1) if difficulties else None,
    )
