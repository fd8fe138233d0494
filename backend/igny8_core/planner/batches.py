"""Keywords that are dealt with together, in the groups that the clusterer found them in.

Pure arithmetic over keywords and groups: nothing here asks a model or a database.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from igny8_core.planner.agreement import agreement
from igny8_core.planner.finding import Found
from igny8_core.planner.grouping import GroupToSave, Member
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
        left = (Found(one.name, [m for m in one.members if m[0] in ids]) for one in self.groups)
        return [one for one in left if one.members]

    def part(self, groups: Sequence[Found]) -> "Batch":
        """The keywords of some groups."""
        by_id = {keyword.pk: keyword for keyword in self.keywords}
        keywords = [by_id[pk] for one in groups for pk, _ in one.members]
        return replace(self, keywords=keywords, groups=groups)


def bounded(groups: Iterable[Found], most: int) -> Iterator[Found]:
    """Groups, a too large one cut into parts of at most so many keywords."""
    for name, members in groups:
        for start in range(0, len(members), most):
            yield Found(name, members[start : start + most])


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


def compared(groups: Sequence[GroupToSave], found: Sequence[Found]) -> str:
    """How far a model's groups are those that the clusterer found, in a sentence."""
    ids = [[member.keyword_id for member in group.members] for group in groups]
    share = agreement(ids, [[pk for pk, _ in one.members] for one in found])
    if share is None:
        return ""
    return f" Of the pairs that it or the clusterer put together, {share:.0%} are the same."


def as_found(groups: Sequence[GroupToSave], found: Sequence[Found]) -> list[GroupToSave]:
    """Links as the clusterer made them, with the similarity it measured."""
    similarity = {pk: value for one in found for pk, value in one.members}
    by = Keyword.AssignedBy.OFFLINE
    return [
        GroupToSave(
            group.name,
            [Member(one.keyword_id, by, similarity.get(one.keyword_id)) for one in group.members],
        )
        for group in groups
    ]
