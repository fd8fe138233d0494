"""The journal of provider calls: written before a call is sent, completed before it is read.

An answer that has been paid for is in here before anything else is done with it; a run that is
taken up again goes on from what stands here.
"""

import dataclasses
import zlib
from collections.abc import Iterable, Sequence

from igny8_core.ai.cost import Cost, Usage, cost_of
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.models import CallState, ProviderCall
from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import AIRequest, Answer, StoredPicture
from igny8_core.core.texts import clip

_MAX_RAW = 2 * 1024 * 1024


def call_for(item_id: int, n: int, purpose: str, request: AIRequest) -> ProviderCall:
    """The row of a call about to be sent."""
    call = ProviderCall(
        account_id=request.account_id,
        item_id=item_id,
        n=n,
        purpose=purpose,
        request_id=request.request_id,
        question_id=request.question_id,
        provider=request.endpoint.provider,
        model=request.model,
    )
    call.picture_size = request.picture.size if request.picture else ""
    return call


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
        calls.setdefault(call.item_id, []).append(call)
    return calls


def forget(calls: Sequence[ProviderCall]) -> None:
    """Take out calls that were written down and then not sent."""
    ProviderCall.unscoped.filter(pk__in=[call.pk for call in calls]).delete()


def write_off(calls: Sequence[ProviderCall]) -> None:
    """Write down that these may have been billed, and that nobody will tell for how much."""
    if calls:
        unknown = Cost(None, "unknown", why="no answer came, and it may have been paid for")
        mine = ProviderCall.unscoped.filter(pk__in=[call.pk for call in calls])
        mine.update(cost_breakdown=unknown.as_dict())


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
