"""How far a run is: phases, percentage and steps, written in the statement that holds the fence.

Neither phase nor percentage ever goes back, over restarts included. A change of phase is always
written, the rest at most twice a second: it rides on whatever transaction comes next.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from igny8_core.ai.claims import Claim, LostClaim
from igny8_core.ai.cost import CostTracker
from igny8_core.ai.models import AITaskLog, RunState
from igny8_core.ai.phases import Phase
from igny8_core.ai.requests import Answer
from igny8_core.core.database import AWAY

logger = logging.getLogger(__name__)

T = TypeVar("T")
_EVERY = 0.5
#: Seconds for which an answer is held while the database is away.
_PATIENCE = 90.0
_MAX_STEPS = 100


class StepTracker:
    """The steps of a run: what is asked (request) and what comes of the answers (response)."""

    def __init__(self, run: AITaskLog) -> None:
        self.request: list[dict[str, Any]] = list(run.request_steps)
        self.response: list[dict[str, Any]] = list(run.response_steps)
        self._close_what_was_left()
        self.counted = 0
        self._started: dict[int, float] = {}

    def _close_what_was_left(self) -> None:
        """Steps that the run's last worker did not come to the end of."""
        for step in (*self.request, *self.response):
            if step["status"] == "running":
                step |= {"status": "error", "message": "Interrupted; taken up again."}

    def count(self, found: int) -> None:
        """Count what an answer held, for the message of PARSE."""
        self.counted += found

    def begin(self, kind: str, name: str, message: str = "") -> dict[str, Any]:
        """Open a step of the `request` or `response` list."""
        step = {"name": name, "status": "running", "message": message, "duration_ms": 0}
        steps: list[dict[str, Any]] = getattr(self, kind)
        steps.append(step)
        del steps[:-_MAX_STEPS]
        self._started[id(step)] = time.monotonic()
        return step

    def note(self, message: str) -> None:
        """Say something on what is being saved."""
        if self.response:
            self.response[-1]["message"] = message

    def end(self, step: dict[str, Any], *, error: str = "", message: str = "") -> None:
        """Close a step, with what went wrong if something did."""
        began = self._started.pop(id(step), None)
        step["status"] = "error" if error else "success"
        step["message"] = error or message or step["message"]
        if began is not None:
            step["duration_ms"] = int((time.monotonic() - began) * 1000)


