"""The ledger held against the work it was charged for: what `igny8 credits reconcile` adds.

Billing proves its own sums; here every item has the one end that its state calls for, and no
run holds credits beyond what of it is still open.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, ItemState
from igny8_core.billing.models import CreditEntry, CreditUsageLog

_CHUNK = 2000


def differences() -> Iterator[str]:
    """Each item or run whose charge is not what became of it, in a person's words."""
    for item in _items().iterator(chunk_size=_CHUNK):
        found = (item["kind"], item["reserved_change"], item["used"])
        if found != (wanted := _end_of(item)):
            yield f"item {item['pk']} ({item['state']}): {_words(found)}, not {_words(wanted)}"
    for run in _runs_that_hold_too_much().iterator(chunk_size=_CHUNK):
        yield f"run {run['pk']} ({run['state']}): {run['held']} credits reserved"


def _items() -> QuerySet[AITaskItem, Any]:
    key = Concat(Value("final:"), Cast(OuterRef("pk"), CharField()))
    end = CreditEntry.unscoped.filter(account=OuterRef("account"), key=key)
    usage = CreditUsageLog.unscoped.filter(item=OuterRef("pk"))
    return AITaskItem.unscoped.order_by("pk").values(
        "pk",
        "state",
        "credits",
        "target_type",
        kind=Subquery(end.values("kind")[:1]),
        reserved_change=Subquery(end.values("reserved_change")[:1]),
        used=Subquery(usage.values("credits_used")[:1]),
    )


def _end_of(item: dict[str, Any]) -> tuple[str | None, int | None, int | None]:
    """The kind and amount of an item's last line, and the credits of its usage row."""
    if item["state"] in LIVE:
        return None, None, None
    saved = item["state"] == ItemState.SUCCESS
    used = item["credits"] if saved else 0
    # Groups are paid for out of their run, which releases what it has left at its end.
    if not item["credits"] or (item["target_type"] == "group" and not saved):
        return None, None, used
    kind = CreditEntry.Kind.SETTLE if saved else CreditEntry.Kind.RELEASE
    return kind, -item["credits"], used


def _words(end: tuple[str | None, int | None, int | None]) -> str:
    kind, amount, used = end
    line = f"{kind} of {-(amount or 0)}" if kind else "no line"
    return f"{line} and {'no usage row' if used is None else f'{used} credits used'}"


def _runs_that_hold_too_much() -> QuerySet[Any, Any]:
    """Runs that have ended and hold something, or that go on and hold not what is open."""
    lines = CreditEntry.unscoped.filter(account=OuterRef("account"), task_id=OuterRef("pk"))
    still_open = AITaskItem.unscoped.filter(run=OuterRef("pk"), state__in=LIVE)
    runs = AITaskLog.unscoped.annotate(
        held=_sum(lines, "task_id", "reserved_change"),
        price=_sum(still_open, "run", "credits"),
    )
    of_items = Q(state__in=LIVE, exclusive=None) & ~Q(held=F("price"))
    ended = ~Q(state__in=LIVE) & ~Q(held=0)
    return runs.filter(of_items | ended).order_by("pk").values("pk", "state", "held")


def _sum(rows: QuerySet[Any], by: str, field: str) -> Coalesce:
    total = rows.order_by().values(by).annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(total), 0)
