"""What the text in a cell says: numbers as people and tools write them, ranges, money, intents.

A cell that says nothing is None. A cell that says something else raises ValueError.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from igny8_core.core.countries import COUNTRIES
from igny8_core.core.languages import tag_of
from igny8_core.planner.intake.markets import COUNTRY_NAMES, LANGUAGE_NAMES

P = ParamSpec("P")
T = TypeVar("T")

_SHORT = 200
INTENTS = ("informational", "commercial", "transactional", "navigational")
_CODES = {"0": "commercial", "1": "informational", "2": "navigational", "3": "transactional"}
_UNKNOWN = {
    *("", "-", "--", "\u2013", "\u2014", "n/a", "na", "n.a.", "null", "none", "nan", "#n/a"),
    *("no data", "not available", "n/d", "n.d.", "k.a.", "k. a.", "keine daten", "sin datos"),
    *("aucune donn\u00e9e", "nessun dato", "sem dados", "geen gegevens", "brak danych"),
}
_YES = {"yes", "true", "1"}
_CURRENCIES = {
    "$": "USD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "MX$": "MXN", "R$": "BRL", "\u20ac": "EUR", "\u00a3": "GBP",
    "\u00a5": "JPY", "\u20b9": "INR", "\u20ba": "TRY", "\u20bd": "RUB", "\u20a9": "KRW",
    "\u20b4": "UAH", "\u20aa": "ILS", "\u20ab": "VND", "\u0e3f": "THB", "\u20b1": "PHP",
    "\u20a6": "NGN", "Z\u0141": "PLN", "K\u010c": "CZK", "FT": "HUF", "LEI": "RON",
}  # fmt: skip
# Crowns, rupees and dollars of several countries: an amount whose currency is not known.
_OF_SEVERAL = re.compile(r"KR|RS|[A-Z]*\$")
# As Keyword Planner and people write them in the languages whose headers are known. "mil." is not
# among them: it is a million in Czech, and a thousand in Spanish with the end of a sentence.
_UNITS = {
    unit: factor
    for factor, units in {
        1_000: "k mil mila tsd tsd. tys tys. tis tis. dzd dzd. tn bin тыс тыс. 千 천",
        10_000: "万 萬 만",
        1_000_000: "m mi mn mio mio. mln mln. млн млн. 百万",
        100_000_000: "億 亿 억",
        1_000_000_000: "b mrd mrd. mld mld.",
    }.items()
    for unit in units.split()
}
# Most cells: nothing to strip, nothing that can be read two ways.
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")
_NUMBER = re.compile(
    r"([0-9][0-9.,]*|[.,][0-9]+)(?:(E[+-][0-9]{1,2})|([^\W\d_]+\.?))?", re.IGNORECASE
)
_RANGE = re.compile(
    r"(.*[^\W_]\.?)(?:[-\u2010-\u2015\u2212~\u301c\uff5e]"
    r"|to|bis|tot|till|do|\u0434\u043e|at\u00e9|a|\u00e0)([0-9.,].*)",
    re.IGNORECASE,
)
_AT_MOST, _AT_LEAST = ("<", "\u2264"), (">", "\u2265")
# Digits in threes: the separator only helps the eye. Nobody writes so behind a zero.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
# A point behind a letter is the abbreviation's: Rs. 5.
_MONEY = re.compile(r"((?:[^0-9.,]|(?<=[^\W\d_])\.)*)([0-9.,]+)([^0-9.,]*\.?)")
_SPACES = re.compile(r"[\s'\u2019]+")
# A comma may stand within an address, but not before the next one.
_BETWEEN = re.compile(r"[\s|]+|[,;]\s*[\"']?(?=https?://)", re.IGNORECASE)
MAX_URL = 2_000
#: Far above any real volume, and so low that no sum of them leaves 64 bits.
MAX_VOLUME = 10**12
#: What no price reaches: the digits that are kept of one.
MAX_CPC = 10**8


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


def is_yes(text: str) -> bool:
    """Whether a cell confirms what its column is called."""
    return text.strip().casefold() in _YES


def volume(text: str) -> tuple[int | None, int | None, str]:
    """Searches a month, the upper end of a range such as "1K - 10K", and "exact" or "range".

    Of "1M+" the upper end is not known.
    """
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text), None, "exact"
    if is_unknown(text):
        return None, None, ""
    compact = _SPACES.sub("", text)
    if ends := _RANGE.fullmatch(compact):
        low, high = _count(ends[1]), _count(ends[2])
        if low > high:
            raise ValueError(f"{_shown(text)} runs from high to low")
        return low, high, "range"
    if compact.startswith(_AT_MOST):
        return 0, _count(compact[1:].removeprefix("=")), "range"
    if compact.startswith(_AT_LEAST):
        return _count(compact[1:].removeprefix("=")), None, "range"
    if compact.endswith("+"):
        return _count(compact[:-1]), None, "range"
    return _count(compact), None, "exact"


def difficulty(text: str) -> float | None:
    """0 to 100; whatever separator stands in it parts decimals."""
    if text.isascii() and text.isdigit() and len(text) < 3:
        return float(text)
    if is_unknown(text):
        return None
    value = number(text.strip().removesuffix("%"), decimal=".,")
    if value > 100:
        raise ValueError(f"{_shown(text)} is above 100")
    return float(value)


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
    amount = number(digits, decimal=".")
    short = round(amount, 4)
    if short >= MAX_CPC:
        raise ValueError(f"{_shown(text)} is too much")
    beside = [_beside(mark, text) for mark in (before, after) if mark]
    return amount if amount == short else short, next(filter(None, beside), "")


def _beside(mark: str, text: str) -> str:
    """The currency that a sign or a code beside an amount stands for."""
    name = mark.upper().removesuffix(".")
    code = _CURRENCIES.get(name) or currency(name)
    if not code and not _OF_SEVERAL.fullmatch(name):
        raise ValueError(f"{_shown(text)} is not an amount")
    return code


def position(text: str) -> float | None:
    """Rank in the results, an average as a rule."""
    return None if is_unknown(text) else float(number(text, decimal=".,"))


def number(text: str, *, decimal: str = "") -> Decimal:
    """1,234 and 1.234 are thousands, 1.25, 0,125 and 1,25 are not, 1.2K is 1200.

    decimal: separators that, standing alone, part decimals even before three digits: "." where
    there are cents, so that 1.234 is 1.234
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    match = _NUMBER.fullmatch(_SPACES.sub("", text))
    factor = _factor(match[2], match[3]) if match else None
    if not match or not factor or len(match[1]) > 20:
        raise ValueError(f"{_shown(text)} is not a number")
    digits = match[1]
    thousands = _THOUSANDS.fullmatch(digits) if factor == 1 else None
    if thousands and not (thousands[1] in decimal and digits.count(thousands[1]) == 1):
        digits = digits.replace(thousands[1], "")
    else:
        digits = _with_point(digits)
    if digits.count(".") > 1:
        raise ValueError(f"{_shown(text)} is not a number")
    return Decimal(digits) * factor


