"""Proof that the journal, the runs and the usage rows name the same USD, to the last digit.

Sums are made here and not in the database: SQLite adds decimals as floats.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Q, When
from django.db.models.functions import Coalesce

from igny8_core.ai.models import LIVE, AITaskLog, CallState, ProviderCall
from igny8_core.billing.models import CreditUsageLog

_AT_ONCE = 2000


class _Sum(NamedTuple):
    """USD, and how many amounts are unknown."""

    usd: Decimal = Decimal()
    unknown: int = 0

    def plus(self, amount: Decimal | None, unknown: int) -> "_Sum":
        return _Sum(self.usd + (amount or 0), self.unknown + unknown)


def differences() -> Iterator[str]:
    """Every ended run whose books disagree, in a person's words.

    The runs are read first: one that has ended by then changes no more while the rest is read. Of
    the calls those count that were answered, or whose failure is in the books too.
    """
    runs = AITaskLog.unscoped.exclude(state__in=LIVE).order_by("created_at")
    ended = list(runs.values_list("pk", "account", "cost", "unpriced_calls"))
    is_booked = Q(state=CallState.OK) | Q(cost_breakdown__isnull=False)
    is_unknown = Case(When(cost=None, then=1), default=0)
    booked = ProviderCall.unscoped.filter(is_booked)
    journal = _by_run(booked.values_list(Coalesce("run", "item__run"), "cost", is_unknown))
    used_up = CreditUsageLog.unscoped.values_list("task_id", "cost_usd", "unpriced_calls")
    usage = _by_run(used_up)
    for pk, account, cost, unpriced in ended:
        calls, used = journal[pk], usage[pk]
        if (calls.usd, calls.unknown) != (cost, unpriced):
            yield (
                f"account {account}: run {pk} cost {cost} USD and {unpriced} unpriced call(s); "
                f"its calls come to {calls.usd} and {calls.unknown}"
            )
        if (used.usd, used.unknown) != (cost, unpriced):
            yield (
                f"account {account}: run {pk} cost {cost} USD and {unpriced} unpriced call(s); "
                f"its usage comes to {used.usd} and {used.unknown}"
            )


def _by_run(rows: Any) -> "defaultdict[UUID, _Sum]":
    sums: defaultdict[UUID, _Sum] = defaultdict(_Sum)
    lines: Iterable[tuple[UUID, Decimal | None, int]] = rows.iterator(_AT_ONCE)
    for run, amount, unknown in lines:
        sums[run] = sums[run].plus(amount, unknown)
    return sums
