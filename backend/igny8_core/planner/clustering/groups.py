"""What a clustering is: groups of keywords by their index, each with its head keyword."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Group:
    """Keywords that one page can answer. Indices point into the texts that were given.

    name: text of the head keyword, the one with the highest volume (of equals the most typical)
    head: its index
    members: all indices, head first, then by volume
    similarity: per member, cosine to the group's centre, 0 to 1
    """

    name: str
    head: int
    members: tuple[int, ...]
    similarity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Clustering:
    """Groups, largest total volume first; every text is in exactly one of them.

    backend: what the similarity was measured with ("tfidf")
    """

    groups: tuple[Group, ...]
    backend: str


class Nearest(NamedTuple):
    """Where a leftover keyword belongs: index of the group, cosine to its centre (0 to 1)."""

    group: int
    similarity: float
