"""Ways from one thing to another: "flights from Paris to London" is not the way back."""

import re
from collections.abc import Sequence, Set

# One word or two; taken whole, so that a text of one endless word is not tried at each letter.
_SOME = r"(?<!\S)\S++(?: \S++)?"
_WAYS = (
    re.compile(
        rf"(?<!\S)(?:from|von|van|de|da|desde) (?P<start>{_SOME})"
        rf" (?:to|nach|naar|bis|hasta|a|à|in) (?P<end>{_SOME})"
    ),
    re.compile(rf"(?<!\S)to (?P<end>{_SOME}) from (?P<start>{_SOME})"),
    re.compile(rf"(?P<start>{_SOME}) (?:to|nach|naar|into) (?P<end>{_SOME})"),
)
_GOING = frozenset({"to", "nach", "naar", "into", "bis", "hasta", "a", "à", "in"})
_BETWEEN = ">"


def ways_of(words: Sequence[str], fillers: Set[str]) -> Set[str]:
    """A word such as "paris>london" for each two on either side of the text's first way."""
    if _GOING.isdisjoint(words) or not (way := _first_way(" ".join(words))):
        return frozenset()
    starts, ends = (set(way[side].split()) - fillers for side in ("start", "end"))
    if "how" in starts:
        return frozenset()
    return {f"{start}{_BETWEEN}{end}" for start in starts for end in ends if start != end}


def _first_way(text: str) -> re.Match[str] | None:
    return next(filter(None, (each.search(text) for each in _WAYS)), None)


def is_way(word: str) -> bool:
    """Whether the word is a way; no other has its sign."""
    return _BETWEEN in word


def way_back(way: str) -> str:
    """The same way in the other direction."""
    start, _, end = way.partition(_BETWEEN)
    return f"{end}{_BETWEEN}{start}"
