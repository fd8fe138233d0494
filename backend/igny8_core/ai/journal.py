"""The journal of provider calls: written before a call is sent, completed before it is read.

An answer that has been paid for is in here before anything else is done with it; a run that is
taken up again goes on from what stands here.
"""

import dataclasses
import zlib
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from igny8_core.ai.cost import Cost, Usage, cost_of
from igny8_core.ai.expectations import highest_cost
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.models import CallState, ProviderCall
from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import AIRequest, Answer, StoredPicture
from igny8_core.core.texts import clip

_MAX_RAW = 2 * 1024 * 1024
#: The cost of a call whose bill will not come any more.
LOST: Final = Cost(None, "unknown", why="no answer came, and it may have been paid for")


def call_for(item_id: int | None, n: int, purpose: str, request: AIRequest) -> ProviderCall:
    """The row of a call about to be sent; without an item it is the run's own."""
    call = ProviderCall(
        account_id=request.account_id,
        item_id=item_id,
        run_id=None if item_id else request.task_id,
        n=n,
        purpose=purpose,
        request_id=request.request_id,
        question_id=request.question_id,
        provider=request.endpoint.provider,
        model=request.model,
    )
    call.picture_size = request.picture.size if request.picture else ""
    return call


def own_call(request: AIRequest, n: int, fence: int) -> ProviderCall:
    """The row of a call that a run makes before it has items."""
    call = call_for(None, n, ProviderCall.Purpose.EMBED, request)
    call.fence, call.max_cost = fence, highest_cost(request)
    return call


def own_calls(run_id: UUID) -> list[ProviderCall]:
    """The calls that are a run's own and no item's, without what they brought."""
    return list(ProviderCall.unscoped.filter(run=run_id).order_by("pk").defer("raw"))


def own_answers(account_id: int, question_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """What runs of the account were answered before they had items, by question, while it is kept.

    Not what was too long to be kept whole.
    """
    mine = ProviderCall.objects.for_account(account_id).filter(item=None, state=CallState.OK)
    kept = mine.filter(question_id__in=question_ids).exclude(raw=None)
    bodies = {call.question_id: zlib.decompress(bytes(call.raw or b"")) for call in kept}
    return {question: body for question, body in bodies.items() if len(body) < _MAX_RAW}


def drop_own_answers(run_id: UUID) -> None:
    """Let go of what a run was answered before it had items: they are made of it."""
    ProviderCall.unscoped.filter(run=run_id).update(raw=None)


def open_calls(calls: Sequence[ProviderCall]) -> None:
    """Write the calls down before any of them is sent."""
    for call in calls:
        call.pk = None  # A try that was rolled back has left one.
    ProviderCall.unscoped.bulk_create(calls)


def complete(call: ProviderCall, outcome: Outcome) -> None:
    """Put what came back into the call's row, in memory."""
    if outcome.answer is not None:
        _answered(call, outcome.answer)
    elif outcome.failure is not None:
        _failed(call, outcome.failure)


def close_calls(calls: Sequence[ProviderCall]) -> None:
    """Write down what came back, all in one statement.

    An upsert of rows that exist: `bulk_update` builds a CASE per field and row, at ten times the
    CPU.
    """
    ProviderCall.unscoped.bulk_create(
        calls, update_conflicts=True, unique_fields=["id"], update_fields=_COMPLETED
    )


def calls_of(item_ids: Iterable[int]) -> dict[int, list[ProviderCall]]:
    """The calls of items by item, in their order."""
    calls: dict[int, list[ProviderCall]] = {}
    for call in ProviderCall.unscoped.filter(item__in=list(item_ids)).order_by("item", "n"):
        calls.setdefault(call.item_id or 0, []).append(call)
    return calls


def forget(calls: Sequence[ProviderCall]) -> None:
    """Take out calls that were written down and then not sent."""
    ProviderCall.unscoped.filter(pk__in=[call.pk for call in calls]).delete()


def write_off(calls: Sequence[ProviderCall]) -> None:
    """Write down that these may have been billed, and that nobody will tell for how much."""
    if calls:
        mine = ProviderCall.unscoped.filter(pk__in=[call.pk for call in calls])
        mine.update(cost_breakdown=LOST.as_dict())


def read_again(call: ProviderCall) -> Answer:
    """The answer of a call as it was journalled; raises CallFailed where it is unreadable."""
    body = zlib.decompress(bytes(call.raw or b""))
    if call.picture:
        return Answer(body=body, picture=StoredPicture(**call.picture))
    return get_provider(call.provider).read(body)


def is_booked(call: ProviderCall) -> bool:
    """Whether the call counts in the books: with its cost, or as one of unknown cost."""
    return call.state == CallState.OK or call.cost_breakdown is not None


def failure_of(call: ProviderCall) -> CallFailed:
    """What a call failed with."""
    paid = Answer(body=b"", usage=usage_of(call)) if is_booked(call) else None
    return CallFailed(Kind(call.error_kind), call.error_detail, code=call.error_code, paid=paid)


def usage_of(call: ProviderCall) -> Usage:
    """The tokens of a call."""
    return Usage(**call.usage) if call.usage else Usage()


_COMPLETED = [
    "state",
    "error_kind",
    "error_code",
    "error_detail",
    "finish_reason",
    "provider_request_id",
    "usage",
    "tokens_input",
    "tokens_output",
    "cost",
    "cost_breakdown",
    "raw",
    "picture",
    "latency_ms",
]


def _answered(call: ProviderCall, answer: Answer) -> None:
    call.state = CallState.OK
    call.finish_reason = clip(answer.finish_reason, 40)
    call.picture = dataclasses.asdict(answer.picture) if answer.picture else None
    _book(call, answer)


def _book(call: ProviderCall, answer: Answer) -> None:
    """What came back and what is paid for it, also where it cannot be used."""
    call.provider_request_id = clip(answer.provider_request_id, 200)
    call.usage = dataclasses.asdict(answer.usage)
    call.tokens_input, call.tokens_output = answer.usage.input, answer.usage.output
    cost = cost_of(call.model, answer.usage, stated=answer.stated_cost, size=call.picture_size)
    call.cost, call.cost_breakdown = cost.total, cost.as_dict()
    call.raw = zlib.compress(answer.body[:_MAX_RAW], 1)
    call.latency_ms = answer.latency_ms


def _failed(call: ProviderCall, failure: CallFailed) -> None:
    if failure.paid is not None:
        _book(call, failure.paid)
    is_told = not failure.may_be_billed or call.cost is not None
    call.state = CallState.ERROR if is_told else CallState.UNKNOWN
    call.error_kind = failure.kind
    call.error_code = clip(failure.provider_code, 100)
    call.error_detail = failure.detail
