"""Small things about words: titles, cutting at a word, counting, sentences with choices."""

import random
import re
from collections.abc import Sequence
from hashlib import sha256

MINOR = {
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "of",
    "on",
    "or",
    "per",
    "the",
    "to",
    "vs",
    "with",
}
UPPER = {
    "ai",
    "api",
    "b2b",
    "b2c",
    "cms",
    "crm",
    "diy",
    "faq",
    "gdp",
    "gps",
    "html",
    "kpi",
    "mba",
    "pc",
    "pdf",
    "ppc",
    "roi",
    "saas",
    "seo",
    "uk",
    "us",
    "usa",
}
QUESTION = re.compile(
    r"(?i)(how|what|why|where|when|which|who|whose|can|could|should|is|are|do|does|did|will)\b"
)
CHOICE = re.compile(r"\[([^\[\]]*)\]")


def titled(text: str) -> str:
    """The text as a title; small words stay small, known abbreviations become capitals."""
    words = text.split()
    return " ".join(
        _titled_word(word, edge=i in (0, len(words) - 1)) for i, word in enumerate(words)
    )


def _titled_word(word: str, *, edge: bool) -> str:
    if word.casefold() in UPPER:
        return word.upper()
    if word.casefold() in MINOR and not edge:
        return word.lower()
    return word[:1].upper() + word[1:]


def capitalised(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def shortened(text: str, limit: int) -> str:
    """The text cut at a word to at most `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit + 1].rpartition(" ")[0] or text[:limit]
    words = cut.rstrip(" ,;:.-\u2013\u2014").split()
    while len(words) > 1 and words[-1].casefold() in MINOR:
        words.pop()
    return " ".join(words).rstrip(" ,;:.-\u2013\u2014")


def word_count(text: str) -> int:
    """The number of words in plain text."""
    return len(text.split())


def is_question(keyword: str) -> bool:
    """Whether a keyword is worded as a question."""
    return bool(QUESTION.match(keyword))


def quoted(text: str) -> str:
    """The text in quotation marks."""
    return f"\u201c{text}\u201d"


def as_topic(keyword: str) -> str:
    """The keyword as something that can stand behind a preposition."""
    return quoted(keyword) if is_question(keyword) else keyword


def rng_for(*parts: object) -> random.Random:
    """A source of choices that is the same for the same parts."""
    seed = "\0".join(str(part) for part in parts).encode("utf-8", "surrogatepass")
    return random.Random(int.from_bytes(sha256(seed).digest()[:8]))


def spun(template: str, rng: random.Random) -> str:
    """The template with one of each `[choice|choice]` taken."""
    return CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)


def listed(items: Sequence[str]) -> str:
    """Items as words: `a, b and c`."""
    head, last = items[:-1], items[-1:]
    return " and ".join([part for part in (", ".join(head), *last) if part])
