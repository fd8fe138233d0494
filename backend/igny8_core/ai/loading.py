"""From the ids of items to the data that a function's prompts are built from."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.work import Work
from igny8_core.core.errors import IgnyError, TargetGone


def groups(function: BaseAIFunction, run: AITaskLog) -> list[dict[str, Any]]:
    """The payloads of a grouped run's items."""
    data = function.prepare(run.payload, run.account)
    pieces = function.split(data) if data else []
    return [function.payload_of(piece) for piece in pieces]


def load_together(function: BaseAIFunction, run: AITaskLog, works: Collection[Work]) -> None:
    """Load in one go what can be; what is not found by its id then is loaded on its own."""
    if function.grouped:
        return
    ids = [pk for work in works for pk in work.item.payload["ids"]]
    with suppress(IgnyError):
        data = function.prepare({**run.payload, "ids": ids}, run.account)
        pieces = function.split(data) if data else []
        found = {getattr(piece, "pk", None): piece for piece in pieces}
        if len(found) == len(pieces):
            for work in works:
                work.data = found.get(work.item.target_id)


def load(function: BaseAIFunction, run: AITaskLog, work: Work) -> None:
    """Load one item's data, if it is not there yet; raises TargetGone."""
    if work.data is not None:
        return
    payload = {**run.payload, **work.item.payload, "item": work.item.pk}
    data = function.prepare(payload, run.account)
    if not data:
        raise TargetGone("It was deleted while the run was going.")
    pieces = [data] if function.grouped else function.split(data)
    if len(pieces) != 1:
        name = function.get_name()
        raise TypeError(f"{name}.split() must give one piece per id, and gave {len(pieces)}")
    work.data = pieces[0]
