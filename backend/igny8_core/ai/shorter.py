"""An input that is too long for its model is asked with less, or in smaller groups."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.claims import LostClaim
from igny8_core.ai.expectations import tokens_in
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.limits import most_input
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest
from igny8_core.ai.work import Work

_MAX_DEPTH = 4


def pieces_of(function: BaseAIFunction, work: Work) -> list[Any]:
    """What to ask instead: one leaner piece of data, or several; none where it is final."""
    if work.depth >= _MAX_DEPTH:
        return []
    return function.shorten(work.data if work.lean is None else work.lean) or []


def too_long(request: AIRequest) -> CallFailed | None:
    """The failure that a request would meet whose question exceeds what its model takes.

    A model whose limits nobody knows is asked, and says so itself.
    """
    size, most = tokens_in(request), most_input(request)
    if most is None or size <= most:
        return None
    failure = failed(Kind.TOO_LONG)
    failure.detail = failure.detail.replace("{size}", f" (about {size} of at most {most} tokens)")
    return failure.told_of(request.endpoint.label, request.model)


def split_item(
    run: AITaskLog, item: AITaskItem, payloads: Sequence[dict[str, Any]], depth: int
) -> list[AITaskItem]:
    """Leave the first part to the item and the others to new ones, in the caller's transaction.

    At every moment each id belongs to exactly one item, and the sizes add up to what was reserved.
    """
    first, *others = [{**payload, "depth": depth} for payload in payloads]
    of_run = AITaskItem.objects.for_account(run.account_id).filter(run=run)
    size = len(first["ids"])
    if not of_run.filter(pk=item.pk, state__in=LIVE).update(payload=first, size=size):
        raise LostClaim
    item.payload, item.size = first, size
    last = of_run.aggregate(last=Max("seq"))["last"]
    return AITaskItem.unscoped.bulk_create(
        AITaskItem(
            account_id=run.account_id,
            run=run,
            seq=number,
            function_name=run.function_name,
            target_type=item.target_type,
            target_id=number,
            payload=payload,
            size=len(payload["ids"]),
            state=item.state,
        )
        for number, payload in enumerate(others, start=last + 1)
    )
