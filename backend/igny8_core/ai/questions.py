"""The items' questions: worded, asked once more, asked of the second choice, asked with less.

To ask is to queue here; `dispatch` sends what is due.
"""

from typing import Any

from igny8_core.ai import items, notices, second, shorter
from igny8_core.ai.calls import Calls
from igny8_core.ai.choice import Choice
from igny8_core.ai.desk import NOT_THE_ITEMS, Desk
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.models import ItemState
from igny8_core.ai.phases import Phase
from igny8_core.ai.providers import get_provider
from igny8_core.ai.verdicts import CANCELLED, PAID_ENOUGH
from igny8_core.ai.work import Purpose, Work, question_of


class Questions:
    """What the open items ask; an item that cannot ask fails."""

    def __init__(self, desk: Desk, calls: Calls, choice: Choice) -> None:
        self.desk = desk
        self.calls = calls
        self.choice = choice

    def word(self, work: Work) -> None:
        """Build the item's prompt, and the first request for it."""
        plan, run = self.choice.plan, self.desk.run
        assert plan is not None
        data = work.data if work.lean is None else work.lean
        work.prompt = self.desk.function.build_prompt(data, run.account)
        work.request = self.choice.request(work.prompt)
        work.is_second = plan.is_second
        work.history.pays_once = get_provider(plan.endpoint.provider).pays_once
        run.prompt_version = items.version_of(work.prompt)

    def queue(self, work: Work, pause: float = 0.0) -> None:
        """Have the item's request sent after a pause, in seconds."""
        self.desk.tracker.move(work.item.pk, Phase.AI_CALL)
        self.calls.queue(work.item.pk, pause)

    def ask_again(self, work: Work, purpose: str, pause: float = 0.0, **changes: Any) -> None:
        """Queue one more request for the item, with these changes to the one before."""
        if ended_by := self.desk.ended_by:
            cancelled = ended_by is CANCELLED
            state = ItemState.CANCELLED if cancelled else ItemState.FAILURE
            return self.desk.fail(work, ended_by, state)
        if question_of(purpose) != work.question and not work.may_be_billed:
            return self.desk.fail(work, PAID_ENOUGH)
        assert work.request is not None
        work.request = work.request.again(**changes)
        work.purpose = purpose
        self.queue(work, pause)

    def turn(self, kind: Kind) -> bool:
        """From now on the second choice is asked, also for what waits; whether there is one."""
        if not self.choice.turn(kind):
            return False
        works = [self.desk.works[pk] for pk in self.calls.waiting]
        waiting = [work for work in works if not work.to_fetch]
        self.calls.drop([work.item.pk for work in waiting])
        for work in waiting:
            work.begin_again()
            self._ask_anew(work)
        return True

    def ask_second(self, work: Work, failure: CallFailed) -> bool:
        """Ask the item of the account's second choice; whether there is one that may answer."""
        if self.desk.ended_by or not second.may_answer(failure):
            return False
        assert self.choice.plan is not None
        assert work.request is not None
        if second.is_by(self.choice.plan, work.request) and not self.turn(failure.kind):
            return False
        work.begin_again()
        self._ask_anew(work)
        return True

    def shorten_if_too_long(self, work: Work) -> bool:
        """What would not fit the model is not sent to fail; whether the item is seen to."""
        assert work.request is not None
        failure = shorter.too_long(work.request)
        if failure and not self.shorten(work, failure):
            self.desk.fail(work, failure)
        return failure is not None

    def shorten(self, work: Work, failure: CallFailed) -> bool:
        """Where it was too long, ask with less or in smaller groups; whether that can be done."""
        if failure.kind is not Kind.TOO_LONG:
            return False
        pieces = shorter.pieces_of(self.desk.function, work)
        if not pieces:
            return False
        self.desk.tracker.notice(notices.while_waiting(failure, work.history.attempts))
        works = [work]
        if self.desk.function.grouped:
            works += self._split(work, pieces)
        else:
            work.shorten(pieces[0])
        for one in works:
            self._ask_anew(one)
        return True

    def _split(self, work: Work, pieces: list[Any]) -> list[Work]:
        """Make the item's group several, in one fenced transaction; what is new of it."""
        run = self.desk.run
        payloads = [self.desk.function.payload_of(piece) for piece in pieces]
        depth, total = work.depth + 1, run.items_total + len(pieces) - 1
        made = self.desk.tracker.commit(
            lambda: shorter.split_item(run, work.item, payloads, depth), items_total=total
        )
        run.items_total = total
        work.become(pieces[0])
        new = [Work(item, data=piece) for item, piece in zip(made, pieces[1:], strict=True)]
        self.desk.works |= {one.item.pk: one for one in new}
        return new

    def _ask_anew(self, work: Work) -> None:
        try:
            self.word(work)
        except NOT_THE_ITEMS:
            raise
        except Exception as error:  # noqa: BLE001 - one failed item fails alone
            return self.desk.fail(work, self.desk.shown(error))
        if not self.shorten_if_too_long(work):
            self.ask_again(work, Purpose.FIRST)
