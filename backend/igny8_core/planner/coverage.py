"""From the groups a model proposes to groups that hold every keyword asked about, exactly once.

Names are matched as they are, then folded, then by the nearest spelling; what the answer forgot
goes to the group it is most like. Nothing that was not asked about is taken in.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from igny8_core.planner.clustering import nearest_group
from igny8_core.planner.grouping import GroupToSave, Member
from igny8_core.planner.intake import fold
from igny8_core.planner.models import Keyword

AssignedBy = Keyword.AssignedBy
#: How alike a misspelt name must be to a keyword to stand for it, 0 to 1.
_ALIKE = 0.85


@dataclass(slots=True)
class Proposal:
    """A group as a model's answer gives it."""

    name: str
    keywords: Sequence[str]
    description: str = ""


@dataclass(slots=True)
class _Group:
    proposal: Proposal
    members: list[Member] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def take(self, keyword: Keyword, by: str, similarity: float | None = None) -> None:
        self.members.append(Member(keyword.pk, by, similarity))
        self.texts.append(keyword.keyword)


def cover(keywords: Sequence[Keyword], proposals: Sequence[Proposal]) -> list[GroupToSave]:
    """The proposals with every keyword in exactly one of them; [] where none names any."""
    left = {keyword.folded: keyword for keyword in keywords}
    groups = [_Group(proposal) for proposal in _joined(proposals)]
    misses = [(group, name) for group in groups for name in _take_named(group, left)]
    for group, name in misses:
        _take_alike(group, name, left)
    groups = [group for group in groups if group.members]
    if groups:
        _take_forgotten(groups, list(left.values()))
    return [
        GroupToSave(group.proposal.name, group.members, group.proposal.description)
        for group in groups
    ]


def _joined(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Groups of one name are one group."""
    by_name: dict[str, Proposal] = {}
    for one in proposals:
        known = by_name.setdefault(fold(one.name), Proposal(one.name, [], one.description))
        known.keywords = [*known.keywords, *one.keywords]
    return list(by_name.values())


def _take_named(group: _Group, left: dict[str, Keyword]) -> list[str]:
    """Take in what the group names; the names that are no keyword of ours, or not any more."""
    misses = []
    for name in group.proposal.keywords:
        keyword = left.pop(fold(name), None)
        if keyword is None:
            misses.append(name)
        else:
            group.take(keyword, AssignedBy.AI)
    return misses


def _take_alike(group: _Group, name: str, left: dict[str, Keyword]) -> None:
    close = difflib.get_close_matches(fold(name), left, n=1, cutoff=_ALIKE)
    if close:
        group.take(left.pop(close[0]), AssignedBy.REPAIRED)


def _take_forgotten(groups: list[_Group], forgotten: list[Keyword]) -> None:
    texts = [keyword.keyword for keyword in forgotten]
    places = nearest_group(texts, [list(group.texts) for group in groups])
    for keyword, place in zip(forgotten, places, strict=True):
        groups[place.group].take(keyword, AssignedBy.FALLBACK, place.similarity)
