"""The items of a run: how they are made, what a retry goes on from, and how each one ends."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from igny8_core.ai import journal
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.claims import LostClaim
from igny8_core.ai.cost import CostTracker
from igny8_core.ai.failures import Kind
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, CallState, ItemState, ProviderCall
from igny8_core.ai.pricing import credits_for
from igny8_core.ai.prompts import Prompt
from igny8_core.ai.requests import PictureOrder
from igny8_core.ai.work import Work, asked_as
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.errors import IgnyError

#: What an item's payload may hold of the run that its own retries.
_HANDED_DOWN = ("kept", "asked_as")
#: How a call ends whose answer the provider may still have.
_STILL_THERE = {Kind.LOST, Kind.AT_WORK}


def open_items(run: AITaskLog) -> list[AITaskItem]:
    """The items that have not ended, in their order."""
    mine = AITaskItem.objects.for_account(run.account_id).filter(run=run, state__in=LIVE)
    return list(mine.order_by("seq"))


def make_groups(run: AITaskLog, payloads: Sequence[dict[str, Any]]) -> list[AITaskItem]:
    """The items of a grouped run, numbered from 1; what it asked to make them is let go of."""
    if payloads and journal.own_calls(run.pk):
        log_usage(run)
    journal.drop_own_answers(run.pk)
    return AITaskItem.unscoped.bulk_create(
        AITaskItem(
            account_id=run.account_id,
            run=run,
            seq=number,
            function_name=run.function_name,
            target_type="group",
            target_id=number,
            payload=payload,
            size=len(payload["ids"]),
        )
        for number, payload in enumerate(payloads, start=1)
    )


def groups_left(run: AITaskLog) -> list[dict[str, Any]]:
    """For a retry: the groups that did not succeed, with the answers that were kept of them."""
    wanted = set(run.payload["ids"])
    before = AITaskItem.objects.for_account(run.account_id).filter(run=run.retry_of_id)
    left = before.filter(state__in=(ItemState.FAILURE, ItemState.CANCELLED)).order_by("seq")
    ids_of = {item: [one for one in item.payload["ids"] if one in wanted] for item in left}
    kept = handed_down(list(ids_of))
    return [
        {**_own(item.payload), "ids": ids, **kept[item.pk]} for item, ids in ids_of.items() if ids
    ]


def handed_down(left: Collection[AITaskItem]) -> dict[int, dict[str, Any]]:
    """What the items of a retry go on from, by the item's id before, for their payloads.

    The item whose answers are read again in its stead; or the name under which a call went out
    that may have been paid for and never came back: a provider that knows it is paid once.
    """
    calls = journal.calls_of(item.pk for item in left)
    return {item.pk: _handed_down(item, calls.get(item.pk, [])) for item in left}


def _handed_down(item: AITaskItem, calls: Sequence[ProviderCall]) -> dict[str, Any]:
    """Nothing where what was answered stays unfit."""
    if (item.error or {}).get("code") in {"refused", Kind.BAD_PICTURE}:
        return {}
    if any(call.state == CallState.OK for call in calls):
        return {"kept": item.pk}
    last = calls[-1] if calls else None
    if last and (last.state == CallState.INTENT or last.error_kind in _STILL_THERE):
        return {"asked_as": asked_as(item)}
    return {name: item.payload[name] for name in _HANDED_DOWN if name in item.payload}


def _own(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _HANDED_DOWN}


def begin(run: AITaskLog, function: BaseAIFunction, item_ids: Sequence[int]) -> None:
    """Show that work has begun."""
    mine = AITaskItem.objects.for_account(run.account_id).filter(pk__in=item_ids)
    targets = list(mine.filter(state=ItemState.PENDING).values_list("target_id", flat=True))
    if targets:
        mine.filter(state=ItemState.PENDING).update(state=ItemState.PROGRESS)
        if not function.grouped:
            function.reflect(targets, ItemState.PROGRESS, run.account)


def count_crash(run: AITaskLog) -> None:
    """The item in whose hands the last worker died bears the crash."""
    AITaskItem.objects.for_account(run.account_id).filter(pk=run.at_risk or 0).update(
        crashes=F("crashes") + 1
    )


def succeed(
    work: Work, run: AITaskLog, function: BaseAIFunction, created: dict[str, list[int]]
) -> None:
    """Write the item's success, its charge and its usage, in the caller's transaction."""
    credits = _group_credits(work.item, run, function) if function.grouped else work.item.credits
    _end_item(work, run, ItemState.SUCCESS, created=created, credits=credits)
    ledger.settle(origin_of(run), credits, key=f"final:{work.item.pk}", item=work.item.target_id)
    log_usage(run, work, credits)


def fail(
    work: Work, run: AITaskLog, function: BaseAIFunction, state: ItemState, error: IgnyError
) -> None:
    """Write the item's failure or cancellation; the customer pays nothing for it."""
    _end_item(work, run, state, error=as_error(error))
    if not function.grouped:
        key = f"final:{work.item.pk}"
        ledger.release(origin_of(run), work.item.credits, key=key, item=work.item.target_id)
        function.reflect([work.item.target_id], state, run.account, error.detail)
    log_usage(run, work)


