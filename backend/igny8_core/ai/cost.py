"""What calls cost, in exact decimals; a call with no known price is counted, never free."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal, TypeAlias

from igny8_core.ai import catalogue
from igny8_core.ai.catalogue import Model, Price

Tier: TypeAlias = Literal["standard", "batch"]

#: What the database keeps of a cost: sums in memory and sums of rows are then the same.
_KEPT = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `cached` and `cache_write` lie within `input`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    #: Whether both input and output were told: half of them make no cost.
    is_whole: bool = True

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a bill: so many `units` (tokens, or pictures) at `rate` USD per `per` of them."""

    name: str
    units: int
    rate: Decimal
    per: int = 1_000_000

    @property
    def usd(self) -> Decimal:
        """What the line comes to."""
        return self.units * self.rate / self.per


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost, and how that is known.

    `total` is USD, None where it is unknown; `basis` says why: `stated` by the provider, worked
    out by a `price` of the catalogue, or `unknown` with its reason in `why`.
    """

    total: Decimal | None
    basis: Literal["stated", "price", "unknown"]
    parts: tuple[Part, ...] = ()
    #: The price row: model, the day it holds from, tier, source.
    price: dict[str, str] = field(default_factory=dict)
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As the journal keeps it: JSON, amounts as decimal strings."""
        told: dict[str, Any] = {
            "total": None if self.total is None else _text(self.total),
            "basis": self.basis,
        }
        if self.parts:
            told["parts"] = {part.name: _line(part) for part in self.parts}
        if self.price:
            told["price"] = self.price
        if self.why:
            told["why"] = self.why
        return told


def cost_of(
    model: str,
    usage: Usage,
    *,
    stated: Decimal | None = None,
    size: str = "",
    tier: Tier = "standard",
) -> Cost:
    """USD of one call: the provider's own figure where it gives one, else the catalogue's price.

    `size` is that of a picture, for models that are paid by the picture. Unknown, and never 0,
    where no price is known, a rate that is needed is not, or the provider did not tell the tokens.
    """
    if stated is not None:
        return Cost(stated.quantize(_KEPT, ROUND_HALF_EVEN), "stated")
    known = catalogue.find(model)
    price = known.price_on(catalogue.today()) if known else None
    if known is None or price is None:
        return Cost(None, "unknown", why=f"no price of {model} is known")
    row = {"model": known.id, "from": price.since.isoformat(), "tier": tier, "source": price.source}
    if price.pictures:
        return _added_up(_of_picture(known, price, size), row, f"{size or 'this'} pictures")
    if not usage.total:
        return Cost(None, "unknown", price=row, why="the provider told no tokens")
    if not usage.is_whole:
        return Cost(None, "unknown", price=row, why="the provider told only part of the tokens")
    is_long = price.long_context is not None and usage.input > price.long_context.above
    row["tier"] = f"{tier}, long context" if is_long else tier
    return _added_up(_of_tokens(price, usage, tier, is_long), row, "all of its tokens")


def _added_up(parts: list[Part] | None, row: dict[str, str], what: str) -> Cost:
    if parts is None:
        return Cost(None, "unknown", price=row, why=f"the price names no rate for {what}")
    total = sum((part.usd for part in parts), Decimal())
    return Cost(total.quantize(_KEPT, ROUND_HALF_EVEN), "price", tuple(parts), row)


def _of_picture(model: Model, price: Price, size: str) -> list[Part] | None:
    quality = model.pictures.usual if model.pictures else ""
    rate = price.pictures.get(quality, {}).get(size)
    return None if rate is None else [Part("picture", 1, rate, per=1)]


def _of_tokens(price: Price, usage: Usage, tier: Tier, is_long: bool) -> list[Part] | None:
    """The lines of a bill, each token in one of them; None where one needs a rate nobody told."""
    cached = min(usage.cached, usage.input)
    written = min(usage.cache_write, usage.input - cached)
    times_input, times_output = _times(price, tier, is_long)
    lines = (
        ("input", usage.input - cached - written, price.input, times_input),
        ("cached", cached, price.cached, times_input),
        ("cache_write", written, price.cache_write, times_input),
        ("output", usage.output, price.output, times_output),
    )
    parts: list[Part] = []
    for name, tokens, rate, times in lines:
        if not tokens:
            continue
        if rate is None or times is None:
            return None
        parts.append(Part(name, tokens, rate * times))
    return parts


def _times(price: Price, tier: Tier, is_long: bool) -> tuple[Decimal | None, Decimal | None]:
    """What the rates of input (and cache) and of output are multiplied by; None: nobody told."""
    batch = price.batch_times if tier == "batch" else Decimal(1)
    if not is_long or batch is None or price.long_context is None:
        return batch, batch
    factors = (price.long_context.input_times, price.long_context.output_times)
    times_input, times_output = (None if one is None else one * batch for one in factors)
    return times_input, times_output


def _line(part: Part) -> dict[str, Any]:
    return {
        "units": part.units,
        "rate": _text(part.rate),
        "per": part.per,
        "usd": _text(part.usd),
    }


def _text(amount: Decimal) -> str:
    return format(amount.normalize() if amount else amount, "f")


@dataclass(slots=True)
class CostTracker:
    """The running sum of a run or item."""

    cost: Decimal = field(default_factory=Decimal)
    unpriced: int = 0
    tokens_input: int = 0
    tokens_cached: int = 0
    tokens_output: int = 0

    def add(self, usage: Usage, cost: Decimal | None) -> None:
        """Count one call."""
        self.tokens_input += usage.input
        # Some tell of more that were cached than were sent.
        self.tokens_cached += min(usage.cached, usage.input)
        self.tokens_output += usage.output
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.tokens_input + self.tokens_output
