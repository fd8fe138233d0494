"""Ways from one thing to another: "flights from Paris to London" is not the way back."""

import re
from collections.abc import Collection, Iterator, Sequence

_SOME = r"\S+(?: \S+)?"
_WAYS = (
    re.compile(
        rf"\b(?:from|von|van|de|da|desde) (?P<start>{_SOME})"
        rf" (?:to|nach|naar|bis|hasta|a|à|in) (?P<end>{_SOME})"
    ),
    re.compile(rf"\bto (?P<end>{_SOME}) from (?P<start>{_SOME})"),
    re.compile(rf"(?P<start>{_SOME}) (?:to|nach|naar|into) (?P<end>{_SOME})"),
)
_GOING = frozenset({"to", "nach", "naar", "into", "bis", "hasta", "a", "à", "in"})
_BETWEEN = ">"


def ways_of(words: Sequence[str], fillers: Collection[str]) -> Iterator[str]:
    """A word such as "paris>london" for each two on either side of the text's first way."""
    if _GOING.isdisjoint(words):
        return
    text = " ".join(words)
    if not (way := next(filter(None, (each.search(text) for each in _WAYS)), None)):
        return
    starts, ends = way["start"].split(), way["end"].split()
    if "how" in starts:
        return
    for start in starts:
        for end in ends:
            if start != end and start not in fillers and end not in fillers:
                yield f"{start}{_BETWEEN}{end}"


def is_way(word: str) -> bool:
    """Whether the word is a way; no other has its sign."""
    return _BETWEEN in word


def way_back(way: str) -> str:
    """The same way in the other direction."""
    start, _, end = way.partition(_BETWEEN)
    return f"{end}{_BETWEEN}{start}"