def version_of(prompt: Any) -> str:
    """Which stored text a prompt, or a picture's, came from; "" where it was made up in code."""
    text = prompt.prompt if isinstance(prompt, PictureOrder) else prompt
    return text.version if isinstance(text, Prompt) else ""


def _digest_of(prompt: Any) -> str:
    text = prompt.prompt if isinstance(prompt, PictureOrder) else prompt
    return text.digest if isinstance(text, Prompt) else ""


def origin_of(run: AITaskLog) -> ledger.Origin:
    """The run as the ledger names it."""
    return ledger.Origin(run.account_id, run.pk, run.site_id, run.requested_by_id)


def _end_item(work: Work, run: AITaskLog, state: ItemState, **fields: Any) -> None:
    """The one statement that ends an item: it must have been open."""
    prompt, request = work.prompt, work.request
    values = {
        "state": state,
        "attempts": work.calls_made,
        "cost": work.costs.cost,
        "unpriced_calls": work.costs.unpriced,
        "tokens_input": work.costs.tokens_input,
        "tokens_output": work.costs.tokens_output,
        "expected_cost": work.expected.cost if work.expected else None,
        "expected_tokens": work.expected.tokens if work.expected else None,
        "provider": request.endpoint.shown_as if request else run.provider,
        "model": request.model if request else "",
        "parameters": request.parameters() if request else {},
        "prompt_version": version_of(prompt),
        "prompt_digest": _digest_of(prompt),
        "finished_at": timezone.now(),
        **fields,
    }
    mine = AITaskItem.objects.for_account(run.account_id).filter(pk=work.item.pk, state__in=LIVE)
    if not mine.update(**values):
        raise LostClaim
    journal.write_off(work.unbilled.written_off)


def _group_credits(item: AITaskItem, run: AITaskLog, function: BaseAIFunction) -> int:
    """Groups settle so that the sum is that of all ids saved so far."""
    saved = AITaskItem.objects.for_account(run.account_id).filter(run=run, state=ItemState.SUCCESS)
    so_far = saved.aggregate(size=Sum("size", default=0), credits=Sum("credits", default=0))
    due = credits_for(function, so_far["size"] + item.size, run.payload)
    return max(0, due - int(so_far["credits"]))


def log_usage(run: AITaskLog, work: Work | None = None, credits: int = 0) -> None:
    """Write what an item came to; without one, what the run did before it had any."""
    own = [] if work else journal.own_calls(run.pk)
    costs = work.costs if work else _costs_of(own)
    asked = work.request if work else next(iter(own), None)
    CreditUsageLog.objects.create(
        account_id=run.account_id,
        operation=run.function_name,
        credits_used=credits,
        cost_usd=None if costs.unpriced and not costs.cost else costs.cost,
        unpriced_calls=costs.unpriced,
        model=asked.model if asked else "",
        tokens_input=costs.tokens_input,
        tokens_cached=costs.tokens_cached,
        tokens_output=costs.tokens_output,
        task_id=run.pk,
        item=work.item.pk if work else None,
        site_id=run.site_id,
        user_id=run.requested_by_id,
        target_type=work.item.target_type if work else "",
        target_id=work.item.target_id if work else None,
    )


def _costs_of(calls: Iterable[ProviderCall]) -> CostTracker:
    costs = CostTracker()
    for call in filter(journal.is_booked, calls):
        costs.add(journal.usage_of(call), call.cost)
    return costs


def as_error(error: IgnyError) -> dict[str, str]:
    """An error as runs and items keep it."""
    return {"code": error.code, "detail": error.detail}
