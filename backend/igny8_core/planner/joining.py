"""Which of the keywords that are added join the clusters that are there, and which make new ones.

Keywords of those clusters, the anchors, are grouped along with the new ones. A cluster is where
most of its anchors are: there it takes in what is as typical as its own keywords are, the most
typical first, while it has room. What says the same as one of its keywords joins it in any case.
What it does not take is a cluster of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from igny8_core.planner.clustering import (
    RESOLUTION,
    Clustering,
    Group,
    Wording,
    largest,
    wording_of,
)
from igny8_core.planner.models import Keyword

#: The share of a cluster's anchors that a group must hold to be the cluster's, 0 to 1.
_MOST = 0.5
#: How near a keyword must be to the group's centre, as a share of what the anchors are.
_AS_NEAR = 0.7
#: How full a cluster gets by what is near, as a share of the size at which groups are cut: the rest
#: is left for other ways to say what it has.
_FULL = 2 / 3


class Found(NamedTuple):
    """A group: its head's text; ids, each with its similarity, 0 to 1; the cluster it joins."""

    name: str
    members: Sequence[tuple[int, float]]
    cluster_id: int | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """Keywords of clusters that are there, and how many keywords each of those has in all."""

    keywords: Sequence[Keyword] = ()
    sizes: Mapping[int, int] = field(default_factory=dict)


NOTHING = Beside()


class _Near(NamedTuple):
    """A keyword, or an anchor, its similarity to the centre of its group, and what it says."""

    keyword: Keyword
    similarity: float
    wording: Wording


def joined(clustering: Clustering, keywords: Sequence[Keyword], beside: Beside) -> list[Found]:
    """The groups of the keywords, which stand before the anchors in the clustering."""
    full = round(largest(clustering.resolution or RESOLUTION) * _FULL)
    joining = _Joining(beside, {pk: full - size for pk, size in beside.sizes.items()})
    everyone = [*keywords, *beside.keywords]
    return [
        found
        for group in clustering.groups
        for found in joining.parts_of(group, everyone, len(keywords))
    ]


class _Joining:
    """Gives keywords to clusters, group by group, and keeps count of their room."""

    def __init__(self, beside: Beside, room: dict[int, int]) -> None:
        self._room = room
        self._anchors = Counter(one.cluster_id for one in beside.keywords)

    def parts_of(self, group: Group, everyone: Sequence[Keyword], new: int) -> list[Found]:
        """The group's new keywords by the cluster that each joins, and those that join none."""
        near = [
            (index, _Near(everyone[index], value, wording_of(everyone[index].folded)))
            for index, value in zip(group.members, group.similarity, strict=True)
        ]
        asked = [one for index, one in near if index < new]
        anchors = [one for index, one in near if index >= new]
        joins = self._by_wording(asked, anchors)
        for pk in self._clusters_in(anchors):
            there = [one for one in anchors if one.keyword.cluster_id == pk]
            left = [one for one in asked if one.keyword.pk not in joins]
            joins |= dict.fromkeys(self._taken(pk, left, there, group.backend == "serp"), pk)
        return _as_found(asked, joins)

    def _by_wording(self, asked: Sequence[_Near], anchors: Sequence[_Near]) -> dict[int, int]:
        """The cluster of each keyword that says what one there says, however full that is."""
        cluster = {one.wording: one.keyword.cluster_id or 0 for one in reversed(anchors)}
        same = {one.keyword.pk: cluster[one.wording] for one in asked if one.wording in cluster}
        for pk in same.values():
            self._room[pk] -= 1
        return same

    def _clusters_in(self, anchors: Sequence[_Near]) -> list[int]:
        """Those that the group holds most of, the best represented first."""
        counts = Counter(one.keyword.cluster_id for one in anchors)
        held = [
            (-count, pk)
            for pk, count in counts.items()
            if pk is not None and count >= _MOST * self._anchors[pk]
        ]
        return [pk for _, pk in sorted(held)]

    def _taken(
        self, pk: int, new: Sequence[_Near], there: Sequence[_Near], by_serp: bool
    ) -> list[int]:
        """What joins the cluster; common addresses are reason enough, however many have them."""
        if by_serp:
            return [one.keyword.pk for one in new]
        least = _AS_NEAR * sum(one.similarity for one in there) / len(there)
        near = [one for one in new if one.similarity >= least]
        typical = sorted(near, key=lambda one: (-one.similarity, one.keyword.folded))
        taken = typical[: max(0, self._room[pk])]
        self._room[pk] -= len(taken)
        return [one.keyword.pk for one in taken]


def _as_found(asked: Sequence[_Near], joins: Mapping[int, int]) -> list[Found]:
    """Keywords by what they join, each part named by the first of it; those that join none last."""
    parts: dict[int | None, list[_Near]] = defaultdict(list)
    for one in asked:
        parts[joins.get(one.keyword.pk)].append(one)
    return [
        Found(
            parts[pk][0].keyword.keyword,
            [(one.keyword.pk, one.similarity) for one in parts[pk]],
            pk,
        )
        for pk in sorted(parts, key=lambda pk: (pk is None, pk or 0))
    ]
