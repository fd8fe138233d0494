"""What is done where a call failed, an answer was unfit or the gate is shut.

The item is asked again, with less, or of the second choice; or it fails, and where no further
call could succeed either, all that has not been sent fails with it. How often and after what
pause is said in `retries`.
"""

import time

from igny8_core.ai import notices, reading
from igny8_core.ai.calls import Calls
from igny8_core.ai.desk import Desk
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.gate import Clearance, Shut
from igny8_core.ai.limits import most_output
from igny8_core.ai.questions import Questions
from igny8_core.ai.requests import AIRequest
from igny8_core.ai.retries import asks_too_much, is_over, pause_after
from igny8_core.ai.verdicts import CUT_AT_THE_LIMIT, CUT_TWICE, HELD_TOO_LONG
from igny8_core.ai.work import Purpose, Work
from igny8_core.core.errors import AIError, BadResponse


class Recourse:
    """Decides how an item goes on, once its question has been asked."""

    def __init__(self, desk: Desk, calls: Calls, questions: Questions, dispatch: Dispatch) -> None:
        self.desk = desk
        self.calls = calls
        self.questions = questions
        self.dispatch = dispatch

    def after_call(self, work: Work, outcome: Outcome) -> None:
        """Have the answer read; without one, ask again or give up."""
        failure, tracker = outcome.what_failed, self.desk.tracker
        if work.step:
            tracker.steps.end(work.step, error=failure.detail if failure else "")
            work.step = None
        if failure is None:
            tracker.end_notice()
            return self.desk.put_ready(work)
        work.note(failure)
        if self.desk.ended_by is None and self.questions.shorten(work, failure):
            return
        pause = pause_after(failure, work.history, time.monotonic(), work.question)
        if pause is None:
            return self._give_up(work, failure)
        if self.desk.ended_by is None:
            tracker.notice(notices.while_waiting(failure, work.history.attempts, pause))
        purpose = Purpose.RETRY if work.purpose == Purpose.FIRST else work.purpose
        self.questions.ask_again(work, purpose, pause)

    def _give_up(self, work: Work, failure: CallFailed) -> None:
        """The provider will not answer this item, and perhaps none: another may."""
        if self.questions.ask_second(work, failure):
            return
        if failure.kind.ends_run or asks_too_much(failure):
            self._end_unsent(failure)
        self.desk.fail(work, failure)

    def after_bad_answer(self, work: Work, error: BadResponse) -> None:
        """Ask once more: with twice the room where it was cut, else with what was wrong."""
        request = work.request
        if request is not None and work.is_kept:
            work.is_kept = work.was_asked_again = False
            work.cut = None
            return self.questions.ask_again(work, Purpose.FIRST)
        if request is None or request.picture:
            return self.desk.fail(work, error)
        if error.code == "output_truncated":
            return self._after_cut(work, request)
        if work.was_asked_again or not work.may_be_billed:
            return self.desk.fail(work, error)
        work.was_asked_again = True
        complaint = reading.complaint(work, error)
        self.questions.ask_again(work, Purpose.REASK, follow_up=complaint, temperature=0.0)

    def _after_cut(self, work: Work, request: AIRequest) -> None:
        if work.cut:
            return self.desk.fail(work, CUT_TWICE)
        work.cut = work.answer
        rest = reading.rest_of(self.desk.function, work)
        room = most_output(request.again(follow_up=rest), request.max_tokens * 2)
        if not rest and room <= request.max_tokens:
            return self.desk.fail(work, CUT_AT_THE_LIMIT)
        self.questions.ask_again(work, Purpose.LONGER, max_tokens=room, follow_up=rest)

    def hold_back(self, shut: Clearance) -> None:
        """What is due waits for the gate, and uses no attempt; only time may run out."""
        if shut.why is Shut.DOWN and self.questions.turn(Kind.SERVER):
            return
        self.desk.tracker.notice(notices.while_shut(shut))
        works, until = self.desk.works, self.calls.held_until
        late = [pk for pk in self.calls.waiting if is_over(works[pk].history, until)]
        self.calls.drop(late)
        for work in [works[pk] for pk in late]:
            self.desk.fail(work, work.failure or HELD_TOO_LONG)

    def end_as_before(self) -> None:
        """A worker may have died after the failure that ends the run, and before it ended it."""
        failures = [work.failure for work in self.desk.works.values() if work.failure]
        for failure in failures:
            if failure.kind.ends_run and not self.questions.turn(failure.kind):
                return self._end_unsent(failure)

    def _end_unsent(self, error: AIError) -> None:
        """No further call of this run goes out; what is in flight is finished and saved."""
        self.desk.ended_by = error
        for work in self.dispatch.withdraw():
            self.desk.fail(work, error)
