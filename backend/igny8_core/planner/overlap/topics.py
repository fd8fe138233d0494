"""What is compared, and what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

#: What it is and its id: `("cluster", 5)`.
Key: TypeAlias = tuple[str, int]

WRITTEN = frozenset({"content", "page"})


class Verdict(StrEnum):
    """What to do about it."""

    NEW = "new"
    NARROW = "narrow"
    REFRESH = "refresh"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Topic:
    """A thing with what it is about.

    phrases: the words of its keyword, title and address, each by itself
    family: what it comes from and what it became, which it does not compete with
    """

    key: Key
    name: str
    phrases: tuple[frozenset[str], ...]
    family: frozenset[Key] = frozenset()

    @property
    def type(self) -> str:
        """What it is: `cluster`, `idea`, `task`, `content` or `page`."""
        return self.key[0]

    @property
    def id(self) -> int:
        """Its id."""
        return self.key[1]

    @property
    def is_written(self) -> bool:
        """Whether readers, or somebody's hours, are in it already."""
        return self.type in WRITTEN

    def is_kin(self, other: "Topic") -> bool:
        """Whether they are the same or one comes from the other."""
        return self.key == other.key or self.key in other.family or other.key in self.family


class Topics(Protocol):
    """What a site has, in an order of its own; a list will do."""

    def __iter__(self) -> Iterator[Topic]: ...
    def __getitem__(self, place: int, /) -> Topic: ...


@dataclass(frozen=True, slots=True)
class Overlap:
    """The verdict on a topic, and the other that it is about.

    score: 0 to 1, the weight of the common words over that of all words of both
    words: the common ones, the most telling first
    """

    verdict: Verdict = Verdict.NEW
    other: Topic | None = None
    score: float = 0.0
    words: tuple[str, ...] = ()
