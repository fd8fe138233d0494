"""What an account has spent in USD, and what its ceilings leave to be sent.

All is read from the journal, which knows every call before it is sent: a worker that dies leaves
no sum behind that is wrong. What is under way, was lost, or came without a bill, counts with the
most it may cost. Days and months are those of UTC; a call belongs to the one in which it was let
through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from igny8_core.ai import journal
from igny8_core.ai.models import AITaskLog, CallState, ProviderCall, RunState
from igny8_core.billing.models import SpendingCeilings
from igny8_core.core.errors import AIError

#: Calls that cost what nobody knows, if anything: under way, lost, or answered without a bill.
_COSTS_UNKNOWN = Q(state__in=(CallState.INTENT, CallState.UNKNOWN)) | Q(
    state=CallState.OK, cost=None
)


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a month: what was spent in it, its ceiling in USD (None: none) and its end."""

    name: str
    ceiling: Decimal | None
    spent: Decimal
    ends: datetime

    @property
    def left(self) -> Decimal:
        """What the ceiling leaves."""
        assert self.ceiling is not None
        return self.ceiling - self.spent


@dataclass(frozen=True, slots=True)
class Admission:
    """The items whose calls were not written down, to be sent: why not, and for how long.

    A call of the run's own has no item, and stands here as None. `in_flight`: other runs of the
    account have calls under way, which may come back for less than they might.
    """

    refused: frozenset[int | None] = frozenset()
    period: Period | None = None
    in_flight: bool = False

    @property
    def error(self) -> AIError:
        """What ends an item that will not fit, also once everything is back."""
        assert self.period is not None
        return AIError(
            f"The account's {self.period.name} ceiling of {_usd(self.period.ceiling)} USD leaves "
            f"no room for another call: {_usd(self.period.spent)} USD are spent. Raise it in "
            f"Settings, or press Retry after {self.period.ends:%Y-%m-%d %H:%M} UTC.",
            code="ceiling_reached",
        )


def open_calls(run: AITaskLog, calls: Sequence[ProviderCall]) -> Admission:
    """Write down as many of the calls as the account's ceilings leave room for.

    In the caller's transaction: the ceilings stay locked until it ends, so that of all runs of
    the account one at a time adds to what is under way. A call without a known price is let
    through, and counts nothing.
    """
    row = SpendingCeilings.objects.select_for_update().filter(pk=run.account_id).first()
    now = timezone.now()
    limited = [one for one in periods(run.account_id, row, now) if one.ceiling is not None]
    tightest = min(limited, key=lambda one: one.left, default=None)
    sent = _fitting(calls, tightest) if tightest else list(calls)
    for call in sent:
        # It may have waited for the lock since it was made, and across midnight.
        call.created_at = now
    journal.open_calls(sent)
    if len(sent) == len(calls):
        return Admission()
    through = {call.request_id for call in sent}
    refused = frozenset(call.item_id for call in calls if call.request_id not in through)
    return Admission(refused, tightest, _others_in_flight(run))


def _fitting(calls: Sequence[ProviderCall], period: Period) -> list[ProviderCall]:
    """Those that there is room for, each with the most it may cost, in their order."""
    fitting, left = [], period.left
    for call in calls:
        cost = call.max_cost or Decimal()
        if cost <= left:
            fitting.append(call)
            left -= cost
    return fitting


def periods(
    account_id: int, row: SpendingCeilings | None, now: datetime | None = None
) -> list[Period]:
    """This day and this month of an account, with what was spent in them so far."""
    now = (now or timezone.now()).astimezone(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    daily, monthly = (row.daily_usd, row.monthly_usd) if row else (None, None)
    spent = (
        _calls(account_id)
        .filter(created_at__gte=month)
        .aggregate(month=_usd_of(Q()), today=_usd_of(Q(created_at__gte=today)))
    )
    return [
        Period("daily", daily, Decimal(spent["today"] or 0), today + timedelta(days=1)),
        Period("monthly", monthly, Decimal(spent["month"] or 0), next_month),
    ]


def _usd_of(calls: Q) -> CombinedExpression:
    """The costs of calls, and the most that those may cost whose costs are not known yet."""
    perhaps = Sum("max_cost", filter=calls & _COSTS_UNKNOWN)
    return Coalesce(Sum("cost", filter=calls), Decimal()) + Coalesce(perhaps, Decimal())


def _others_in_flight(run: AITaskLog) -> bool:
    """Whether another run's call may still come back: those that a dead worker left will not."""
    sent = _calls(run.account_id).filter(state=CallState.INTENT)
    others = AITaskLog.objects.for_account(run.account_id).exclude(pk=run.pk)
    alive = others.filter(state=RunState.PROGRESS, lease_until__gt=Now())
    return (
        sent.annotate(of=Coalesce("run", "item__run"))
        .filter(Exists(alive.filter(pk=OuterRef("of"), fence=OuterRef("fence"))))
        .exists()
    )


def _calls(account_id: int) -> QuerySet[ProviderCall]:
    calls: QuerySet[ProviderCall] = ProviderCall.objects.for_account(account_id)
    return calls


def _usd(amount: Decimal | None) -> str:
    return f"{amount or Decimal():.4f}".rstrip("0").rstrip(".")
