"""The words that say what a text, or an address, is about."""

import re
from urllib.parse import unquote

from igny8_core.planner.intake import fold
from igny8_core.planner.wording import content_words, cut

# With its path in brackets; urlsplit takes four times as long.
_ADDRESS = re.compile(r"(?:[^/]*//[^/?#]*)?([^?#]*)")
_ENDING = re.compile(r"\.(x?html?|php|aspx?|jsp)$")
# Parts of an address that hold others together, or stand for a page without a name.
_NAMELESS = frozenset(
    cut(
        """
        index default home homepage main start welcome page pages post posts blog blogs news article
        articles category categories collection collections product products shop store item items
        tag tags topic topics archive archives search amp en de fr es it pt nl
        """
    )
)


def words_of(text: str) -> frozenset[str]:
    """The content words of a text however it is written."""
    return content_words(fold(text))


def words_of_address(url: str) -> frozenset[str]:
    """The words of the last part of the path that is a name; of a home page none."""
    for part in reversed(_path(url).split("/")):
        slug = _ENDING.sub("", unquote(part).casefold())
        if _is_name(slug):
            return words_of(slug)
    return frozenset()


def _path(url: str) -> str:
    found = _ADDRESS.match(url)
    return found[1] if found else ""


def _is_name(slug: str) -> bool:
    return len(slug) > 1 and slug not in _NAMELESS and any(map(str.isalpha, slug))
