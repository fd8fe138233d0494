"""What a run would cost before it is begun: the real prompts, measured, and nothing sent."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from igny8_core.ai import catalogue
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.cost import Usage, cost_of
from igny8_core.ai.orders import Order
from igny8_core.ai.requests import AIRequest, PictureOrder

#: Characters of a prompt per token, for texts as ours; the provider's usage is what counts.
_CHARS_PER_TOKEN = 4
#: The share of its output limit that an answer commonly takes.
_EXPECTED_SHARE = Decimal("0.4")
_NO_TASK = UUID(int=0)


class _Received(NamedTuple):
    """Tokens of one answer: as a rule, and at most."""

    expected: int
    most: int


class CostRange(TypedDict):
    """USD as decimal strings; null where no price is known."""

    expected: str | None
    max: str | None


class Skipped(TypedDict):
    """An id that needs nothing done."""

    id: int
    reason: str


class Quote(TypedDict):
    """The answer to a dry run, as the contract shows it."""

    items: int
    skipped: list[Skipped]
    model: str
    tokens_input: int
    tokens_output_max: int
    cost_usd: CostRange
    credits: int
    unpriced: int


def quote_of(order: Order) -> Quote:
    """Render every prompt of the order and add up what it would take."""
    requests = [] if order.function.is_free(order.payload) else list(_requests(order))
    sent = sum(_tokens(request) for request in requests)
    received = [_received(request) for request in requests]
    model = requests[0].model if requests else ""
    cost = _cost(model, sent, received)
    return Quote(
        items=len(requests) or len(order.todo),
        skipped=[Skipped(id=one, reason=reason) for one, reason in order.skipped.items()],
        model=model,
        tokens_input=sent,
        tokens_output_max=sum(one.most for one in received if one),
        cost_usd=cost,
        credits=order.credits,
        unpriced=0 if cost["max"] is not None else len(requests),
    )


def _requests(order: Order) -> Iterator[AIRequest]:
    function, core = order.function, AICore(order.account)
    plan = core.plan(function)
    for payload in _payloads(order):
        data = function.prepare({**order.payload, **payload}, order.account)
        for piece in function.split(data):
            prompt = function.build_prompt(piece, order.account)
            yield core.request(function, prompt, plan, task_id=_NO_TASK)


def _payloads(order: Order) -> list[dict[str, Any]]:
    if order.function.grouped:
        return [{"ids": order.todo}]
    return [{"ids": [one]} for one in order.todo]


def _tokens(request: AIRequest) -> int:
    text = request.picture.prompt if isinstance(request.picture, PictureOrder) else request.prompt
    return -(-len(text) // _CHARS_PER_TOKEN)


def _received(request: AIRequest) -> _Received | None:
    """What comes back for a request; None where nobody has told how many tokens a picture is."""
    if request.picture is None:
        return _Received(int(request.max_tokens * _EXPECTED_SHARE), request.max_tokens)
    known = catalogue.picture_tokens(request.model, request.picture.size)
    return _Received(*known) if known else None


def _cost(model: str, sent: int, received: list[_Received | None]) -> CostRange:
    if not received:
        return CostRange(expected="0", max="0")
    known = [one for one in received if one]
    if len(known) < len(received):
        return CostRange(expected=None, max=None)
    expected = cost_of(model, Usage(sent, sum(one.expected for one in known)))
    most = cost_of(model, Usage(sent, sum(one.most for one in known)))
    return CostRange(expected=_usd(expected), max=_usd(most))


def _usd(cost: Decimal | None) -> str | None:
    return None if cost is None else format(cost.normalize(), "f")
