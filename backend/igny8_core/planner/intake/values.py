"""What the text in a cell says: numbers as people and tools write them, ranges, money, intents.

A cell that says nothing is None. A cell that says something else raises ValueError.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SHORT = 200
INTENTS = ("informational", "commercial", "transactional", "navigational")
_CODES = {"0": "commercial", "1": "informational", "2": "navigational", "3": "transactional"}
_UNKNOWN = {"", "-", "--", "\u2013", "\u2014", "n/a", "na", "n.a.", "null", "none", "nan", "#n/a"}
_CURRENCIES = {
    "$": "USD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "MX$": "MXN", "R$": "BRL", "\u20ac": "EUR", "\u00a3": "GBP",
    "\u00a5": "JPY", "\u20b9": "INR", "\u20ba": "TRY", "\u20bd": "RUB", "\u20a9": "KRW",
    "\u20b4": "UAH", "\u20aa": "ILS", "\u20ab": "VND", "\u0e3f": "THB", "\u20b1": "PHP",
    "\u20a6": "NGN", "Z\u0141": "PLN", "K\u010c": "CZK", "FT": "HUF", "LEI": "RON",
}  # fmt: skip
# Crowns and dollars of several countries: an amount whose currency is not known.
_OF_SEVERAL = re.compile(r"KR|[A-Z]*\$")
_UNITS = {"": 1, "k": 1_000, "mil": 1_000, "m": 1_000_000, "b": 1_000_000_000}
# Most cells: nothing to strip, nothing that can be read two ways.
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")
_NUMBER = re.compile(r"([0-9][0-9.,]*|[.,][0-9]+)(mil|[kmb]|)", re.IGNORECASE)
_RANGE = re.compile(r"(.*[0-9kmbl])(?:[-\u2010-\u2015\u2212]|to)([0-9.,].*)", re.IGNORECASE)
# Digits in threes: the separator only helps the eye.
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_MONEY = re.compile(r"([^0-9.,]*)([0-9.,]+)([^0-9.,]*)")
_SPACES = re.compile(r"[\s\u00a0\u202f']+")
# A comma may stand within an address, but not before the next one.
_BETWEEN = re.compile(r"[\s|]+|[,;]\s*[\"']?(?=https?://)", re.IGNORECASE)
MAX_URL = 2_000
# What a 32-bit column can hold; no keyword comes near.
_MOST = 2_147_483_647


def remembered(
    size: int,
) -> Callable[[Callable[Concatenate[str, P], T]], Callable[Concatenate[str, P], T]]:
    """Keep what was made of cells that repeat; long ones may be anything, and are not kept."""

    def decorate(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
        kept: Callable[..., T] = lru_cache(size)(read)

        @wraps(read)
        def reading(text: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return (kept if len(text) <= _SHORT else read)(text, *args, **kwargs)

        return reading

    return decorate


def is_unknown(text: str) -> bool:
    """Whether a cell stands for "no value": empty, a dash, N/A."""
    return text.strip().casefold() in _UNKNOWN


def volume(text: str) -> tuple[int | None, int | None]:
    """Searches a month and, where a range such as "1K - 10K" is written, its upper end."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text), None
    if is_unknown(text):
        return None, None
    compact = _SPACES.sub("", text)
    if compact.startswith("<"):
        return 0, _count(compact[1:])
    if ends := _RANGE.fullmatch(compact):
        low, high = _count(ends[1]), _count(ends[2])
        if low > high:
            raise ValueError(f"{_shown(text)} runs from high to low")
        return low, high
    return _count(compact), None


def difficulty(text: str) -> int | None:
    """0 to 100, rounded."""
    if is_unknown(text):
        return None
    value = number(text.strip().removesuffix("%"), decimals=True)
    if value > 100:
        raise ValueError(f"{_shown(text)} is above 100")
    return round(value)


