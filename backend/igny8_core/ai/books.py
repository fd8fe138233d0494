"""Proof that runs, their items, usage and ledger say the same: `igny8 credits reconcile`."""

from collections.abc import Iterator

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, ItemState
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry, CreditUsageLog
from igny8_core.core.database import one_snapshot

Kind = CreditEntry.Kind


def reconcile() -> list[str]:
    """Every difference between balances, ledger, usage, runs and items, in a person's words."""
    with one_snapshot():
        return [*ledger.reconcile(), *_reservations_left(), *_wrong_endings()]


def _reservations_left() -> Iterator[str]:
    """A run that has ended holds no credits; one that goes on holds the price of its open items."""
    lines = CreditEntry.unscoped.filter(account=OuterRef("account"), task_id=OuterRef("pk"))
    held = lines.order_by().values("task_id").annotate(n=Sum("reserved_change")).values("n")
    open_items = AITaskItem.unscoped.filter(run=OuterRef("pk"), state__in=LIVE)
    due = open_items.order_by().values("run").annotate(n=Sum("credits")).values("n")
    # A grouped run reserves as a whole: while it goes on, what it holds is for it to say.
    runs = AITaskLog.unscoped.exclude(Q(state__in=LIVE) & ~Q(exclusive=None)).annotate(
        held=Coalesce(Subquery(held), 0), due=Coalesce(Subquery(due), 0)
    )
    for run in runs.exclude(held=F("due")).order_by("created_at"):
        yield (
            f"account {run.account_id}: run {run.pk} is {run.state} and holds {run.held} credits, "
            f"its open items come to {run.due}"
        )


def _wrong_endings() -> Iterator[str]:
    """Each ended item has its usage row, and the one line that settles or releases its credits."""
    usage = CreditUsageLog.unscoped.filter(item=OuterRef("pk")).values("credits_used")
    key = Concat(Value("final:"), Cast(OuterRef("pk"), CharField()))
    final = CreditEntry.unscoped.filter(account=OuterRef("account"), key=key)
    is_charged = Q(state=ItemState.SUCCESS)
    ended = AITaskItem.unscoped.exclude(state__in=LIVE).annotate(
        used=Coalesce(Subquery(usage), -1),
        final_kind=Coalesce(Subquery(final.values("kind")), Value("")),
        final_credits=Coalesce(Subquery(final.values("reserved_change")), 0),
        charge=Case(When(is_charged, then=F("credits")), default=0),
        kind=Case(
            When(credits=0, then=Value("")),
            When(is_charged, then=Value(Kind.SETTLE)),
            default=Value(Kind.RELEASE),
        ),
    )
    sound = Q(used=F("charge"), final_kind=F("kind"), final_credits=-F("credits"))
    for item in ended.exclude(sound).order_by("pk"):
        yield (
            f"account {item.account_id}: item {item.pk} ended as {item.state} at {item.credits} "
            f"credits; ledger: {item.final_kind or 'nothing'} {-item.final_credits}, "
            f"usage: {'no row' if item.used < 0 else item.used}"
        )