def _factor(exponent: str | None, unit: str | None) -> Decimal | int | None:
    """What stands behind digits multiplies them; None for what is no unit."""
    if exponent:
        return Decimal(f"1{exponent}")
    return _UNITS.get(unit.casefold()) if unit else 1


def _with_point(digits: str) -> str:
    """The last separator parts the decimals; the other kind, before it, only helps the eye."""
    decimal = max(".", ",", key=digits.rfind)
    eye = "," if decimal == "." else "."
    return digits.replace(eye, "").replace(decimal, ".")


def _count(text: str) -> int:
    value = number(text)
    if value > MAX_VOLUME:
        raise ValueError(f"{_shown(text)} is too large")
    if 0 < value < 1:
        raise ValueError(f"{_shown(text)} is less than one search")
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
    """ISO 3166 code in capitals, of a code or an English name; "" for anything else."""
    name = text.strip()
    code = COUNTRY_NAMES.get(name.casefold(), name.upper())
    return code if code in COUNTRIES else ""


@remembered(1_000)
def language(text: str) -> str:
    """BCP 47 tag in its usual case, of a tag or an English name; "" for anything else."""
    name = text.strip()
    return "" if is_unknown(text) else LANGUAGE_NAMES.get(name.casefold()) or tag_of(name)


def currency(text: str) -> str:
    """ISO 4217 code; "" for anything else."""
    code = text.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _shown(text: str) -> str:
    """A cell as an error message shows it: quoted, escaped, short."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
