"""One open item in the engine's hands: what it asks, what came of it, and what that has cost."""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from igny8_core.ai import journal
from igny8_core.ai.cost import CostTracker, Usage
from igny8_core.ai.expectations import Expectation, expectation_of, highest_cost
from igny8_core.ai.failures import CallFailed
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.models import AITaskItem, CallState, ItemState, ProviderCall
from igny8_core.ai.requests import AIRequest, Answer
from igny8_core.ai.retries import MAX_BILLED, PICTURE_IS_LOST, History
from igny8_core.ai.unbilled import Unbilled

Purpose = ProviderCall.Purpose


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
        name = f"{asked_as(self.item)}:{self.question}{anew}"
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


def asked_as(item: AITaskItem) -> str:
    """The name that an item's questions go by, also in the runs that retry it."""
    return str(item.payload.get("asked_as") or f"{item.run_id}:{item.pk}")


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
