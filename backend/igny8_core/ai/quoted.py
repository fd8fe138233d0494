"""How far quotes were off: kept when a run ends, told per function.

A quote is what the succeeded items were expected to take when their prompts were made, by the
rules of a dry run. An item counts where both its expectation and its cost are known; what failed
or was cancelled says nothing about a quote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from igny8_core.ai.models import AITaskLog
from igny8_core.core.models import Account

#: What `kept_quote` needs of an item.
SETTLED = ("expected_cost", "expected_tokens", "cost", "unpriced_calls")
_LAST_RUNS, _LOOKED_AT = 20, 1000
_DIGITS = Decimal("0.0001")
#: What the column holds; a quote of next to nothing may be off by any factor.
_MOST = Decimal(999_999_999)


@dataclass(frozen=True, slots=True)
class QuoteError:
    """How far off a function's quotes were over its last runs: (actual - expected) / expected."""

    median: Decimal
    runs: int


def kept_quote(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A run's fields for its succeeded items: expected cost and tokens, and the cost's error."""
    told = [item for item in items if item["expected_cost"] is not None]
    tokens = [item["expected_tokens"] for item in items if item["expected_tokens"] is not None]
    priced = [item for item in told if not item["unpriced_calls"]]
    expected = sum((item["expected_cost"] for item in priced), Decimal())
    actual = sum((item["cost"] for item in priced), Decimal())
    return {
        "expected_cost": sum((item["expected_cost"] for item in told), Decimal()) if told else None,
        "expected_tokens": sum(tokens) if tokens else None,
        "quote_error": _relative(actual, expected) if expected else None,
    }


def quote_errors(account: Account) -> dict[str, QuoteError]:
    """By function: the median error over the account's last 20 runs that have one."""
    runs = AITaskLog.objects.for_account(account).exclude(quote_error=None).order_by("-created_at")
    errors: dict[str, list[Decimal]] = {}
    for name, error in runs.values_list("function_name", "quote_error")[:_LOOKED_AT]:
        errors.setdefault(name, []).append(error or Decimal())
    return {name: _summed_up(found[:_LAST_RUNS]) for name, found in errors.items()}


def _summed_up(errors: list[Decimal]) -> QuoteError:
    return QuoteError(Decimal(median(errors)).quantize(_DIGITS), len(errors))


def _relative(actual: Decimal, expected: Decimal) -> Decimal:
    return min(((actual - expected) / expected).quantize(_DIGITS), _MOST)
