"""Proof that the journal, the runs and the usage rows name the same USD, to the last digit.

Sums are made here and not in the database: SQLite adds decimals as floats.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from igny8_core.ai.models import LIVE, AITaskLog, CallState, ProviderCall
from igny8_core.billing.models import CreditUsageLog

_AT_ONCE = 2000


class _Sum(NamedTuple):
    """USD, and how many amounts are unknown."""

    usd: Decimal = Decimal()
    unknown: int = 0

    def plus(self, amount: Decimal | None) -> "_Sum":
        return _Sum(self.usd + (amount or 0), self.unknown + (amount is None))


def differences() -> Iterator[str]:
    """Every ended run whose books disagree, in a person's words.

    The runs are read first: one that has ended by then changes no more while the rest is read. Of
    the calls those count that were answered, or whose failure is in the books too. A usage row is
    null only where none of its item's calls has a known cost.
    """
    runs = AITaskLog.unscoped.exclude(state__in=LIVE).order_by("created_at")
    ended = list(runs.values_list("pk", "account", "cost", "unpriced_calls"))
    is_booked = Q(state=CallState.OK) | Q(cost_breakdown__isnull=False)
    paid = ProviderCall.unscoped.filter(is_booked)
    journal = _by_run(paid.values_list("item__run", "cost"))
    usage = _by_run(CreditUsageLog.unscoped.values_list("task_id", "cost_usd"))
    for pk, account, cost, unpriced in ended:
        calls, used = journal[pk], usage[pk]
        if (calls.usd, calls.unknown) != (cost, unpriced):
            yield (
                f"account {account}: run {pk} cost {cost} USD and {unpriced} unpriced call(s); "
                f"its calls come to {calls.usd} and {calls.unknown}"
            )
        if used.usd != cost or used.unknown > unpriced:
            yield f"account {account}: run {pk} cost {cost} USD; its usage comes to {used.usd}"


def _by_run(rows: Any) -> "defaultdict[UUID, _Sum]":
    sums: defaultdict[UUID, _Sum] = defaultdict(_Sum)
    pairs: Iterable[tuple[UUID, Decimal | None]] = rows.iterator(_AT_ONCE)
    for run, amount in pairs:
        sums[run] = sums[run].plus(amount)
    return sums
