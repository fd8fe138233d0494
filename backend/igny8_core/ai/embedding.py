"""A provider's rows of numbers for the texts of a run that has no items yet.

The account chooses the model (`embedding_model`). These calls are the run's own: like an item's
they pass the account's ceilings, are journalled before they are sent and before they are read,
and stand in the run's books. Each is made once, for who asks has another way; what was answered
is kept until the items exist, so that a run that is taken up or retried pays for nothing twice.
"""

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from django.conf import settings

from igny8_core.ai import journal, spending
from igny8_core.ai.ai_core import AICore, CallPlan
from igny8_core.ai.base import BaseAIFunction, Row
from igny8_core.ai.calls import Calls
from igny8_core.ai.cost import Usage
from igny8_core.ai.desk import Desk
from igny8_core.ai.failures import CallFailed
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.faults import fault_point
from igny8_core.ai.gate import Shut
from igny8_core.ai.models import AITaskLog, CallState, ProviderCall
from igny8_core.ai.providers import embeddings
from igny8_core.ai.requests import AIRequest
from igny8_core.core.errors import AIError
from igny8_core.system.queries import embedding_model

#: Texts in one request: 200 rows of 1,536 numbers stay below what the journal keeps of an answer.
_PER_REQUEST = 200
#: Seconds between two looks at what may be sent.
_LOOK_UP = 0.5


class Embeddings:
    """Rows for texts, in their order, by the model that the account has chosen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, texts: Sequence[str]) -> list[Row]:
        """Raises AIError where the provider, its key or a ceiling stands in the way."""
        steps = self._desk.tracker.steps
        step = steps.begin("request", "Embeddings", embedding_model(self._desk.run.account))
        try:
            rows = self._rows(texts)
        except AIError as error:
            steps.end(step, error=error.detail)
            raise
        steps.end(step)
        return rows

    def _rows(self, texts: Sequence[str]) -> list[Row]:
        run = self._desk.run
        plan = AICore(run.account).embedding_plan()
        asked = requests_for(texts, plan, self._desk.function, run.account_id, run.pk)
        bodies = journal.own_answers(run.account_id, [one.question_id for one in asked])
        left = [one for one in asked if one.question_id not in bodies]
        bodies |= _Round(self._desk, plan, left).bodies()
        return [row for one in asked for row in _read(one, bodies[one.question_id])]


class _Round:
    """Requests that go out side by side; the first that fails keeps back those that wait."""

    def __init__(self, desk: Desk, plan: CallPlan, requests: Sequence[AIRequest]) -> None:
        self._desk, self._plan, self._requests = desk, plan, requests
        self._calls = Calls()
        self._open: dict[int, ProviderCall] = {}
        self._bodies: dict[UUID, bytes] = {}
        self._failure: AIError | None = None

    def bodies(self) -> dict[UUID, bytes]:
        """Every answer by its question's id; raises AIError once all that was sent is back."""
        self._calls.connect(self._plan.endpoint)
        for key in range(len(self._requests)):
            self._calls.queue(key)
        while self._calls.waiting or self._calls.in_flight:
            self._send_due()
            self._take_in(self._calls.come_back(self._calls.patience(_LOOK_UP)))
            self._desk.tracker.tick()
        if self._failure:
            raise self._failure
        return self._bodies

    def _send_due(self) -> None:
        keys, shut = self._calls.take_due()
        if shut and shut.why is not Shut.FULL:
            label = self._plan.endpoint.label
            self._give_up(AIError(f"{label} takes no calls at present.", code="held_back"))
        if keys and self._write_down(keys):
            fault_point("intent")
            for key in keys:
                self._calls.ask(key, self._requests[key])

    def _write_down(self, keys: Iterable[int]) -> bool:
        """Journal the calls that are to be sent; whether the account's ceilings leave room."""
        run, fence = self._desk.run, self._desk.claim.fence
        calls = {key: journal.own_call(self._requests[key], key + 1, fence) for key in keys}
        if error := self._desk.tracker.commit(lambda: _admitted(run, list(calls.values()))):
            self._give_up(error)
            return False
        self._open |= calls
        return True

    def _take_in(self, outcomes: Sequence[Outcome]) -> None:
        held = [outcome.key for outcome in outcomes if outcome.was_held]
        calls = [self._close(outcome) for outcome in outcomes if not outcome.was_held]
        if outcomes:
            self._desk.tracker.commit(lambda: self._store(calls, held))
            fault_point("stored")
        for key in held:
            self._calls.queue(key)

    def _store(self, calls: Sequence[ProviderCall], held: Iterable[int]) -> None:
        journal.close_calls(calls)
        journal.forget([self._open[key] for key in held])

    def _close(self, outcome: Outcome) -> ProviderCall:
        call, costs = self._open[outcome.key], self._desk.tracker.costs
        journal.complete(call, outcome)
        if outcome.failure:
            self._give_up(outcome.failure)
        elif outcome.answer:
            self._bodies[call.question_id] = outcome.answer.body
        if call.state == CallState.UNKNOWN:
            call.cost_breakdown = journal.LOST.as_dict()
        if journal.is_booked(call):
            costs.add(journal.usage_of(call), call.cost)
        return call

    def _give_up(self, error: AIError) -> None:
        self._failure = self._failure or error
        self._calls.drop(self._calls.waiting)


def chosen(desk: Desk) -> Embeddings | None:
    """What embeds the run's texts; None where it is free, or the account has chosen no model."""
    is_wanted = not desk.function.is_free(desk.run.payload) and embedding_model(desk.run.account)
    return Embeddings(desk) if is_wanted else None


def write_off(desk: Desk) -> None:
    """What an earlier claim sent and never saw come back: billed perhaps, nobody tells for what."""
    lost = [one for one in journal.own_calls(desk.run.pk) if one.state == CallState.INTENT]
    lost = [one for one in lost if not journal.is_booked(one)]
    for _ in lost:
        desk.tracker.costs.add(Usage(), None)
    if lost:
        desk.tracker.commit(lambda: journal.write_off(lost))


def requests_for(
    texts: Sequence[str], plan: CallPlan, function: BaseAIFunction, account_id: int, task_id: UUID
) -> list[AIRequest]:
    """As many requests as the texts need."""
    pieces = [texts[at : at + _PER_REQUEST] for at in range(0, len(texts), _PER_REQUEST)]
    return [
        AIRequest(
            endpoint=plan.endpoint,
            function_name=function.get_name(),
            account_id=account_id,
            task_id=task_id,
            request_id=uuid4(),
            question_id=_question(account_id, plan, piece),
            model=plan.model,
            timeout=settings.IGNY8_PROVIDER_TIMEOUT_SECONDS,
            texts=tuple(piece),
        )
        for piece in pieces
    ]


def _question(account_id: int, plan: CallPlan, texts: Sequence[str]) -> UUID:
    """The same for the same texts, whichever run asks."""
    asked = (str(account_id), plan.endpoint.base_url, plan.model, *texts)
    return UUID(bytes=hashlib.sha256("\0".join(asked).encode()).digest()[:16], version=4)


def _admitted(run: AITaskLog, calls: Sequence[ProviderCall]) -> AIError | None:
    """Write all of the calls down, or none: why not."""
    admission = spending.open_calls(run, calls)
    if not admission.refused:
        return None
    journal.forget(calls)
    return admission.error


def _read(request: AIRequest, body: bytes) -> list[Row]:
    try:
        return embeddings.rows(body, len(request.texts))
    except CallFailed as failure:
        raise failure.told_of(request.endpoint.label, request.model) from None
