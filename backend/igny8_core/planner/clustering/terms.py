"""What the clusterer is told: keywords with what is known of them, and rules for their SERPs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

#: The dial from broad (.02) to fine (.3). Here most keywords of real exports come into groups of 3
#: to 30, what one page can serve.
RESOLUTION = 0.08
#: One page serves up to 30 keywords; what is half as large again is cut further.
LARGEST = 45

#: Rows of equal length for texts, in their order: what a provider's `/embeddings` gives. Raises
#: NotEmbedded.
Embed = Callable[[Sequence[str]], Sequence[Sequence[float]] | Any]


def largest(resolution: float) -> float:
    """How many keywords a group takes, at this position of the dial."""
    return max(LARGEST, LARGEST * RESOLUTION / resolution)


class NotEmbedded(Exception):
    """A provider gave no embeddings; the message says why in half a sentence."""

    @property
    def sentence(self) -> str:
        """What is told of it."""
        return f"No embeddings from the provider: {self}."


@dataclass(frozen=True, slots=True)
class Term:
    """A keyword with what is known of it; nothing but its text need be.

    volume: searches a month
    difficulty: 0 to 100
    intent: as the file says it; "" where it says none, and it is then read from the words
    language: a code such as "en" or "pt-BR"; "" where nobody has said
    serp_urls: the addresses that a search for it finds, best first
    """

    text: str
    volume: int | None = None
    difficulty: float | None = None
    intent: str = ""
    language: str = ""
    serp_urls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SerpRule:
    """When two keywords want one page because their searches find the same pages.

    overlap: share of the first ten addresses that they have in common, above 0 to 1
    hard: every pair of a group overlaps so; else a chain of such pairs is enough
    """

    overlap: float = 0.4
    hard: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.overlap <= 1:
            raise ValueError(f"overlap must be above 0 and at most 1, not {self.overlap}")
