"""The items of a run: the work behind each of them while it is open, and how each one ends."""

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F, Sum
from django.utils import timezone

from igny8_core.ai import journal
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.claims import LostClaim
from igny8_core.ai.cost import CostTracker, Usage
from igny8_core.ai.expectations import Expectation, expectation_of, highest_cost
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, CallState, ItemState, ProviderCall
from igny8_core.ai.pricing import credits_for
from igny8_core.ai.prompts import Prompt
from igny8_core.ai.requests import AIRequest, Answer, PictureOrder
from igny8_core.ai.retries import MAX_BILLED, PICTURE_IS_LOST, History
from igny8_core.ai.unbilled import Unbilled
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.errors import IgnyError

Purpose = ProviderCall.Purpose
#: What an item's payload may hold of the run that its own retries.
_HANDED_DOWN = ("kept", "asked_as")
#: How a call ends whose answer the provider may still have.
_STILL_THERE = {Kind.LOST, Kind.AT_WORK}


@dataclass(slots=True)
class Work:
    """One open item in the engine's hands."""

    item: AITaskItem
    data: Any = None
    #: What is asked with instead, where the data was too long for the model.
    lean: Any = None
    shortened: int = 0
    request: AIRequest | None = None
    purpose: str = Purpose.FIRST
    call: ProviderCall | None = None
    answer: Answer | None = None
    #: The answer was kept from an earlier run: should it be unfit, the question is asked afresh.
    is_kept: bool = False
    #: The answer that was cut, once more than it has been asked for.
    cut: Answer | None = None
    was_asked_again: bool = False
    #: It is asked of the account's second choice.
    is_second: bool = False
    step: dict[str, Any] | None = None
    prompt: Any = None
    calls_made: int = 0
    history: History = field(default_factory=History)
    #: What the last call failed with.
    failure: CallFailed | None = None
    costs: CostTracker = field(default_factory=CostTracker)
    unbilled: Unbilled = field(default_factory=Unbilled)
    #: What was sent for it under earlier claims is in its costs.
    is_counted: bool = False
    #: What its first question was expected to take; None where an answer was kept of it.
    expected: Expectation | None = None

    @property
    def name(self) -> str:
        """The item as a person would name it."""
        return f"{self.item.target_type or 'item'} {self.item.target_id}"

    @property
    def depth(self) -> int:
        """How many times the question was made shorter."""
        return int(self.item.payload.get("depth", 0)) + self.shortened

    def shorten(self, piece: Any) -> None:
        """Ask with less from now on; what is saved is about the whole of it."""
        self.lean, self.shortened = piece, self.shortened + 1
        self.cut, self.was_asked_again = None, False

    def become(self, piece: Any) -> None:
        """Stand for a part of what the item was, with a question of its own."""
        self.data, self.lean = piece, None
        self.cut, self.was_asked_again = None, False

    def begin_again(self) -> None:
        """Forget how far another provider got with it, though not what that may have cost."""
        self.answer, self.is_kept, self.failure = None, False, None
        self.cut, self.was_asked_again = None, False
        self.history.attempts = self.history.unreadable = self.history.throttled = 0
        self.history.options_refused = 0

    @property
    def question(self) -> str:
        """What the next call asks, however often it is asked."""
        return question_of(self.purpose)

    @property
    def question_id(self) -> UUID:
        """The same for every attempt at the same question, also after a crash or in a retry."""
        changes = (self.depth, self.history.gone)
        anew = ":{}:{}".format(*changes) if any(changes) else ""
        anew += ":second" if self.is_second else ""
        name = f"{_asked_as(self.item)}:{self.question}{anew}"
        # Stable, and all the same of version 4 in form: Runware takes no other.
        return UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)

    @property
    def to_fetch(self) -> bool:
        """Whether the answer is there, and paid for, and its picture is not."""
        answer = self.answer
        if answer is None or answer.picture:
            return False
        return bool(answer.picture_url or answer.picture_data)

    @property
    def may_be_billed(self) -> bool:
        """Whether the cap on calls leaves room for one more."""
        return self.history.billed < MAX_BILLED

    def note(self, failure: CallFailed) -> None:
        """Keep what a call failed with."""
        self.failure = failure
        self.history.note(failure, self.question)
        if failure.kind in PICTURE_IS_LOST:
            self.answer, self.is_kept = None, False

    def open_call(self, now: float, fence: int) -> ProviderCall:
        """The row of the next attempt, sent under a claim with this fence."""
        assert self.request is not None
        self.answer = None
        self.calls_made += 1
        self.request = self.request.again(request_id=uuid4(), question_id=self.question_id)
        self.call = journal.call_for(self.item.pk, self.calls_made, self.purpose, self.request)
        self.call.fence, self.call.max_cost = fence, highest_cost(self.request)
        self.history.first_call = self.history.first_call or now
        return self.call

    def take_back(self) -> ProviderCall | None:
        """The call that was opened and then not sent, if any."""
        if self.to_fetch:
            return None
        self.calls_made -= 1
        return self.call

    def close_call(self, outcome: Outcome, run_costs: CostTracker) -> None:
        """Take in what came back."""
        assert self.call is not None
        if self.to_fetch:
            return self._close_fetch(outcome)
        journal.complete(self.call, outcome)
        self.answer = outcome.answer
        if outcome.answer is not None:
            self.history.paid[self.question] += 1
        self._book(self.call, self.costs, run_costs)

    def _close_fetch(self, outcome: Outcome) -> None:
        """The picture of an answer that was paid for has come, or has not once more."""
        assert self.call is not None
        if outcome.answer is not None:
            journal.complete(self.call, outcome)
            self.answer = outcome.answer

    def _book(self, call: ProviderCall, *books: CostTracker) -> None:
        self.unbilled.note(call)
        if journal.is_booked(call):
            for costs in books:
                costs.add(journal.usage_of(call), call.cost)

    def _recount(self, calls: Sequence[ProviderCall]) -> None:
        """What was sent before a worker died is in the run's books, and comes into the item's."""
        self.is_counted = True
        self.calls_made = max((call.n for call in calls), default=0)
        for call in calls:
            self._book(call, self.costs)

    def write_off(self, run_costs: CostTracker) -> None:
        """Count what may have been billed and will never be told: the item is about to end."""
        if not self.is_counted and self.item.state != ItemState.PENDING:
            # It ends before anybody has looked at what it had come to.
            self._recount(journal.calls_of([self.item.pk]).get(self.item.pk, []))
        for _ in range(self.unbilled.write_off()):
            for costs in (self.costs, run_costs):
                costs.add(Usage(), None)

    def resume(self, calls: Sequence[ProviderCall]) -> bool:
        """Go on from the journal; whether an answer is there to be parsed."""
        self.is_kept = bool(calls) and calls[0].item_id != self.item.pk
        self.expected = expectation_of(self.request) if self.request and not self.is_kept else None
        self._recount([] if self.is_kept else calls)
        answered = [call for call in calls if call.state == CallState.OK]
        if not self.is_kept:
            self._remember(calls)
        if not answered:
            return False
        self.cut = _cut_one(answered)
        self.was_asked_again = any(call.purpose == Purpose.REASK for call in answered)
        self.answer, self.call = _read(answered[-1]), answered[-1]
        return self.answer is not None and not self.to_fetch

    def _remember(self, calls: Sequence[ProviderCall]) -> None:
        """Budgets survive a worker: what was sent before it died counts as it did then."""
        bought = [call for call in calls if call.state == CallState.OK and not call.picture]
        if self.request and self.request.picture:
            # Another was asked for only where the one before was gone.
            self.history.gone = max(0, len(bought) - 1)
        for call in calls:
            question = question_of(call.purpose)
            if call.state == CallState.OK:
                self.history.paid[question] += 1
            elif call.state == CallState.INTENT:
                self.history.killed += not self.history.pays_once
            elif self._is_of(call):
                self.failure = journal.failure_of(call)
                self.history.note(self.failure, question)

    def _is_of(self, call: ProviderCall) -> bool:
        """Whether the call went where the next one goes: what failed elsewhere is over."""
        request = self.request
        return request is None or (call.provider, call.model) == (
            request.endpoint.provider,
            request.model,
        )


