"""What an account's work came to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, cast

from django.db.models import Case, Count, F, IntegerField, QuerySet, Sum, When
from django.db.models.functions import TruncDay, TruncMonth

from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.models import Account


@dataclass(frozen=True)
class UsageFilter:
    """Which usage rows are asked for; None does not narrow."""

    since: datetime | None = None
    until: datetime | None = None
    user_id: int | None = None
    function: str | None = None
    site_id: int | None = None


class UsageSum(TypedDict):
    """The usage rows of one group together; a cost is null where no row of it is priced.

    `unpriced` is how many calls are not in the cost, for theirs is not known.
    """

    group: str | None
    items: int
    credits_used: int
    cost_usd: Decimal | None
    unpriced: int
    tokens_input: int
    tokens_cached: int
    tokens_output: int


#: A row whose cost is null has at least one, whoever wrote it.
_UNPRICED = Case(
    When(cost_usd=None, unpriced_calls=0, then=1),
    default=F("unpriced_calls"),
    output_field=IntegerField(),
)
GROUPS = {
    "day": TruncDay("created_at"),
    "month": TruncMonth("created_at"),
    "site": F("site_id"),
    "user": F("user_id"),
    "function": F("operation"),
}


def usage_of(account: Account, asked: UsageFilter) -> QuerySet[CreditUsageLog]:
    """The account's usage rows, the newest first."""
    narrowed = {
        "created_at__gte": asked.since,
        "created_at__lt": asked.until,
        "user_id": asked.user_id,
        "operation": asked.function,
        "site_id": asked.site_id,
    }
    given = {name: value for name, value in narrowed.items() if value is not None}
    return CreditUsageLog.objects.for_account(account).filter(**given).order_by("-id")


def usage_by(rows: QuerySet[CreditUsageLog], group: str) -> Iterator[UsageSum]:
    """The rows summed by day, month, site, user or function."""
    sums: dict[str, Any] = {
        # First: below, the name of a column means its sum.
        "unpriced": Sum(_UNPRICED),
        "items": Count("id"),
        "credits_used": Sum("credits_used"),
        "cost_usd": Sum("cost_usd"),
        "tokens_input": Sum("tokens_input"),
        "tokens_cached": Sum("tokens_cached"),
        "tokens_output": Sum("tokens_output"),
    }
    grouped = rows.order_by().values(group=GROUPS[group]).annotate(**sums).order_by("group")
    for row in grouped:
        yield cast("UsageSum", {**row, "group": _named(row["group"])})


def _named(value: Any) -> str | None:
    """`2026-11-23` for a day or month, else the id or name as text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return None if value is None else str(value)
