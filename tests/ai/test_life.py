"""A run's life in any order of claims, crashes, zombies, cancels and retries, against a model.

In depth: `.venv/bin/python -m pytest tests/ai/test_life.py --hypothesis-profile=release`.
"""

import os
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from igny8_core.ai import books, claims, items, loading, tasks
from igny8_core.ai.claims import LostClaim, claim, give_back, let_go
from igny8_core.ai.engine import AIEngine
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, ItemState
from igny8_core.ai.phases import Phase
from igny8_core.ai.work import Work
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry, CreditUsageLog
from igny8_core.core.errors import AIError, Conflict, IgnyError, InsufficientCredits, Mismatch
from tests.ai.runs import a_task, items_of
from tests.machines import hold
from tests.world import make_world

PRICE = 3
CREDITS = 60
WRONG = AIError("It went wrong.", code="unexpected")


class RunMachine(RuleBasedStateMachine):
    """Requests, workers and a customer that act on the runs of two accounts in any order.

    `expected` is the model: what has become of each item; the database must say the same.
    """

    runs = Bundle("runs")
    engines = Bundle("engines")

    @initialize()
    def open_accounts(self):
        self.example = transaction.atomic()
        self.example.__enter__()
        world = make_world()
        self.accounts = [world.account, world.charlie.account]
        self.tasks = []
        for account in self.accounts:
            ledger.grant(account, CREDITS, key="test")
            self.tasks.append([a_task(account, f"task-{n}").pk for n in range(5)])
        self.expected: dict[int, str] = {}
        self.seen: dict[object, AITaskLog] = {}
        self.ended: dict[object, dict] = {}
        self.asked: dict[tuple[int, str], tuple[str, object]] = {}
        self.spent = [0, 0]

    def teardown(self):
        for held in list(claims._held):
            let_go(held)
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # --- the customer

    @rule(
        target=runs,
        owner=st.integers(0, 1),
        wanted=st.lists(st.integers(0, 4), min_size=1, max_size=4),
        key=st.sampled_from([None, None, "a", "b"]),
    )
    def enqueue(self, owner, wanted, key):
        ids = list(dict.fromkeys(self.tasks[owner][n] for n in wanted))
        digest, account = str(ids), self.accounts[owner]
        known = self.asked.get((owner, key))
        given = {"account": account, "idempotency_key": key, "request_digest": digest}
        run, error = self.answer_to(tasks.enqueue, "toy", {"ids": ids}, **given)
        match error:
            case None:
                return self.begun(run, known, owner, key, digest)
            case Mismatch():
                assert known[0] != digest
            case Conflict():
                assert UUID(error.extra["task_id"]) in self.at_work(account, ids)
                assert not known
            case InsufficientCredits():
                has = ledger.balance(account).credits
                assert error.extra == {"needed": PRICE * len(ids), "available": has}
                assert PRICE * len(ids) > has
                assert not known
        return multiple()

    def begun(self, run, known, owner, key, digest):
        if known:
            assert known == (digest, run.pk)
            return multiple()
        if key:
            self.asked[owner, key] = digest, run.pk
        self.expected |= {item.pk: "open" for item in items_of(run)}
        return run

    @rule(run=runs)
    def cancel(self, run):
        """A run nobody has begun ends at once; one at work is asked to."""
        found = tasks.cancel(AITaskLog.unscoped.get(pk=run.pk))
        if found.state == "FAILURE" and run.pk not in self.ended:
            for item in items_of(run):
                if self.expected[item.pk] == "open":
                    self.expected[item.pk] = "CANCELLED"
        assert found.is_finished or found.cancel_requested_at

    @rule(target=runs, run=runs, key=st.sampled_from([None, None, "c"]))
    def retry(self, run, key):
        run = AITaskLog.unscoped.get(pk=run.pk)
        owner, left = self.accounts.index(run.account), self.left_of(run)
        digest = f"retry {run.pk}"
        known = self.asked.get((owner, key))
        given = {"idempotency_key": key, "request_digest": digest}
        made, error = self.answer_to(tasks.retry, run, **given)
        match error:
            case None:
                if not known:
                    assert {one.target_id for one in items_of(made)} == left
                    assert made.retry_of_id == run.pk
                return self.begun(made, known, owner, key, digest)
            case Mismatch():
                assert known[0] != digest
            case Conflict(code="nothing_to_retry"):
                assert not run.is_finished or not left
            case Conflict():
                assert self.at_work(run.account, left)
            case InsufficientCredits():
                assert PRICE * len(left) > ledger.balance(run.account).credits
        return multiple()

    def answer_to(self, call, *given, **named):
        try:
            with transaction.atomic():
                return call(*given, **named), None
        except IgnyError as error:
            return None, error

    # --- the workers

    @rule(target=engines, run=runs)
    def claim(self, run):
        before = AITaskLog.unscoped.get(pk=run.pk)
        free = before.lease_until is None or (
            before.lease_until < timezone.now() and not claims._beats(before.owner)
        )
        held = claim(run.pk)
        assert (held is not None) == (before.state in LIVE and free)
        if held is None:
            return multiple()
        assert held.fence == before.fence + 1
        assert held.crashed == (before.state == "PROGRESS" and before.owner != "")
        engine = AIEngine(held)
        for item in items.open_items(engine.run):
            engine.desk.works[item.pk] = Work(item)
            engine.tracker.move(item.pk, Phase.INIT)
        loading.load_together(engine.function, engine.run, engine.desk.works.values())
        return engine

    @rule(run=runs)
    def lease_over(self, run):
        """By the database's clock, and by the owner's own, which has not beaten for long."""
        past = timezone.now() - timedelta(seconds=1)
        os.pwrite(claims._locks[claims.process_name()].fileno(), b"%020.3f" % -1e6, 0)
        AITaskLog.unscoped.filter(pk=run.pk, state="PROGRESS").update(lease_until=past)

    @rule(target=engines, run=runs)
    def take_over(self, run):
        """Another worker has it now, and the last one does not know."""
        self.lease_over(run)
        return self.claim(run)

    @rule(engine=engines)
    def crash(self, engine):
        """The process is gone; that its lock is free shows at the next sweep."""
        let_go(engine.claim)
        mine = AITaskLog.unscoped.filter(pk=engine.run.pk, fence=engine.claim.fence)
        mine.filter(state="PROGRESS").update(owner=f"{claims._here()}1.gone")
        claims.take_from_the_dead()
        found = AITaskLog.unscoped.get(pk=engine.run.pk)
        if found.fence == engine.claim.fence and not found.is_finished:
            assert found.lease_until is None or found.lease_until < timezone.now()

    @rule(engine=engines)
    def give_back(self, engine):
        give_back(engine.claim)
        let_go(engine.claim)

    @rule()
    def heartbeat(self):
        claims.heartbeat()

    @rule(engine=engines, phase=st.sampled_from([Phase.PREP, Phase.AI_CALL, Phase.PARSE]))
    def move_on(self, engine, phase):
        """Progress, of all items at once, also backwards: an answer that is asked for again."""
        with self.as_owner(engine):
            for pk in engine.desk.works:
                engine.tracker.move(pk, phase)
            engine.tracker.commit(lambda: None)

    @rule(engine=engines, fails=st.booleans(), n=st.integers(0, 3))
    def end_an_item(self, engine, fails, n):
        """Saved, or failed; a zombie's write with an old fence is refused and leaves no trace."""
        works = list(engine.desk.works.values())
        if not works:
            return
        work = works[n % len(works)]
        with self.as_owner(engine):
            if fails:
                engine.desk.fail(work, WRONG)
            else:
                engine.desk.save(work, "saved")
            self.ends(work.item, "FAILURE" if fails else "SUCCESS")

    @rule(engine=engines)
    def see_the_cancellation(self, engine):
        wish = AITaskLog.unscoped.filter(pk=engine.run.pk, cancel_requested_at=None)
        if wish.exists():
            return
        engine.run.cancel_requested_at = timezone.now()
        for work in list(engine.desk.works.values()):
            with self.as_owner(engine):
                engine.desk.fail(work, WRONG, ItemState.CANCELLED)
                self.ends(work.item, "CANCELLED")

    @rule(engine=engines)
    def finish(self, engine):
        if not engine.desk.works:
            with self.as_owner(engine):
                engine._log_to_database()

    # --- what always holds

    @invariant()
    def the_books_agree(self):
        assert books.reconcile() == []
        for n, account in enumerate(self.accounts):
            open_items = AITaskItem.unscoped.filter(account=account, state__in=LIVE).count()
            balance = ledger.balance(account)
            assert balance.reserved == PRICE * open_items
            assert balance.credits == CREDITS - self.spent[n] - balance.reserved

    @invariant()
    def the_items_are_what_the_model_says(self):
        found = dict(AITaskItem.unscoped.values_list("pk", "state"))
        assert {pk: "open" if state in LIVE else state for pk, state in found.items()} == (
            self.expected
        )
        live = AITaskItem.unscoped.filter(state__in=LIVE).values_list("function_name", "target_id")
        assert max(Counter(live).values(), default=0) <= 1

    @invariant()
    def each_item_ended_once(self):
        ended = {pk for pk, state in self.expected.items() if state != "open"}
        finals = CreditEntry.unscoped.filter(key__startswith="final:").values_list("key", "kind")
        kinds = {"SUCCESS": "settle", "FAILURE": "release", "CANCELLED": "release"}
        assert sorted(finals) == sorted((f"final:{pk}", kinds[self.expected[pk]]) for pk in ended)
        rows = list(CreditUsageLog.unscoped.values_list("item", "credits_used"))
        charged = {pk: PRICE * (self.expected[pk] == "SUCCESS") for pk in ended}
        assert sorted(rows) == sorted(charged.items())

    @invariant()
    def nothing_goes_back(self):
        for run in AITaskLog.unscoped.all():
            before = self.seen.get(run.pk)
            self.seen[run.pk] = run
            low, high = Phase(run.phase).band
            assert low <= run.percentage <= high
            if before:
                assert run.fence >= before.fence
                assert run.percentage >= before.percentage
                assert Phase(run.phase).order >= Phase(before.phase).order
            self.stays_ended(run)

    def stays_ended(self, run):
        if not run.is_finished:
            return
        told = {name: value for name, value in vars(run).items() if name != "_state"}
        assert self.ended.setdefault(run.pk, told) == told
        assert (run.phase, run.percentage) == ("DONE", 100)
        states = Counter(self.expected[item.pk] for item in items_of(run))
        assert not states["open"]
        assert run.state == ("SUCCESS" if states["SUCCESS"] else "FAILURE")
        assert (run.items_done, run.items_failed) == (states["SUCCESS"], states["FAILURE"])
        assert run.result["cancelled"] == states["CANCELLED"]
        if run.state == "FAILURE":
            wanted = states["CANCELLED"] or run.cancel_requested_at
            assert (run.error["code"] == "cancelled") == bool(wanted)

    # --- the machine's hands

    def as_owner(self, engine):
        """What the fence lets through is the owner's alone; whoever lost the run writes nothing."""
        row = AITaskLog.unscoped.get(pk=engine.run.pk)
        if row.fence == engine.claim.fence and not row.is_finished:
            return transaction.atomic()
        return pytest.raises(LostClaim)

    def ends(self, item, state):
        self.expected[item.pk] = state
        if state == "SUCCESS":
            self.spent[self.accounts.index(item.account)] += PRICE

    def at_work(self, account, ids):
        live = AITaskItem.unscoped.filter(account=account, target_id__in=ids, state__in=LIVE)
        return set(live.values_list("run", flat=True))

    def left_of(self, run):
        """The ids of a run that succeeded neither in it nor in a retry of the same request."""
        family, found = [self.first_of(run)], []
        while family:
            found += family
            family = list(AITaskLog.unscoped.filter(retry_of__in=family))
        done = AITaskItem.unscoped.filter(run__in=found, state="SUCCESS")
        mine = AITaskItem.unscoped.filter(run=run).exclude(state="SUCCESS").exclude(state__in=LIVE)
        return set(mine.values_list("target_id", flat=True)) - set(
            done.values_list("target_id", flat=True)
        )

    def first_of(self, run):
        return self.first_of(run.retry_of) if run.retry_of else run


def test_whatever_happens_a_run_s_life_agrees_with_a_model_of_it(db, toy):
    hold(RunMachine)