@dataclass(slots=True)
class ProgressTracker:
    """One claimed run as its engine sees it."""

    run: AITaskLog
    claim: Claim
    steps: StepTracker = field(init=False)
    costs: CostTracker = field(init=False)
    phases: dict[int, Phase] = field(default_factory=dict)
    #: Items that had ended when the run was claimed: they are past every phase.
    ended: int = 0
    messages: dict[Phase, str] = field(default_factory=dict)
    #: The item that is being saved, and the answer it came from.
    item_id: int = 0
    answer: Answer | None = None
    _written_at: float = 0.0
    _has_notice: bool = False

    def __post_init__(self) -> None:
        self.steps = StepTracker(self.run)
        self.costs = CostTracker(cost=self.run.cost, unpriced=self.run.unpriced_calls)
        self.costs.tokens_input = self.run.tokens

    def message_of(self, phase: Phase) -> str:
        """What users read in a phase; `{count}` is what the answers have held so far."""
        message = self.messages.get(phase, "")
        if "{count}" not in message:
            return message
        counted = self.steps.counted
        return message.replace("{count}", str(counted)) if counted else "Reading the answers"

    def move(self, item_id: int, phase: Phase) -> None:
        """An item has reached a phase; written with the next transaction."""
        self.phases[item_id] = phase

    def at(self, phase: Phase, share: float = 0.0, message: str = "") -> None:
        """The whole run stands at a phase, `share` of its band behind it."""
        if phase.order > Phase(self.run.phase).order:
            self.run.phase = phase
            self.run.message = message or self.message_of(phase)
            self._written_at = 0.0
        elif message:
            self.run.message = message
        lower, upper = phase.band
        self.run.percentage = max(self.run.percentage, int(lower + (upper - lower) * share))

    def notice(self, message: str) -> None:
        """Say what the run waits for; the phase's own message comes back after it."""
        self.run.message, self._has_notice = message, True

    def end_notice(self) -> None:
        """Nothing is waited for any more."""
        if self._has_notice:
            self.run.message, self._has_notice = self.message_of(Phase(self.run.phase)), False

    def commit(self, write: Callable[[], T], **fields: Any) -> T:
        """One transaction that begins by writing progress and proving the claim.

        While the database is away or full it is tried again: what is to be written has been paid
        for. A commit that was cut off is looked up first: it may have been made. Raises LostClaim
        where another worker has the run, the database's error once patience is over.
        """
        deadline = time.monotonic() + _PATIENCE
        cut_off = False
        while True:
            try:
                if not (cut_off and self._has_written()):
                    with transaction.atomic():
                        self._write(fields)
                        result = write()
                self.run.writes += 1
                return result
            except AWAY:
                if time.monotonic() > deadline:
                    raise
                cut_off = True
                logger.warning("the database does not take run %s; trying again", self.run.pk)
                connection.close()
                time.sleep(random.uniform(0.1, 1.0))

    def tick(self) -> None:
        """Write progress on its own where nothing else is written for a while."""
        if time.monotonic() - self._written_at >= _EVERY:
            self.commit(lambda: None)

    def finish(self, ending: dict[str, Any]) -> None:
        """Write the final state, steps included; nothing is written after it."""
        ending |= {"request_steps": self.steps.request, "response_steps": self.steps.response}
        if not self._mine().update(**ending):
            raise LostClaim

    def _has_written(self) -> bool:
        mine = AITaskLog.unscoped.filter(pk=self.run.pk, fence=self.claim.fence)
        return mine.filter(writes=self.run.writes + 1).exists()

    def _mine(self) -> QuerySet[AITaskLog]:
        return AITaskLog.unscoped.filter(
            pk=self.run.pk, fence=self.claim.fence, state=RunState.PROGRESS
        )

    def _write(self, fields: dict[str, Any]) -> None:
        self._follow_items()
        values: dict[str, Any] = {
            "phase": self.run.phase,
            "percentage": self.run.percentage,
            "message": self.run.message,
            "items_done": self.run.items_done,
            "items_failed": self.run.items_failed,
            "cost": self.costs.cost,
            "unpriced_calls": self.costs.unpriced,
            "tokens": self.costs.tokens,
            "prompt_version": self.run.prompt_version,
            "writes": self.run.writes + 1,
            **fields,
        }
        now = time.monotonic()
        if now - self._written_at >= _EVERY:
            values |= {
                "request_steps": self.steps.request,
                "response_steps": self.steps.response,
            }
            self._written_at = now
        if not self._mine().update(**values):
            raise LostClaim

    def _follow_items(self) -> None:
        """The run's phase is that of its least advanced item."""
        if not self.phases:
            return
        phase = min(self.phases.values(), key=lambda one: one.order)
        past = self.ended + sum(one.order > phase.order for one in self.phases.values())
        share = 0.0 if phase is Phase.DONE else past / (self.ended + len(self.phases))
        self.at(phase, share)


def progress_payload(run: AITaskLog) -> dict[str, Any]:
    """Progress as the contract shows it (section 2)."""
    meta = {
        "phase": run.phase,
        "percentage": run.percentage,
        "message": run.message,
        "request_steps": run.request_steps,
        "response_steps": run.response_steps,
        "cost": usd(run),
        "tokens": run.tokens,
        "items_total": run.items_total,
        "items_done": run.items_done,
        "items_failed": run.items_failed,
        "provider": run.provider,
        "model": run.model,
    }
    if run.is_finished:
        meta["result"] = run.result
        if run.error is not None:
            meta["error"] = run.error
    return {"state": run.state, "task_id": str(run.pk), "meta": meta}


def usd(row: Any) -> str | None:
    """The cost of a run or item as a decimal string; None where none of its calls has a price."""
    if row.unpriced_calls and not row.cost:
        return None
    return format(row.cost.normalize() if row.cost else row.cost, "f")