def question_of(purpose: str) -> str:
    """What a call asks: a retry asks what was asked first."""
    return str(Purpose.FIRST if purpose == Purpose.RETRY else purpose)


def open_items(run: AITaskLog) -> list[AITaskItem]:
    """The items that have not ended, in their order."""
    mine = AITaskItem.objects.for_account(run.account_id).filter(run=run, state__in=LIVE)
    return list(mine.order_by("seq"))


def make_groups(run: AITaskLog, payloads: Sequence[dict[str, Any]]) -> list[AITaskItem]:
    """The items of a grouped run, numbered from 1."""
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
        return {"asked_as": _asked_as(item)}
    return {name: item.payload[name] for name in _HANDED_DOWN if name in item.payload}


def _own(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _HANDED_DOWN}


def _asked_as(item: AITaskItem) -> str:
    return str(item.payload.get("asked_as") or f"{item.run_id}:{item.pk}")


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


def _cut_one(answered: Sequence[ProviderCall]) -> Answer | None:
    """The answer before the first that was asked for because it was cut."""
    for cut, after in pairwise(answered):
        if after.purpose == Purpose.LONGER:
            return _read(cut)
    return None


def _read(call: ProviderCall) -> Answer | None:
    try:
        return dataclasses.replace(journal.read_again(call), finish_reason=call.finish_reason)
    except CallFailed:
        return None


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
    """Write what an item came to; without one, that a run ended before it had any."""
    costs = work.costs if work else CostTracker()
    CreditUsageLog.objects.create(
        account_id=run.account_id,
        operation=run.function_name,
        credits_used=credits,
        cost_usd=None if costs.unpriced and not costs.cost else costs.cost,
        unpriced_calls=costs.unpriced,
        model=work.request.model if work and work.request else "",
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


def as_error(error: IgnyError) -> dict[str, str]:
    """An error as runs and items keep it."""
    return {"code": error.code, "detail": error.detail}
