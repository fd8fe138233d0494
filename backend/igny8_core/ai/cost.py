"""What calls cost, in exact decimals; a call with no known price is counted, never free."""

from dataclasses import dataclass, field
from decimal import Decimal

from igny8_core.ai import catalogue
from igny8_core.ai.catalogue import Price

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; `cached` and `cache_write` lie within `input`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output


def cost_of(model: str, usage: Usage, *, stated: Decimal | None = None) -> Decimal | None:
    """USD of one call: the provider's own figure where it gives one; None where none is known.

    A call whose tokens the provider did not tell has no known cost either.
    """
    if stated is not None:
        return stated
    if not usage.total:
        return None
    known = catalogue.find(model)
    price = known.price_on(catalogue.today()) if known else None
    return None if price is None else _priced(price, usage)


def _priced(price: Price, usage: Usage) -> Decimal:
    cached_rate = price.cached if price.cached is not None else price.input
    write_rate = price.cache_write if price.cache_write is not None else price.input
    fresh = usage.input - usage.cached - usage.cache_write
    total = (
        max(fresh, 0) * price.input
        + usage.cached * cached_rate
        + usage.cache_write * write_rate
        + usage.output * price.output
    )
    return total / _MILLION


@dataclass(slots=True)
class CostTracker:
    """The running sum of a run or item."""

    cost: Decimal = field(default_factory=Decimal)
    unpriced: int = 0
    tokens_input: int = 0
    tokens_output: int = 0

    def add(self, usage: Usage, cost: Decimal | None) -> None:
        """Count one call."""
        self.tokens_input += usage.input
        self.tokens_output += usage.output
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.tokens_input + self.tokens_output
