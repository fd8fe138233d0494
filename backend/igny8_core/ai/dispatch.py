"""What leaves for the provider and what has come back: no call without its row in the journal.

A call whose time has come passes the account's ceilings, is written down and then handed to the
pool; what the pool gives back is stored before any of it is looked at.
"""

import time
from collections.abc import Collection

from igny8_core.ai import journal, notices, spending
from igny8_core.ai.calls import Calls
from igny8_core.ai.desk import Desk
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.faults import fault_point
from igny8_core.ai.gate import Clearance
from igny8_core.ai.models import ProviderCall
from igny8_core.ai.phases import Phase
from igny8_core.ai.spending import Admission
from igny8_core.ai.work import Work


class Dispatch:
    """Sends what is due and stores what comes back; it asks nothing of its own accord."""

    def __init__(self, desk: Desk, calls: Calls) -> None:
        self.desk = desk
        self.calls = calls
        #: Whether the account has any, as of the engine's last look.
        self.has_ceilings = False

    def send_due(self) -> Clearance | None:
        """Write down the calls whose time has come, then hand them to the pool.

        Where something is due and the gate is shut: why, and for how long.
        """
        keys, shut = self.calls.take_due()
        if not keys:
            return shut
        now, fence = time.monotonic(), self.desk.claim.fence
        works = [self.desk.works[key] for key in keys]
        calls = [work.open_call(now, fence) for work in works if not work.to_fetch]
        refused = self._open_calls(works, calls)
        fault_point("intent")
        for work in works:
            if work.item.pk not in refused:
                self._submit(work)
        fault_point("in_call")
        return None

    def _open_calls(self, works: list[Work], calls: list[ProviderCall]) -> Collection[int | None]:
        """Write the calls down; the items that the account's ceilings leave no room for."""
        tracker = self.desk.tracker
        if not self.has_ceilings:
            tracker.commit(lambda: journal.open_calls(calls))
            return frozenset()
        admission = tracker.commit(lambda: spending.open_calls(self.desk.run, calls))
        refused = [work for work in works if work.item.pk in admission.refused]
        for work in refused:
            work.take_back()
        if refused:
            is_alone = not admission.in_flight and len(refused) == len(works)
            self._refuse(refused, admission, is_alone and not self.calls.in_flight)
        return admission.refused

    def _refuse(self, refused: list[Work], admission: Admission, is_final: bool) -> None:
        """Final only once nothing is under way: that may come back for less than it might."""
        if is_final:
            for work in refused:
                self.desk.fail(work, admission.error)
            return
        self.desk.tracker.notice(notices.while_full(admission.period))
        for work in refused:
            self.calls.queue(work.item.pk)
        self.calls.hold()

    def _submit(self, work: Work) -> None:
        if work.step is None:
            model = work.request.model if work.request else ""
            steps = self.desk.tracker.steps
            work.step = steps.begin("request", f"Call for {work.name}", model)
        self.calls.send(work)

    def store(self, outcomes: list[Outcome]) -> list[tuple[Work, Outcome]]:
        """Journal everything that has come back before any of it is looked at; whose it is."""
        if not outcomes:
            return []
        fault_point("returned")
        returned = [(self.desk.works[outcome.key], outcome) for outcome in outcomes]
        for work, outcome in returned:
            work.close_call(outcome, self.desk.tracker.costs)
            if outcome.is_complete:
                self.desk.tracker.move(work.item.pk, Phase.PARSE)
        calls = [work.call for work, _ in returned if work.call]
        complete = [outcome.key for outcome in outcomes if outcome.is_complete]
        self.desk.commit_naming(lambda: journal.close_calls(calls), soon_ready=complete)
        fault_point("stored")
        return returned

    def withdraw(self) -> list[Work]:
        """Take back all that has not begun: calls, those that wait, and what needs no call."""
        unsent = [self.desk.works[pk] for pk in self.calls.withdraw()]
        self.forget(unsent)
        waiting = [self.desk.works[pk] for pk in self.calls.waiting]
        self.calls.drop(self.calls.waiting)
        return [*unsent, *waiting, *self.desk.take_free()]

    def forget(self, unsent: list[Work]) -> None:
        """Take the calls out of the journal that were written down and not sent."""
        if calls := [call for work in unsent if (call := work.take_back())]:
            self.desk.tracker.commit(lambda: journal.forget(calls))
