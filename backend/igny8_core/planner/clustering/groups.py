"""What a clustering is: groups of keywords by their index, each with what is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Keywords that one page can answer. Indices point into the keywords that were given.

    name: text of the head keyword, the one with the highest volume (of equals the most typical)
    head: its index
    members: all indices, head first, then by volume
    similarity: per member, 0 to 1: cosine to the group's centre, or of a group by SERPs the mean
        share of addresses that it has in common with the others
    cohesion: 0 to 1: the mean of those; 1 for a keyword alone
    backend: what the similarity was measured with: "minilm", "provider", "tfidf" or "serp"
    intent: what most of its searches want, "" where no keyword tells
    intent_inferred: whether that was read from words, no file having said it
    volume: searches a month in all, None where none is known
    difficulty: mean of those known, None where none is
    """

    name: str
    head: int
    members: tuple[int, ...]
    similarity: tuple[float, ...]
    cohesion: float = 1.0
    backend: str = "tfidf"
    intent: str = ""
    intent_inferred: bool = False
    volume: int | None = None
    difficulty: float | None = None


@dataclass(frozen=True, slots=True)
class Clustering:
    """Groups, largest total volume first; every keyword is in exactly one of them.

    backend: what the groups' similarity was measured with; "minilm+tfidf" where it was two
    resolution: the dial's position
    why: sentences that tell why it was no better backend, and how many keywords that concerns
    """

    groups: tuple[Group, ...]
    backend: str
    resolution: float = 0.0
    why: tuple[str, ...] = ()
