"""AIEngine: one claimed run through its six phases.

The engine's thread does all the thinking and all the database; provider threads do one HTTP
attempt each. Whatever has come back is journalled before one answer is parsed, and every item is
parsed and saved on its own: one failed item fails alone.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from igny8_core.ai import (
    items,
    journal,
    loading,
    notices,
    reading,
    registry,
    second,
    shorter,
    spending,
)
from igny8_core.ai.ai_core import AICore, CallPlan
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.calls import Calls
from igny8_core.ai.claims import Claim, LostClaim, give_back, put_down
from igny8_core.ai.endings import ending_of, release_rest
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.faults import fault_point
from igny8_core.ai.gate import Clearance, Shut
from igny8_core.ai.items import Purpose, Work
from igny8_core.ai.missing import MissingFunction
from igny8_core.ai.models import AITaskItem, AITaskLog, ItemState, ProviderCall
from igny8_core.ai.phases import Phase
from igny8_core.ai.progress import ProgressTracker
from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import Answer
from igny8_core.ai.retries import asks_too_much, is_over, is_spent, pause_after
from igny8_core.ai.spending import Admission
from igny8_core.ai.verdicts import (
    CANCELLED,
    CUT_TWICE,
    HELD_TOO_LONG,
    ITEM_CRASHED,
    PAID_ENOUGH,
    REFUSED,
    WORKER_CRASHED,
)
from igny8_core.core.database import AWAY
from igny8_core.core.errors import AIError, BadResponse, IgnyError, NotInAccount

logger = logging.getLogger(__name__)

MAX_CRASHES = 3
MAX_DEATHS = 5
#: Seconds between two looks at the database for a cancellation.
_LOOK_UP = 0.5
#: Seconds that calls in flight are given to come back when the process stops.
_GRACE = 20.0

#: What ends the engine's work on a run without ending the run.
_NOT_THE_ITEMS = (LostClaim, *AWAY)


class AIEngine:
    """Works on one run until it ends, is lost to another worker, or the process has to stop."""

    def __init__(self, claim: Claim, should_stop: Callable[[], bool] = lambda: False) -> None:
        self.claim = claim
        self.should_stop = should_stop
        self.run = AITaskLog.unscoped.select_related("account", "site").get(pk=claim.run_id)
        self.function = _function_of(self.run)
        self.function.account, self.function.site = self.run.account, self.run.site
        self.tracker = ProgressTracker(self.run, claim)
        self.tracker.messages = self.function.get_metadata()["phases"]
        self.core = AICore(self.run.account)
        self.calls = Calls()
        self.works: dict[int, Work] = {}
        self.plan: CallPlan | None = None
        #: What is asked where the plan's provider cannot answer, until it is.
        self._second: CallPlan | None = None
        self._ready: list[int] = []
        self._named: int | None = None
        self._ends_run: IgnyError | None = None
        #: Whether the account has any, as of the last look.
        self._has_ceilings = False
        self._looked_up = 0.0

    def execute(self) -> None:
        """Go through the six phases; what is left when this returns is for the next claim."""
        try:
            self._init()
            self._prep()
            self._call_and_save()
            self._log_to_database()
        except _NOT_THE_ITEMS as reason:
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
        self._open(items.open_items(self.run))
        try:
            for work in list(self.works.values()):
                self._fail(work, CANCELLED, ItemState.CANCELLED)
            self._log_to_database()
        except LostClaim:
            return

    # --- INIT: is everything still there? ------------------------------------------------------

    def _init(self) -> None:
        self.tracker.at(Phase.INIT, message=self.tracker.messages[Phase.INIT])
        fault_point("init")
        self.tracker.commit(self._blame, at_risk=None)
        self._open(items.open_items(self.run))
        self.function.validate(self.run.payload, self.run.account)

    def _open(self, open_items: Sequence[AITaskItem]) -> None:
        for item in open_items:
            self.works[item.pk] = Work(item)
            self.tracker.move(item.pk, Phase.INIT)
        self.tracker.ended = self.run.items_total - len(self.works)

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
                self._make_groups()
            plan = self._plan()
        except AIError as error:
            self.tracker.steps.end(step, error=error.detail)
            return self._fail_all(error)
        self.tracker.steps.end(step, message=plan.notice if plan else "")
        step = self.tracker.steps.begin("request", "Prompts")
        self._prepare_items(plan)
        fault_point("prep")
        self.tracker.steps.end(step, message=f"{len(self.works)} item(s) ready.")

    def _plan(self) -> CallPlan | None:
        """How calls are made; None where the function asks no provider."""
        return None if self.function.is_free(self.run.payload) else self.core.plan(self.function)

    def _make_groups(self) -> None:
        """Items that exist only now: one per piece, in one fenced transaction."""
        payloads = items.groups_left(self.run) or loading.groups(self.function, self.run)
        made = self.tracker.commit(
            lambda: items.make_groups(self.run, payloads), items_total=len(payloads)
        )
        self.run.items_total = len(made)
        self._open(made)

    def _prepare_items(self, plan: CallPlan | None) -> None:
        kept = {work.item.pk: work.item.payload.get("kept") for work in self.works.values()}
        calls = journal.calls_of([*kept, *filter(None, kept.values())])
        if plan:
            plan = self._choose(plan, [call for pk in kept for call in calls.get(pk, [])])
        for pk in self.works:
            self.tracker.move(pk, Phase.PREP)
        self.tracker.commit(
            lambda: items.begin(self.run, self.function, list(self.works)),
            provider=self.run.provider,
            model=self.run.model,
        )
        loading.load_together(self.function, self.run, self.works.values())
        for pk, work in list(self.works.items()):
            self._prepare_item(work, plan, calls.get(pk) or calls.get(kept[pk] or 0, []))
            self.tracker.tick()
        self._end_as_before()

    def _choose(self, first: CallPlan, calls: list[ProviderCall]) -> CallPlan:
        """The account's first choice, or the second that an earlier claim had turned to."""
        self._second = self.core.second(first)
        if self._second and second.was_asked(self._second, calls):
            first, self._second = self._second, None
        self._use(first)
        return first

    def _use(self, plan: CallPlan) -> None:
        self.plan = plan
        self.calls.connect(plan.endpoint)
        self.run.provider, self.run.model = plan.endpoint.shown_as, plan.model

    def _end_as_before(self) -> None:
        """A worker may have died after the failure that ends the run, and before it ended it."""
        failures = [work.failure for work in self.works.values() if work.failure]
        for failure in failures:
            if failure.kind.ends_run and not self._turn(failure.kind):
                return self._end_unsent(failure)

    def _prepare_item(self, work: Work, plan: CallPlan | None, calls: list[ProviderCall]) -> None:
        try:
            if work.item.crashes >= MAX_CRASHES:
                raise ITEM_CRASHED
            loading.load(self.function, self.run, work)
            if plan is None:
                work.answer = Answer(body=b"", text=self.function.answer_without_call(work.data))
            else:
                self._ask(work, plan)
        except _NOT_THE_ITEMS:
            raise
        except Exception as error:  # noqa: BLE001 - one failed item fails alone
            return self._fail(work, self._shown(error))
        if plan is None or work.resume(calls):
            return self._is_ready(work)
        if work.to_fetch:
            return self._queue(work)
        if is_spent(work.history, work.question):
            return self._fail(work, work.failure or PAID_ENOUGH)
        if not self._shorten_if_too_long(work):
            self._queue(work)

    def _queue(self, work: Work, pause: float = 0.0) -> None:
        self.tracker.move(work.item.pk, Phase.AI_CALL)
        self.calls.queue(work.item.pk, pause)

    def _ask(self, work: Work, plan: CallPlan) -> None:
        data = work.data if work.lean is None else work.lean
        work.prompt = self.function.build_prompt(data, self.run.account)
        work.request = self.core.request(self.function, work.prompt, plan, task_id=self.run.pk)
        work.is_second = plan.is_second
        work.history.pays_once = get_provider(plan.endpoint.provider).pays_once
        self.run.prompt_version = items.version_of(work.prompt)

    # --- AI_CALL, PARSE, SAVE ------------------------------------------------------------------

    def _call_and_save(self) -> None:
        self.tracker.at(Phase.AI_CALL)
        while self.works:
            if self.should_stop():
                self._stop()
            self._look_for_cancel()
            self._send_due()
            self._take_in(self.calls.come_back(self._patience()))
            if self._ready:
                self._read_and_save(self.works[self._ready.pop(0)])
            else:
                self.tracker.tick()

    def _patience(self) -> float:
        """How long to wait for answers: not at all while there is something to read."""
        return 0.0 if self._ready else self.calls.patience(_LOOK_UP)

    def _send_due(self) -> None:
        """Write down the calls whose time has come, then hand them to the pool."""
        keys, shut = self.calls.take_due()
        if shut:
            self._hold_back(shut)
        if not keys:
            return
        now = time.monotonic()
        works = [self.works[key] for key in keys]
        fence = self.claim.fence
        calls = [work.open_call(now, fence) for work in works if not work.to_fetch]
        refused = self._open_calls(works, calls)
        fault_point("intent")
        for key in keys:
            if key not in refused:
                self._submit(self.works[key])
        fault_point("in_call")

    def _open_calls(self, works: list[Work], calls: list[ProviderCall]) -> set[int]:
        """Write the calls down; the items that the account's ceilings leave no room for."""
        if not self._has_ceilings:
            self.tracker.commit(lambda: journal.open_calls(calls))
            return set()
        admission = self.tracker.commit(lambda: spending.open_calls(self.run, calls))
        refused = [work for work in works if work.item.pk in admission.refused]
        for work in refused:
            work.take_back()
        if refused:
            is_alone = not admission.in_flight and len(refused) == len(works)
            self._refuse(refused, admission, is_alone and not self.calls.in_flight)
        return set(admission.refused)

    def _refuse(self, refused: list[Work], admission: Admission, is_final: bool) -> None:
        """Final only once nothing is under way: that may come back for less than it might."""
        if is_final:
            for work in refused:
                self._fail(work, admission.error)
            return
        self.tracker.notice(notices.while_full(admission.period))
        for work in refused:
            self.calls.queue(work.item.pk)
        self.calls.hold()

    def _hold_back(self, shut: Clearance) -> None:
        """What is due waits for the gate, and uses no attempt; only time may run out."""
        if shut.why is Shut.DOWN and self._turn(Kind.SERVER):
            return
        self.tracker.notice(notices.while_shut(shut))
        waiting, until = self.calls.waiting, self.calls.held_until
        late = [pk for pk in waiting if is_over(self.works[pk].history, until)]
        self.calls.drop(late)
        for work in (self.works[pk] for pk in late):
            self._fail(work, work.failure or HELD_TOO_LONG)

    def _submit(self, work: Work) -> None:
        if work.step is None:
            model = work.request.model if work.request else ""
            work.step = self.tracker.steps.begin("request", f"Call for {work.name}", model)
        self.calls.send(work)

    def _take_in(self, outcomes: list[Outcome]) -> None:
        """Journal what has come back, then see to what the gate held back at the last moment."""
        self._journal([one for one in outcomes if not one.was_held])
        held = [self.works[one.key] for one in outcomes if one.was_held]
        self._forget(held)
        for work in held:
            self._ask_again(work, work.purpose)

    def _journal(self, outcomes: list[Outcome]) -> None:
        """Store everything that has come back before any of it is looked at."""
        if not outcomes:
            return
        fault_point("returned")
        returned = [self.works[outcome.key] for outcome in outcomes]
        for work, outcome in zip(returned, outcomes, strict=True):
            work.close_call(outcome, self.tracker.costs)
            if outcome.is_complete:
                self.tracker.move(work.item.pk, Phase.PARSE)
        ready = [*self._ready, *(one.key for one in outcomes if one.is_complete)]
        calls = [work.call for work in returned if work.call]
        self._commit_naming(ready[0] if ready else None, lambda: journal.close_calls(calls))
        fault_point("stored")
        for work, outcome in zip(returned, outcomes, strict=True):
            self._after_call(work, outcome)

    def _after_call(self, work: Work, outcome: Outcome) -> None:
        failure = outcome.what_failed
        if work.step:
            self.tracker.steps.end(work.step, error=failure.detail if failure else "")
            work.step = None
        if failure is None:
            self.tracker.end_notice()
            return self._is_ready(work)
        work.note(failure)
        if self._ends_run is None and self._shorten(work, failure):
            return
        pause = pause_after(failure, work.history, time.monotonic(), work.question)
        if pause is None:
            return self._give_up(work, failure)
        if self._ends_run is None:
            self.tracker.notice(notices.while_waiting(failure, work.history.attempts, pause))
        self._ask_again(
            work, Purpose.RETRY if work.purpose == Purpose.FIRST else work.purpose, pause
        )

    def _give_up(self, work: Work, failure: CallFailed) -> None:
        """The provider will not answer this item, and perhaps none: another may."""
        if self._ask_second(work, failure):
            return
        if failure.kind.ends_run or asks_too_much(failure):
            self._end_unsent(failure)
        self._fail(work, failure)

    def _ask_second(self, work: Work, failure: CallFailed) -> bool:
        """Ask the item of the account's second choice; whether there is one that may answer."""
        if self._ends_run or not second.may_answer(failure):
            return False
        assert self.plan is not None
        assert work.request is not None
        if second.is_by(self.plan, work.request) and not self._turn(failure.kind):
            return False
        work.begin_again()
        self._ask_anew(work)
        return True

    def _turn(self, kind: Kind) -> bool:
        """From now on the second choice is asked, also for what waits; whether there is one."""
        if self._ends_run or self._second is None or self.plan is None:
            return False
        first, plan, self._second = self.plan, self._second, None
        step = self.tracker.steps.begin("request", "Second choice")
        self.tracker.steps.end(step, message=second.told(first, plan, kind))
        self._use(plan)
        self.tracker.commit(lambda: None, provider=self.run.provider, model=self.run.model)
        waiting = [self.works[pk] for pk in self.calls.waiting if not self.works[pk].to_fetch]
        self.calls.drop([work.item.pk for work in waiting])
        for work in waiting:
            work.begin_again()
            self._ask_anew(work)
        return True

    def _shorten(self, work: Work, failure: CallFailed) -> bool:
        """Where it was too long, ask with less or in smaller groups; whether that can be done."""
        if failure.kind is not Kind.TOO_LONG:
            return False
        pieces = shorter.pieces_of(self.function, work)
        if not pieces:
            return False
        self.tracker.notice(notices.while_waiting(failure, work.history.attempts))
        works = [work]
        if self.function.grouped:
            works += self._split(work, pieces)
        else:
            work.shorten(pieces[0])
        for one in works:
            self._ask_anew(one)
        return True

    def _split(self, work: Work, pieces: list[Any]) -> list[Work]:
        """Make the item's group several, in one fenced transaction; what is new of it."""
        payloads = [self.function.payload_of(piece) for piece in pieces]
        depth, total = work.depth + 1, self.run.items_total + len(pieces) - 1
        made = self.tracker.commit(
            lambda: shorter.split_item(self.run, work.item, payloads, depth), items_total=total
        )
        self.run.items_total = total
        work.become(pieces[0])
        new = [Work(item, data=piece) for item, piece in zip(made, pieces[1:], strict=True)]
        self.works |= {one.item.pk: one for one in new}
        return new

    def _ask_anew(self, work: Work) -> None:
        assert self.plan is not None
        try:
            self._ask(work, self.plan)
        except _NOT_THE_ITEMS:
            raise
        except Exception as error:  # noqa: BLE001 - one failed item fails alone
            return self._fail(work, self._shown(error))
        if not self._shorten_if_too_long(work):
            self._ask_again(work, Purpose.FIRST)

    def _shorten_if_too_long(self, work: Work) -> bool:
        """What would not fit the model is not sent to fail; whether the item is seen to."""
        assert work.request is not None
        failure = shorter.too_long(work.request)
        if failure and not self._shorten(work, failure):
            self._fail(work, failure)
        return failure is not None

    def _ask_again(self, work: Work, purpose: str, pause: float = 0.0, **changes: Any) -> None:
        """Queue one more request for the item."""
        if self._ends_run:
            cancelled = self._ends_run is CANCELLED
            state = ItemState.CANCELLED if cancelled else ItemState.FAILURE
            return self._fail(work, self._ends_run, state)
        if items.question_of(purpose) != work.question and not work.may_be_billed:
            return self._fail(work, PAID_ENOUGH)
        assert work.request is not None
        work.request = work.request.again(**changes)
        work.purpose = purpose
        self._queue(work, pause)

    def _is_ready(self, work: Work) -> None:
        self.tracker.move(work.item.pk, Phase.PARSE)
        self._ready.append(work.item.pk)

    def _read_and_save(self, work: Work) -> None:
        if self._named != work.item.pk:
            self._commit_naming(work.item.pk)
        step = self.tracker.steps.begin("response", f"Reading {work.name}")
        try:
            parsed = self._parse(work)
            self.tracker.steps.end(step, message=self.tracker.message_of(Phase.PARSE))
            step = self.tracker.steps.begin("response", f"Saving {work.name}")
            self._save(work, parsed)
            self.tracker.steps.end(step)
        except BadResponse as error:
            self.tracker.steps.end(step, error=error.detail)
            self._after_bad_answer(work, error)
        except _NOT_THE_ITEMS:
            raise
        except Exception as error:  # noqa: BLE001 - one failed item fails alone
            shown = self._shown(error)
            self.tracker.steps.end(step, error=shown.detail)
            self._fail(work, shown)

    def _parse(self, work: Work) -> Any:
        answer = work.answer
        assert answer is not None
        if answer.finish_reason in {"content_filter", "refusal"}:
            raise REFUSED
        fault_point("parse")
        return reading.read(self.function, work, self.tracker.steps)

    def _after_bad_answer(self, work: Work, error: BadResponse) -> None:
        """Ask once more: with twice the room where it was cut, else with what was wrong."""
        request = work.request
        if request is not None and work.is_kept:
            work.is_kept = work.was_asked_again = False
            work.cut = None
            return self._ask_again(work, Purpose.FIRST)
        if request is None or request.picture:
            return self._fail(work, error)
        if error.code == "output_truncated":
            if work.cut:
                return self._fail(work, CUT_TWICE)
            work.cut = work.answer
            room = self.core.most_tokens(request.model, request.max_tokens * 2)
            rest = reading.rest_of(self.function, work)
            return self._ask_again(work, Purpose.LONGER, max_tokens=room, follow_up=rest)
        if work.was_asked_again or not work.may_be_billed:
            return self._fail(work, error)
        work.was_asked_again = True
        self._ask_again(
            work, Purpose.REASK, follow_up=reading.complaint(work, error), temperature=0.0
        )

    def _save(self, work: Work, parsed: Any) -> None:
        """One transaction: progress and fence, output, item, credits, usage."""
        self.tracker.move(work.item.pk, Phase.SAVE)
        self.tracker.item_id, self.tracker.answer = work.item.pk, work.answer
        self.run.items_done += 1
        try:
            self._commit_naming(
                self._next_at_risk(), lambda: self._write_output(work, parsed), deaths=0
            )
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

    def _commit_naming(
        self, at_risk: int | None, write: Callable[[], None] = lambda: None, **fields: Any
    ) -> None:
        """A transaction that also names the item which is read next: it bears a crash."""
        self.tracker.commit(write, at_risk=at_risk, **fields)
        self._named = at_risk

    def _next_at_risk(self) -> int | None:
        return self._ready[0] if self._ready else None

    # --- endings -------------------------------------------------------------------------------

    def _fail(self, work: Work, error: IgnyError, state: ItemState = ItemState.FAILURE) -> None:
        """End one item; the others go on."""
        if work.step:
            self.tracker.steps.end(work.step, error=error.detail)
            work.step = None
        self.tracker.move(work.item.pk, Phase.DONE)
        self.run.items_failed += state == ItemState.FAILURE
        self._commit_naming(
            self._next_at_risk(), lambda: items.fail(work, self.run, self.function, state, error)
        )
        del self.works[work.item.pk]

    def _fail_all(self, error: IgnyError) -> None:
        self._ends_run = self._ends_run or error
        for work in list(self.works.values()):
            self._fail(work, error)

    def _withdraw(self) -> list[Work]:
        """Take back all that has not begun: calls, those that wait, and what needs no call."""
        unsent = [self.works[pk] for pk in self.calls.withdraw()]
        self._forget(unsent)
        waiting = [self.works[pk] for pk in self.calls.waiting]
        self.calls.drop(self.calls.waiting)
        free = [self.works[pk] for pk in self._ready if self.works[pk].request is None]
        self._ready = [pk for pk in self._ready if self.works[pk].request is not None]
        return [*unsent, *waiting, *free]

    def _forget(self, unsent: list[Work]) -> None:
        """Take the calls out of the journal that were written down and not sent."""
        if calls := [call for work in unsent if (call := work.take_back())]:
            self.tracker.commit(lambda: journal.forget(calls))

    def _end_unsent(self, error: AIError) -> None:
        """No further call of this run goes out; what is in flight is finished and saved."""
        self._ends_run = error
        for work in self._withdraw():
            self._fail(work, error)

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
        self.run.cancel_requested_at, self._has_ceilings = wish, ceilings is not None
        if self.run.cancel_requested_at is not None:
            self._ends_run = self._ends_run or CANCELLED
            for work in self._withdraw():
                self._fail(work, CANCELLED, ItemState.CANCELLED)

    def _stop(self) -> None:
        """The process is ending: keep what comes back within the grace, leave the rest."""
        self._withdraw()
        deadline = time.monotonic() + _GRACE
        while self.calls.in_flight and time.monotonic() < deadline:
            self._take_in(self.calls.come_back(_LOOK_UP))
        give_back(self.claim)
        raise LostClaim

    def _log_to_database(self) -> None:
        """DONE: give back what was not used; the final state is written last."""
        self.tracker.at(Phase.DONE, message="Finishing")
        self.tracker.commit(self._write_ending)

    def _write_ending(self) -> None:
        release_rest(self.run)
        self.tracker.finish(ending_of(self.run, self.function, self._ends_run))

    def _handle_error(self, error: Exception) -> None:
        """A bug of ours, and not in one item alone: end what is left."""
        shown = self._shown(error)
        try:
            self._fail_all(shown)
            self._log_to_database()
        except _NOT_THE_ITEMS:
            logger.warning("run %s is left as it is", self.run.pk)

    def _shown(self, error: Exception) -> IgnyError:
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
