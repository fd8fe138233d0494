"""From the groups a model proposes to groups that hold every keyword asked about, exactly once.

Names are matched folded, then by the nearest spelling; what the answer forgot stays with those that
the clusterer puts it with. Nothing that was not asked about is taken in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from igny8_core.planner.grouping import GroupToSave, Member
from igny8_core.planner.intake import fold
from igny8_core.planner.joining import Found
from igny8_core.planner.models import Keyword
from igny8_core.planner.spelling import Spellings

AssignedBy = Keyword.AssignedBy
#: How many unknown names of an answer are looked at for what they may be a misspelling of.
_LOOKED_AT = 1_000
#: The share of a clusterer's group that a group must hold to be given the rest of it, 0 to 1.
_MOST = 0.5
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
    #: Keywords that the answer does not name.
    forgotten: int = 0

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

    def take(self, keyword: Keyword, by: str, similarity: float | None = None) -> None:
        self.members.append(Member(keyword.pk, by, similarity))


def cover(
    keywords: Sequence[Keyword], proposals: Sequence[Proposal], found: Sequence[Found] = ()
) -> Coverage:
    """Put every keyword into one of the proposed groups, or into one with its like.

    found: the clusterer's groups of these keywords
    """
    left = _by_text(keywords)
    asked = set(left)
    groups = [_Group(proposal) for proposal in _joined(proposals)]
    misses = [(group, name) for group in groups for name in _take_named(group, left)]
    unknown = [(group, name) for group, name in misses if name not in asked]
    invented = len(unknown) - _take_misspelt(unknown[:_LOOKED_AT], left)
    groups = [group for group in groups if group.members]
    forgotten = {keyword.pk: keyword for same in left.values() for keyword in same}
    if groups:
        _take_forgotten(groups, forgotten, found)
    saved = [
        GroupToSave(group.proposal.name, group.members, group.proposal.description)
        for group in groups
    ]
    return Coverage(saved, invented, len(forgotten))


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


def _take_misspelt(unknown: Sequence[tuple[_Group, str]], left: Left) -> int:
    """Have each group take in what its unknown names are misspellings of; how many are some."""
    spellings = Spellings(left)
    repaired = 0
    for group, name in unknown:
        if (meant := spellings.nearest(name)) is None:
            continue
        spellings.discard(meant)
        for keyword in left.pop(meant):
            group.take(keyword, AssignedBy.REPAIRED)
        repaired += 1
    return repaired


def _take_forgotten(
    groups: list[_Group], forgotten: dict[int, Keyword], found: Sequence[Found]
) -> None:
    """What is left of each of the clusterer's groups goes where most of it is, else by itself."""
    place = {one.keyword_id: number for number, group in enumerate(groups) for one in group.members}
    named = {fold(group.proposal.name): number for number, group in enumerate(groups)}
    known = {pk for one in found for pk, _ in one.members}
    alone = [Found("", [(pk, 1.0)]) for pk in forgotten if pk not in known]
    for one in (*found, *alone):
        rest = [(forgotten[pk], near) for pk, near in one.members if pk in forgotten]
        if not rest:
            continue
        number = _holder(one, place)
        if number is None:
            head = rest[0][0].keyword
            number = named.setdefault(fold(head), len(groups))
            groups += [_Group(Proposal(head, []))] if number == len(groups) else []
        for keyword, near in rest:
            groups[number].take(keyword, AssignedBy.FALLBACK, near)


def _holder(one: Found, place: dict[int, int]) -> int | None:
    """The number of the group that holds most of what the clusterer put together."""
    held = Counter(place[pk] for pk, _ in one.members if pk in place)
    best = min(held, key=lambda number: (-held[number], number), default=None)
    return best if best is not None and held[best] >= _MOST * len(one.members) else None
