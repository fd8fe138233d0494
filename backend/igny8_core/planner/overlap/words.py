"""The words that say what a text is about."""

import re
from urllib.parse import unquote, urlsplit

from igny8_core.planner.intake import fold

_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(19|20)\d\d")
_ENDING = re.compile(r"\.(html?|php|aspx?)$")
# They hold sentences and headlines together and are in too many of them to tell topics apart.
_FILLERS = frozenset(
    _WORD.findall(
        """
        a an and are as at by for from in into is it my of on or our that the this to with you your
        complete definitive everything guide know need ultimate
        auf das dem den der die ein eine einen für im in mit oder und von zu zum zur
        avec con de des du el et la las le les los ou para por pour un una une y
        """
    )
)


def words_of(text: str) -> frozenset[str]:
    """Folded, in the singular, without fillers and years; all of them where nothing else is."""
    every = {_singular(word) for word in _WORD.findall(fold(text).replace("_", " "))}
    telling = {word for word in every if word not in _FILLERS and not _YEAR.fullmatch(word)}
    return frozenset(telling or every)


def words_of_address(url: str) -> frozenset[str]:
    """The words of the last part of the path that has letters; of a home page none."""
    for part in reversed(urlsplit(url).path.split("/")):
        slug = _ENDING.sub("", unquote(part))
        if any(sign.isalpha() for sign in slug):
            return words_of(slug)
    return frozenset()


def _singular(word: str) -> str:
    """English plurals; what it does to other words it does on both sides of a comparison."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