@remembered(10_000)
def money(text: str) -> tuple[Decimal | None, str]:
    """Amount, to four places, and the currency that stands beside it ("" where none does)."""
    if is_unknown(text):
        return None, ""
    if len(text) < 7 and _PLAIN.fullmatch(text):
        return Decimal(text), ""
    match = _MONEY.fullmatch(_SPACES.sub("", text))
    if not match:
        raise ValueError(f"{_shown(text)} is not an amount")
    before, digits, after = match.groups()
    amount = number(digits, decimals=True)
    if amount >= 1_000_000:
        raise ValueError(f"{_shown(text)} is too much")
    short = round(amount, 4)
    beside = [_beside(mark, text) for mark in (before, after) if mark]
    return amount if amount == short else short, next(filter(None, beside), "")


def _beside(mark: str, text: str) -> str:
    """The currency that a sign or a code beside an amount stands for."""
    name = mark.upper()
    code = _CURRENCIES.get(name) or currency(name)
    if not code and not _OF_SEVERAL.fullmatch(name):
        raise ValueError(f"{_shown(text)} is not an amount")
    return code


def position(text: str) -> float | None:
    """Rank in the results, an average as a rule."""
    return None if is_unknown(text) else float(number(text, decimals=True))


def number(text: str, *, decimals: bool = False) -> Decimal:
    """1,234 and 1.234 are thousands, 1.25 and 1,25 are not, 1.2K is 1200.

    decimals: a value with cents, in which a lone point always parts them: 1.234 is 1.234.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    match = _NUMBER.fullmatch(_SPACES.sub("", text))
    if not match or len(match[1]) > 20:
        raise ValueError(f"{_shown(text)} is not a number")
    digits, unit = match[1], match[2].lower()
    thousands = _THOUSANDS.fullmatch(digits) if not unit else None
    if thousands and not (decimals and digits.count(".") == 1):
        digits = digits.replace(thousands[1], "")
    else:
        digits = _with_point(digits)
    if digits.count(".") > 1:
        raise ValueError(f"{_shown(text)} is not a number")
    return Decimal(digits) * _UNITS[unit]


def _with_point(digits: str) -> str:
    """The last separator parts the decimals; the other kind, before it, only helps the eye."""
    decimal = max(".", ",", key=digits.rfind)
    eye = "," if decimal == "." else "."
    return digits.replace(eye, "").replace(decimal, ".")


def _count(text: str) -> int:
    value = number(text)
    if value > _MOST:
        raise ValueError(f"{_shown(text)} is too large")
    return int(value)


@remembered(1_000)
def intents(text: str, *, codes: bool = False) -> tuple[str, ...]:
    """The intents among the words of a cell, each once. codes: Semrush's API writes 0 to 3."""
    if not text:
        return ()
    words = [word.strip().casefold() for word in re.split(r"[,;|/]", text)]
    named = [_CODES.get(word, word) if codes else word for word in words]
    return tuple(dict.fromkeys(word for word in named if word in INTENTS))


def web_addresses(text: str) -> list[str]:
    """The addresses in a cell, parted by spaces, lines, bars or commas, in order, each once."""
    if not text:
        return []
    parts = (part.strip("[]\"' ") for part in _BETWEEN.split(text))
    return list(dict.fromkeys(filter(is_web_address, parts)))


def is_web_address(text: str) -> bool:
    """Whether it is one that can be kept; one too long is as good as none."""
    return text[:8].casefold().startswith(("http://", "https://")) and len(text) <= MAX_URL


@remembered(1_000)
def country(text: str) -> str:
    """ISO 3166 code in capitals; "" for anything that is not written as a code."""
    code = text.strip().upper()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        return ""
    return "GB" if code == "UK" else code


def language(text: str) -> str:
    """BCP 47 tag as written; "" for anything else, such as a language's name."""
    tag = text.strip()
    return tag if tag and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", tag) else ""


def currency(text: str) -> str:
    """ISO 4217 code; "" for anything else."""
    code = text.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _shown(text: str) -> str:
    """A cell as an error message shows it: quoted, escaped, short."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
