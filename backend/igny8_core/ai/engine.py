"""AIEngine: one claimed run through its six phases.

The engine's thread does all the thinking and all the database; provider threads do one HTTP
attempt each. Whatever has come back is journalled before one answer is parsed, and every item is
parsed and saved on its own: one failed item fails alone.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from igny8_core.ai import embedding, items, preparing, reading
from igny8_core.ai.calls import Calls
from igny8_core.ai.choice import Choice
from igny8_core.ai.claims import Claim, LostClaim, give_back, put_down
from igny8_core.ai.desk import NOT_THE_ITEMS, Desk
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.endings import ending_of, release_rest
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.faults import fault_point
from igny8_core.ai.models import AITaskLog, ItemState
from igny8_core.ai.phases import Phase
from igny8_core.ai.questions import Questions
from igny8_core.ai.recourse import Recourse
from igny8_core.ai.verdicts import CANCELLED, REFUSED, WORKER_CRASHED
from igny8_core.ai.work import Work
from igny8_core.core.database import AWAY
from igny8_core.core.errors import AIError, BadResponse

logger = logging.getLogger(__name__)

MAX_DEATHS = 5
#: Seconds between two looks at the database for a cancellation.
_LOOK_UP = 0.5
#: Seconds that calls in flight are given to come back when the process stops.
_GRACE = 20.0


class AIEngine:
    """Works on one run until it ends, is lost to another worker, or the process has to stop."""

    def __init__(self, claim: Claim, should_stop: Callable[[], bool] = lambda: False) -> None:
        self.claim = claim
        self.should_stop = should_stop
        self.desk = Desk(claim)
        self.run, self.tracker = self.desk.run, self.desk.tracker
        self.function = self.desk.function
        self.function.pulse = self._pulse
        self.calls = Calls()
        self.choice = Choice(self.desk, self.calls)
        self.questions = Questions(self.desk, self.calls, self.choice)
        self.dispatch = Dispatch(self.desk, self.calls)
        self.recourse = Recourse(self.desk, self.calls, self.questions, self.dispatch)
        self._looked_up = 0.0

    def execute(self) -> None:
        """Go through the six phases; what is left when this returns is for the next claim."""
        try:
            self._init()
            self._prep()
            self._call_and_save()
            self._log_to_database()
        except NOT_THE_ITEMS as reason:
            if isinstance(reason, AWAY):
                put_down(self.claim)
            logger.info("run %s is left to the next claim: %s", self.run.pk, type(reason).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            self._handle_error(error)
        finally:
            # Whoever has the run now makes these calls.
            self.calls.withdraw()

    def cancel(self) -> None:
        """End a run that nobody has begun."""
        self.desk.open(items.open_items(self.run))
        try:
            for work in list(self.desk.works.values()):
                self.desk.fail(work, CANCELLED, ItemState.CANCELLED)
            self._log_to_database()
        except LostClaim:
            return

    # --- INIT: is everything still there? ------------------------------------------------------

    def _init(self) -> None:
        self.tracker.at(Phase.INIT, message=self.tracker.messages[Phase.INIT])
        fault_point("init")
        self.tracker.commit(self._blame, at_risk=None)
        if self.function.grouped and not self.run.items_total:
            embedding.write_off(self.desk)
        self.desk.open(items.open_items(self.run))
        self.function.validate(self.run.payload, self.run.account)

    def _blame(self) -> None:
        """The item in whose hands the last worker died bears the crash."""
        if self.claim.crashed and self.run.at_risk:
            items.count_crash(self.run)

    # --- PREP: data and prompts ----------------------------------------------------------------

    def _prep(self) -> None:
        self.tracker.at(Phase.PREP)
        step = self.tracker.steps.begin("request", "Preparing", self.tracker.messages[Phase.PREP])
        try:
            if self.claim.crashed and self.run.deaths >= MAX_DEATHS:
                raise WORKER_CRASHED
            if self.function.grouped and not self.run.items_total:
                preparing.make_groups(self.desk)
            first = self.choice.first()
        except AIError as error:
            self.tracker.steps.end(step, error=error.detail)
            return self.desk.fail_all(error)
        self.tracker.steps.end(step, message=first.notice if first else "")
        step = self.tracker.steps.begin("request", "Prompts")
        preparing.prepare(self.desk, self.questions, first)
        self.recourse.end_as_before()
        fault_point("prep")
        self.tracker.steps.end(step, message=f"{len(self.desk.works)} item(s) ready.")

    # --- AI_CALL: all that is due goes out, and what comes back is read item by item -----------

    def _call_and_save(self) -> None:
        self.tracker.at(Phase.AI_CALL)
        while self.desk.works:
            if self.should_stop():
                self._stop()
            self._look_for_cancel()
            if shut := self.dispatch.send_due():
                self.recourse.hold_back(shut)
            self._take_in(self.calls.come_back(self._patience()))
            if self.desk.ready:
                self._read_and_save(self.desk.take_ready())
            else:
                self.tracker.tick()

    def _patience(self) -> float:
        """How long to wait for answers: not at all while there is something to read."""
        return 0.0 if self.desk.ready else self.calls.patience(_LOOK_UP)

    def _take_in(self, outcomes: list[Outcome]) -> None:
        """Journal what has come back, then see to what the gate held back at the last moment."""
        for work, outcome in self.dispatch.store([one for one in outcomes if not one.was_held]):
            self.recourse.after_call(work, outcome)
        held = [self.desk.works[one.key] for one in outcomes if one.was_held]
        self.dispatch.forget(held)
        for work in held:
            self.questions.ask_again(work, work.purpose)

    # --- PARSE, SAVE: one item at a time -------------------------------------------------------

    def _read_and_save(self, work: Work) -> None:
        steps = self.tracker.steps
        step = steps.begin("response", f"Reading {work.name}")
        try:
            parsed = self._parse(work)
            steps.end(step, message=self.tracker.message_of(Phase.PARSE))
            step = steps.begin("response", f"Saving {work.name}")
            self.desk.save(work, parsed)
            steps.end(step)
        except BadResponse as error:
            steps.end(step, error=error.detail)
            self.recourse.after_bad_answer(work, error)
        except NOT_THE_ITEMS:
            raise
        except Exception as error:  # noqa: BLE001 - one failed item fails alone
            shown = self.desk.shown(error)
            steps.end(step, error=shown.detail)
            self.desk.fail(work, shown)

    def _parse(self, work: Work) -> Any:
        answer = work.answer
        assert answer is not None
        if answer.finish_reason in {"content_filter", "refusal"}:
            raise REFUSED
        fault_point("parse")
        return reading.read(self.function, work, self.tracker.steps)

    # --- a person's wish, and the process's end ------------------------------------------------

    def _look_for_cancel(self) -> None:
        now = time.monotonic()
        if now - self._looked_up < _LOOK_UP:
            return
        self._looked_up = now
        mine = AITaskLog.objects.for_account(self.run.account_id).filter(pk=self.run.pk)
        try:
            names = ("cancel_requested_at", "account__ceilings")
            wish, ceilings = mine.values_list(*names).first() or (None, None)
        except AWAY:
            # Calls are in flight: they must find us here when they come back.
            return connection.close()
        self.run.cancel_requested_at, self.dispatch.has_ceilings = wish, ceilings is not None
        if wish is not None:
            self.desk.ended_by = self.desk.ended_by or CANCELLED
            for work in self.dispatch.withdraw():
                self.desk.fail(work, CANCELLED, ItemState.CANCELLED)

    def _pulse(self) -> None:
        """What takes long of itself calls this now and then: the run may be over meanwhile."""
        if self.should_stop():
            self._stop()
        self._look_for_cancel()
        if self.desk.ended_by:
            raise self.desk.ended_by
        self.tracker.tick()

    def _stop(self) -> None:
        """The process is ending: keep what comes back within the grace, leave the rest."""
        self.dispatch.withdraw()
        deadline = time.monotonic() + _GRACE
        while self.calls.in_flight and time.monotonic() < deadline:
            self._take_in(self.calls.come_back(_LOOK_UP))
        give_back(self.claim)
        raise LostClaim

    # --- DONE ----------------------------------------------------------------------------------

    def _log_to_database(self) -> None:
        """Give back what was not used; the final state is written last."""
        self.tracker.at(Phase.DONE, message="Finishing")
        self.tracker.commit(self._write_ending)

    def _write_ending(self) -> None:
        release_rest(self.run)
        self.tracker.finish(ending_of(self.run, self.function, self.desk.ended_by))

    def _handle_error(self, error: Exception) -> None:
        """A bug of ours, and not in one item alone: end what is left."""
        shown = self.desk.shown(error)
        try:
            self.desk.fail_all(shown)
            self._log_to_database()
        except NOT_THE_ITEMS:
            logger.warning("run %s is left as it is", self.run.pk)
