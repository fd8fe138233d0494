"""Words that tell what a searcher is about to do; keywords that differ in them want other pages.

English only, and only the plain cases: a keyword without such a word has no marker.
"""

import re

# The first kind that matches wins, so the most telling ones stand first.
MARKERS = {
    "local": ("near me", "nearby", "near my location"),
    "sign-in": ("login", "log in", "sign in", "sign up"),
    "compare": ("vs", "versus", "compare", "comparison", "alternative", "alternatives"),
    "buy": (
        "buy", "price", "prices", "pricing", "cost", "costs", "cheap", "cheapest", "discount",
        "coupon", "deal", "deals", "for sale", "shop", "order online", "amazon", "ebay", "etsy",
    ),
    "how": ("how to", "how do", "how does", "how can", "tutorial", "tutorials", "step by step"),
    "what": ("what is", "what are", "what does", "meaning", "definition", "why"),
    "free": ("free", "download", "pdf", "torrent"),
    "best": ("best", "top", "review", "reviews"),
}  # fmt: skip

# These part keywords whatever else they share; what the others tell is also in the rest of the
# words, and a page for the best of a thing may well answer what it is.
PARTING = ("local", "sign-in", "compare", "buy", "how")

_INTENTS = {
    "local": "transactional",
    "sign-in": "navigational",
    "compare": "commercial",
    "buy": "transactional",
    "how": "informational",
    "what": "informational",
    "free": "transactional",
    "best": "commercial",
}

_ANY_MARKER = re.compile(
    "|".join(
        rf"(?P<{kind.replace('-', '_')}>\b(?:{'|'.join(words)})\b)"
        for kind, words in MARKERS.items()
    )
)


def marker(text: str) -> str:
    """Kind of the most telling intent word in a casefolded text, or "" where there is none."""
    found = {match.lastgroup or "" for match in _ANY_MARKER.finditer(text)}
    return next((kind for kind in MARKERS if kind.replace("-", "_") in found), "")


def wish(text: str) -> int:
    """What a casefolded text wants that parts it from others, as a number from 1; 0 if unsaid."""
    kind = marker(text)
    return PARTING.index(kind) + 1 if kind in PARTING else 0


def inferred_intent(text: str) -> str:
    """The intent that a keyword's words tell, "" where they tell none."""
    return _INTENTS.get(marker(text.casefold()), "")
