"""What an account has spent in USD, and what its ceilings leave to be sent.

All is read from the journal, which knows every call before it is sent: a worker that dies leaves
no sum behind that is wrong. What is under way, or was lost, counts with the most it may cost.
Days and months are those of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from igny8_core.ai import journal
from igny8_core.ai.models import CallState, ProviderCall
from igny8_core.billing.models import SpendingCeilings
from igny8_core.core.errors import AIError

_MAY_BE_BILLED = (CallState.INTENT, CallState.UNKNOWN)


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
    """Which calls were written down, to be sent; of the others, why not, and for how long.

    `in_flight`: calls of the account are under way that may come back for less than they might.
    """

    refused: Sequence[ProviderCall] = ()
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


def open_calls(account_id: int, calls: Sequence[ProviderCall]) -> Admission:
    """Write down as many of the calls as the account's ceilings leave room for.

    In the caller's transaction: the ceilings stay locked until it ends, so that of all runs of
    the account one at a time adds to what is under way. A call without a known price is let
    through, and counts nothing.
    """
    row = SpendingCeilings.objects.select_for_update().filter(pk=account_id).first()
    limited = [one for one in periods(account_id, row) if one.ceiling is not None]
    if not limited:
        journal.open_calls(calls)
        return Admission()
    tightest = min(limited, key=lambda one: one.left)
    sent: list[ProviderCall] = []
    refused: list[ProviderCall] = []
    left = tightest.left
    for call in calls:
        cost = call.max_cost or Decimal()
        (sent if cost <= left else refused).append(call)
        left -= cost if cost <= left else 0
    journal.open_calls(sent)
    return Admission(refused, tightest, _in_flight(account_id)) if refused else Admission()


def periods(account_id: int, row: SpendingCeilings | None) -> list[Period]:
    """This day and this month of an account, with what was spent in them so far."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    daily, monthly = (row.daily_usd, row.monthly_usd) if row else (None, None)
    return [
        Period("daily", daily, _spent(account_id, today), today + timedelta(days=1)),
        Period("monthly", monthly, _spent(account_id, month), next_month),
    ]


def _spent(account_id: int, since: datetime) -> Decimal:
    calls = ProviderCall.objects.for_account(account_id).filter(created_at__gte=since)
    paid = calls.aggregate(usd=Sum("cost"))["usd"] or Decimal()
    perhaps = calls.filter(state__in=_MAY_BE_BILLED).aggregate(usd=Sum("max_cost"))["usd"]
    return Decimal(paid) + Decimal(perhaps or 0)


def _in_flight(account_id: int) -> bool:
    """Whether a call may still come back; one that a dead worker left is not waited for long."""
    longest = max(settings.IGNY8_PROVIDER_TIMEOUT_SECONDS, settings.IGNY8_IMAGE_TIMEOUT_SECONDS)
    since = timezone.now() - timedelta(seconds=2 * longest)
    calls: QuerySet[ProviderCall] = ProviderCall.objects.for_account(account_id)
    return calls.filter(state=CallState.INTENT, created_at__gte=since).exists()


def _usd(amount: Decimal | None) -> str:
    return f"{amount or Decimal():.4f}".rstrip("0").rstrip(".")
