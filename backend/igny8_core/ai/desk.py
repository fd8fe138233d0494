"""A claimed run as it lies open before its worker: what is left of it, and how an item ends.

An item ends in one transaction of its own, saved or failed; it never takes another with it.
"""

import logging
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from igny8_core.ai import items, registry
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.claims import Claim, LostClaim
from igny8_core.ai.faults import fault_point
from igny8_core.ai.missing import MissingFunction
from igny8_core.ai.models import AITaskItem, AITaskLog, ItemState
from igny8_core.ai.phases import Phase
from igny8_core.ai.progress import ProgressTracker
from igny8_core.ai.work import Work
from igny8_core.core.database import AWAY
from igny8_core.core.errors import AIError, IgnyError, NotInAccount

logger = logging.getLogger(__name__)

#: What ends the work on a run without ending the run, and so no item of it either.
NOT_THE_ITEMS = (LostClaim, *AWAY)


class Desk:
    """The open items of one run; it asks nobody, and reads no answer."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.run = AITaskLog.unscoped.select_related("account", "site").get(pk=claim.run_id)
        self.function = _function_of(self.run)
        self.function.account, self.function.site = self.run.account, self.run.site
        self.tracker = ProgressTracker(self.run, claim)
        self.tracker.messages = self.function.get_metadata()["phases"]
        self.works: dict[int, Work] = {}
        #: The items whose answers can be read, in their order.
        self.ready: list[int] = []
        #: Why no further call of the run goes out, once that is so.
        self.ended_by: IgnyError | None = None
        self._named: int | None = None

    def open(self, open_items: Sequence[AITaskItem]) -> None:
        """Take up items that have not ended."""
        for item in open_items:
            self.works[item.pk] = Work(item)
            self.tracker.move(item.pk, Phase.INIT)
        self.tracker.ended = self.run.items_total - len(self.works)

    def put_ready(self, work: Work) -> None:
        """The item can be read, after those that could be before."""
        self.tracker.move(work.item.pk, Phase.PARSE)
        self.ready.append(work.item.pk)

    def take_ready(self) -> Work:
        """The item that is read next, named as the one that bears a crash."""
        if self._named != self.ready[0]:
            self.commit_naming()
        return self.works[self.ready.pop(0)]

    def take_free(self) -> list[Work]:
        """Take back what is ready because it needed no call."""
        free = [self.works[pk] for pk in self.ready if self.works[pk].request is None]
        self.ready = [pk for pk in self.ready if self.works[pk].request is not None]
        return free

    def commit_naming(
        self,
        write: Callable[[], None] = lambda: None,
        soon_ready: Sequence[int] = (),
        **fields: Any,
    ) -> None:
        """A transaction that also names the item which is read next: it bears a crash."""
        at_risk = next(chain(self.ready, soon_ready), None)
        self.tracker.commit(write, at_risk=at_risk, **fields)
        self._named = at_risk

    def save(self, work: Work, parsed: Any) -> None:
        """One transaction: progress and fence, output, item, credits, usage."""
        self.tracker.move(work.item.pk, Phase.SAVE)
        self.tracker.item_id, self.tracker.answer = work.item.pk, work.answer
        self.run.items_done += 1
        work.write_off(self.tracker.costs)
        try:
            self.commit_naming(lambda: self._write_output(work, parsed), deaths=0)
        except Exception:
            self.run.items_done -= 1
            raise
        fault_point("saved")
        self.tracker.move(work.item.pk, Phase.DONE)
        del self.works[work.item.pk]

    def _write_output(self, work: Work, parsed: Any) -> None:
        created = self.function.save_output(
            parsed, work.data, self.run.account, self.tracker, self.tracker.steps
        )
        items.succeed(work, self.run, self.function, created or {})
        fault_point("save")

    def fail(self, work: Work, error: IgnyError, state: ItemState = ItemState.FAILURE) -> None:
        """End one item; the others go on."""
        if work.step:
            self.tracker.steps.end(work.step, error=error.detail)
            work.step = None
        self.tracker.move(work.item.pk, Phase.DONE)
        self.run.items_failed += state == ItemState.FAILURE
        work.write_off(self.tracker.costs)
        self.commit_naming(lambda: items.fail(work, self.run, self.function, state, error))
        del self.works[work.item.pk]

    def fail_all(self, error: IgnyError) -> None:
        """End the run with every item that is open."""
        self.ended_by = self.ended_by or error
        for work in list(self.works.values()):
            self.fail(work, error)

    def shown(self, error: Exception) -> IgnyError:
        """What a person reads of an error; the trace of an unexpected one goes to the log alone."""
        if isinstance(error, IgnyError):
            return error
        reference = str(self.run.pk)[:8]
        logger.error("run %s: unexpected error", self.run.pk, exc_info=error)
        return AIError(f"Unexpected error, reference {reference}. Press Retry.", code="unexpected")


def _function_of(run: AITaskLog) -> BaseAIFunction:
    try:
        return registry.get_function_instance(run.function_name)
    except NotInAccount:
        return MissingFunction(run.function_name)
