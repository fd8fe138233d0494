"""An input that is too long for its model is asked with less, or in smaller groups."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.claims import LostClaim
from igny8_core.ai.items import Work
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog

_MAX_DEPTH = 4


def pieces_of(function: BaseAIFunction, work: Work) -> list[Any]:
    """What to ask instead: one leaner piece of data, or several; none where it is final."""
    if work.depth >= _MAX_DEPTH:
        return []
    return function.shorten(work.data if work.lean is None else work.lean) or []


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
