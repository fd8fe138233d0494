"""Keywords that are dealt with together, in the groups that the clusterer found them in.

Pure arithmetic over keywords and groups: nothing here asks a model or a database.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from igny8_core.planner.agreement import agreement
from igny8_core.planner.grouping import GroupToSave, Member
from igny8_core.planner.joining import Found
from igny8_core.planner.likeness import side_by_side
from igny8_core.planner.models import Keyword


@dataclass(frozen=True, slots=True)
class Batch:
    """Keywords that go together, with the groups that the clusterer found."""

    keywords: Sequence[Keyword]
    groups: Sequence[Found] = ()
    mode: str = ""
    #: How the clusterer came to them.
    told: str = ""
    #: How it is to come to them: `resolution`, `serp`, `overlap`.
    way: dict[str, Any] = field(default_factory=dict)

    @property
    def offline(self) -> bool:
        """Whether the clusterer alone decides."""
        return self.mode == "offline"

    @property
    def present(self) -> list[Found]:
        """The groups without what was deleted meanwhile."""
        ids = {keyword.pk for keyword in self.keywords}
        left = (
            one._replace(members=[m for m in one.members if m[0] in ids]) for one in self.groups
        )
        return [one for one in left if one.members]

    def part(self, groups: Sequence[Found]) -> "Batch":
        """The keywords of some groups."""
        by_id = {keyword.pk: keyword for keyword in self.keywords}
        keywords = [by_id[pk] for one in groups for pk, _ in one.members]
        return replace(self, keywords=keywords, groups=groups)

    def alike(self, groups: Sequence[Found]) -> list[Found]:
        """The groups in an order in which neighbours are alike."""
        texts = {keyword.pk: keyword.keyword for keyword in self.keywords}
        order = side_by_side([[texts[pk] for pk, _ in one.members] for one in groups])
        return [groups[index] for index in order]


def bounded(groups: Iterable[Found], most: int) -> Iterator[Found]:
    """Groups, a too large one cut into parts of at most so many keywords."""
    for group in groups:
        for start in range(0, len(group.members), most):
            yield group._replace(members=group.members[start : start + most])


def packed(groups: Iterable[Found], most: int) -> Iterator[list[Found]]:
    """Neighbouring groups together, up to so many keywords."""
    pack: list[Found] = []
    size = 0
    for group in groups:
        if pack and size + len(group.members) > most:
            yield pack
            pack, size = [], 0
        pack.append(group)
        size += len(group.members)
    if pack:
        yield pack


def compared(groups: Sequence[GroupToSave], batch: Batch) -> str:
    """How far a model's groups are those that the clusterer found, and by what it found them."""
    ids = [[member.keyword_id for member in group.members] for group in groups]
    share = agreement(ids, [[pk for pk, _ in one.members] for one in batch.groups])
    same = (
        f" Of the pairs that it or the clusterer put together, {share:.0%} are the same."
        if share is not None
        else ""
    )
    return f"{same} The clusterer {batch.told[:1].lower()}{batch.told[1:]}"


def as_found(found: Sequence[Found]) -> list[GroupToSave]:
    """The clusterer's groups as they are saved, with the similarity that it measured."""
    by = Keyword.AssignedBy.OFFLINE
    return [
        GroupToSave(
            group.name,
            [Member(pk, by, similarity) for pk, similarity in group.members],
            cluster_id=group.cluster_id,
        )
        for group in found
    ]
