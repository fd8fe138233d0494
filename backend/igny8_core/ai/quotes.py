"""What a run would cost before it is begun: the real prompts, measured, and nothing sent."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from igny8_core.ai import embedding
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.base import Overlapping, Row
from igny8_core.ai.expectations import Expectation, expectation_of, total
from igny8_core.ai.orders import Order
from igny8_core.ai.requests import AIRequest
from igny8_core.core.errors import AIError
from igny8_core.system.queries import embedding_model

_NO_TASK = UUID(int=0)


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
    overlaps: list[Overlapping]


def quote_of(order: Order) -> Quote:
    """Render every prompt of the order and add up what it would take."""
    requests = [] if order.function.is_free(order.payload) else list(_requests(order))
    expected = [expectation_of(request) for request in requests]
    cost = _cost(expected)
    return Quote(
        items=len(requests) or len(order.todo),
        skipped=[Skipped(id=one, reason=reason) for one, reason in order.skipped.items()],
        model=requests[0].model if requests else "",
        tokens_input=sum(one.tokens_input for one in expected),
        tokens_output_max=sum(one.tokens_output_max or 0 for one in expected),
        cost_usd=cost,
        credits=order.credits,
        unpriced=sum(one.cost_max is None for one in expected),
        overlaps=order.function.overlaps(order.todo, order.account),
    )


def _requests(order: Order) -> Iterator[AIRequest]:
    function, core = order.function, AICore(order.account)
    plan, unsent = core.plan(function), _Unsent(order)
    function.embed = unsent if embedding_model(order.account) else None
    for payload in _payloads(order):
        data = function.prepare({**order.payload, **payload}, order.account)
        for piece in function.sketch(data):
            prompt = function.build_prompt(piece, order.account)
            yield core.request(function, prompt, plan, task_id=_NO_TASK)
    yield from unsent.requests


class _Unsent:
    """Takes down what would be embedded, and asks nobody."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.requests: list[AIRequest] = []

    def __call__(self, texts: Sequence[str]) -> list[Row]:
        function, account = self._order.function, self._order.account
        plan = AICore(account).embedding_plan()
        self.requests += embedding.requests_for(texts, plan, function, account.pk, _NO_TASK)
        raise AIError("A dry run asks nobody.", code="dry_run")


def _payloads(order: Order) -> list[dict[str, Any]]:
    if order.function.grouped:
        return [{"ids": order.todo}]
    return [{"ids": [one]} for one in order.todo]


def _cost(expected: list[Expectation]) -> CostRange:
    return CostRange(
        expected=_usd(total(one.cost for one in expected)),
        max=_usd(total(one.cost_max for one in expected)),
    )


def _usd(cost: Decimal | None) -> str | None:
    return None if cost is None else format(cost.normalize() if cost else cost, "f")
