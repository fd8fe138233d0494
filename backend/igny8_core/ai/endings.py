"""How a run ends: what came of its items, what is given back, and the state it is left in."""

from collections import Counter
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Now

from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.items import as_error, log_usage, origin_of
from igny8_core.ai.models import AITaskItem, AITaskLog, ItemState, RunState
from igny8_core.ai.phases import Phase
from igny8_core.ai.quoted import SETTLED, kept_quote
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry
from igny8_core.core.errors import IgnyError

_CANCELLED = {"code": "cancelled", "detail": "The run was cancelled."}
_NOTHING = {"code": "target_gone", "detail": "Nothing was left to work on."}


def ending_of(
    run: AITaskLog, function: BaseAIFunction, cause: IgnyError | None = None
) -> dict[str, Any]:
    """The fields that end a run, read from its items; `cause` where it ended before it had any."""
    items: list[Any] = list(
        AITaskItem.objects.for_account(run.account_id)
        .filter(run=run)
        .order_by("seq")
        .values("target_id", "state", "error", "created", *SETTLED)
    )
    states = Counter(item["state"] for item in items)
    succeeded = states[ItemState.SUCCESS]
    error = None if succeeded else _error_of(run, items, cause)
    if not items:
        log_usage(run)
    return {
        "state": RunState.SUCCESS if succeeded else RunState.FAILURE,
        "phase": Phase.DONE,
        "percentage": 100,
        "items_done": succeeded,
        "items_failed": states[ItemState.FAILURE],
        "message": _summary(function, states) if succeeded else error and error["detail"],
        "result": _result(items, states),
        "error": error,
        "at_risk": None,
        "finished_at": Now(),
        **kept_quote([item for item in items if item["state"] == ItemState.SUCCESS]),
    }


def release_rest(run: AITaskLog) -> None:
    """Give back what was reserved for the run as a whole and not used."""
    lines = CreditEntry.objects.for_account(run.account_id).filter(task_id=run.pk)
    held = lines.aggregate(held=Sum("reserved_change", default=0))["held"]
    ledger.release(origin_of(run), held, key=f"release:{run.pk}")


def _error_of(run: AITaskLog, items: list[Any], cause: IgnyError | None) -> dict[str, str]:
    """Why nothing succeeded: the first failure speaks for the run."""
    if run.cancel_requested_at or any(item["state"] == ItemState.CANCELLED for item in items):
        return _CANCELLED
    failed = next((item["error"] for item in items if item["error"]), None)
    return failed or (as_error(cause) if cause else _NOTHING)


def _result(items: list[Any], states: Counter[str]) -> dict[str, Any]:
    created: dict[str, list[int]] = {}
    for item in items:
        for kind, ids in (item["created"] or {}).items():
            known = created.setdefault(kind, [])
            known += [one for one in ids if one not in known]
    return {
        "succeeded": states[ItemState.SUCCESS],
        "failed": states[ItemState.FAILURE],
        "cancelled": states[ItemState.CANCELLED],
        "items": [
            {"id": item["target_id"], "state": item["state"], "error": item["error"]}
            for item in items
        ],
        "created": created,
    }


def _summary(function: BaseAIFunction, states: Counter[str]) -> str:
    template, count = function.get_metadata()["phases"][Phase.DONE], states[ItemState.SUCCESS]
    parts = [template.replace("{count}", str(count)).replace("(s)", "" if count == 1 else "s")]
    parts += [
        f"{states[state]} {state.lower().replace('failure', 'failed')}"
        for state in (ItemState.FAILURE, ItemState.CANCELLED)
        if states[state]
    ]
    return ", ".join(parts)
