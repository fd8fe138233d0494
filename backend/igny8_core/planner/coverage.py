"""From the groups a model proposes to groups that hold every keyword asked about, exactly once.

Names are matched folded, then by the nearest spelling; what the answer forgot goes to the group it
is most like. Nothing that was not asked about is taken in.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from igny8_core.planner.clustering import nearest_group
from igny8_core.planner.grouping import GroupToSave, Member
from igny8_core.planner.intake import fold
from igny8_core.planner.models import Keyword

AssignedBy = Keyword.AssignedBy
#: How many of their pairs of letters a misspelt name must share with a keyword, 0 to 1.
_ALIKE = 0.75
_HOW = {
    AssignedBy.AI: "as the model put them",
    AssignedBy.REPAIRED: "by a misspelt name",
    AssignedBy.FALLBACK: "that it forgot, by the clusterer",
}

#: Keywords by their folded text: in two languages or countries it may be the same.
Left = dict[str, list[Keyword]]


@dataclass(slots=True)
class Proposal:
    """A group as a model's answer gives it."""

    name: str
    keywords: Sequence[str]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Groups with every keyword in exactly one of them, none where no keyword was named."""

    groups: list[GroupToSave]
    #: Names in the answer that nobody asked about.
    invented: int = 0

    def __str__(self) -> str:
        """How each keyword came into its group, as a person reads it."""
        by = Counter(member.assigned_by for group in self.groups for member in group.members)
        how = ", ".join(f"{by[name]} {words}" for name, words in _HOW.items() if by[name])
        told = f"{by.total()} keyword(s) in {len(self.groups)} group(s): {how}."
        if self.invented:
            told += f" {self.invented} name(s) that nobody asked about were left out."
        return told


@dataclass(slots=True)
class _Group:
    proposal: Proposal
    members: list[Member] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def take(self, keyword: Keyword, by: str, similarity: float | None = None) -> None:
        self.members.append(Member(keyword.pk, by, similarity))
        self.texts.append(keyword.keyword)


def cover(keywords: Sequence[Keyword], proposals: Sequence[Proposal]) -> Coverage:
    """Put every keyword into one of the proposed groups."""
    left = _by_text(keywords)
    asked = set(left)
    groups = [_Group(proposal) for proposal in _joined(proposals)]
    misses = [(group, name) for group in groups for name in _take_named(group, left)]
    unknown = [(group, name) for group, name in misses if name not in asked]
    invented = sum(not _take_alike(group, name, left) for group, name in unknown)
    groups = [group for group in groups if group.members]
    if groups:
        _take_forgotten(groups, [keyword for same in left.values() for keyword in same])
    return Coverage(
        [
            GroupToSave(group.proposal.name, group.members, group.proposal.description)
            for group in groups
        ],
        invented,
    )


def unnamed(keywords: Sequence[Keyword], proposals: Sequence[Proposal]) -> list[Keyword]:
    """The keywords that no proposal names."""
    named = {fold(name) for one in proposals for name in one.keywords}
    return [keyword for keyword in keywords if keyword.folded not in named]


def _by_text(keywords: Sequence[Keyword]) -> Left:
    left: Left = {}
    for keyword in keywords:
        left.setdefault(keyword.folded, []).append(keyword)
    return left


def _joined(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Groups of one name are one group."""
    by_name: dict[str, Proposal] = {}
    for one in proposals:
        known = by_name.setdefault(fold(one.name), Proposal(one.name, [], one.description))
        known.keywords = [*known.keywords, *one.keywords]
    return list(by_name.values())


def _take_named(group: _Group, left: Left) -> list[str]:
    """Take in what the group names; the names, folded, that are no keyword or not any more."""
    misses = []
    for name in map(fold, group.proposal.keywords):
        if name not in left:
            misses.append(name)
        for keyword in left.pop(name, []):
            group.take(keyword, AssignedBy.AI)
    return misses


def _take_alike(group: _Group, name: str, left: Left) -> bool:
    """Take in the keyword that the name is a misspelling of; whether there is one."""
    nearest = max(left, key=lambda text: _likeness(name, text), default=None)
    if nearest is None or _likeness(name, nearest) < _ALIKE:
        return False
    for keyword in left.pop(nearest):
        group.take(keyword, AssignedBy.REPAIRED)
    return True


def _likeness(one: str, other: str) -> float:
    """The share of pairs of letters that two texts have in common; no number is misspelt."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return 0.0
    pairs, others = _pairs(one), _pairs(other)
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


def _pairs(text: str) -> Counter[str]:
    text = f" {text} "
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


def _take_forgotten(groups: list[_Group], forgotten: list[Keyword]) -> None:
    texts = [keyword.keyword for keyword in forgotten]
    places = nearest_group(texts, [list(group.texts) for group in groups])
    for keyword, place in zip(forgotten, places, strict=True):
        groups[place.group].take(keyword, AssignedBy.FALLBACK, place.similarity)
