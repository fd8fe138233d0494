"""Who works on what: slots among accounts, runs among workers, and writes that were cut off."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction

from igny8_core.ai import claims, progress
from igny8_core.ai.engine import AIEngine
from igny8_core.ai.models import AITaskLog, ProviderCall, RunState
from igny8_core.ai.tasks import run_ai_task
from igny8_core.ai.worker import Worker, work_on
from tests.ai.runs import begun, ended, items_of, some_tasks, states_of, worked
from tests.world import a_run, an_owner


@pytest.fixture
def worker(db, monkeypatch):
    """A worker of eight slots whose runs begin and do not end."""
    worker = Worker(slots=8)
    monkeypatch.setattr(worker, "_start_thread", lambda *given: threading.Thread())
    monkeypatch.setattr(claims, "_held", set())
    return worker


def started(worker) -> list[int]:
    """The accounts of the runs that the worker takes now."""
    before = set(worker._running)
    while worker._claim_one():
        pass
    return sorted(one.account_id for one in worker._running - before)


def runs_of(account, number, **values):
    for _ in range(number):
        a_run(account, **values)


def test_an_account_holds_no_more_slots_than_it_leaves_free(worker):
    large, small = an_owner().account, an_owner().account
    runs_of(large, 20)
    assert started(worker) == [large.pk] * 4
    runs_of(small, 1)
    assert started(worker) == [small.pk]


def test_a_worker_with_calls_enough_leaves_a_new_run_to_others(worker, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.IGNY8_MAX_CONCURRENCY = 50
    first, second = an_owner().account, an_owner().account
    runs_of(first, 1, items_total=50)
    assert started(worker) == [first.pk]
    runs_of(second, 1)
    assert started(worker) == []
    AITaskLog.unscoped.update(created_at="2026-01-01T00:00Z")
    assert started(worker) == [second.pk]


def test_a_worker_of_one_account_leaves_the_runs_of_others_alone(worker):
    other, own = an_owner().account, an_owner().account
    worker._account = own
    abandoned = {"state": RunState.PROGRESS, "owner": "elsewhere"}
    waiting = [a_run(other), a_run(other, **abandoned)]
    runs_of(own, 2)
    assert started(worker) == [own.pk] * 2
    for run in waiting:
        before = run.state, run.owner, run.fence
        run.refresh_from_db()
        assert (run.state, run.owner, run.fence) == before


def test_a_claim_that_ends_lets_go_of_no_other_claim_of_its_run(worker):
    run = a_run(an_owner().account)
    lost = claims.claim(run.pk)
    AITaskLog.unscoped.update(lease_until=None)
    taken_again = claims.claim(run.pk)
    claims.let_go(lost)
    assert claims._held == {taken_again}
    assert claims.heartbeat() == 1


def test_what_this_process_has_put_down_is_free_at_once(worker):
    run = a_run(an_owner().account)
    claims.let_go(claims.claim(run.pk))
    assert claims.claim(run.pk) is None
    assert claims.take_from_the_dead() == 1
    assert claims.claim(run.pk).crashed


def test_a_run_put_down_because_the_database_was_away_bears_no_crash(
    account, toy, worker, monkeypatch
):
    def away(self):
        raise OperationalError("the connection was lost")

    run = begun("toy", some_tasks(account, 2))
    with monkeypatch.context() as patched:
        patched.setattr(AIEngine, "_call_and_save", away)
        assert work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(at_risk=run.items.first().pk)
    assert claims.take_from_the_dead() == 1
    assert claims._put_down == set()
    run.refresh_from_db()
    assert (run.owner, run.at_risk) == ("", None)
    assert states_of(worked(run)) == ["SUCCESS"] * 2
    run.refresh_from_db()
    assert (run.deaths, max(item.crashes for item in items_of(run))) == (0, 0)


def test_what_was_put_down_is_free_also_once_its_lease_is_over(worker):
    """The database was away for longer than a lease, and this process has gone on beating."""
    run = a_run(an_owner().account)
    claims.let_go(claims.claim(run.pk))
    AITaskLog.unscoped.update(lease_until="2026-01-01T00:00Z")
    assert claims.claim(run.pk) is None
    assert claims.take_from_the_dead() == 1
    assert claims.claim(run.pk)


@pytest.mark.django_db(transaction=True)
def test_a_commit_whose_end_was_not_heard_is_not_made_twice(account, toy, sandbox, monkeypatch):
    heard = iter([True, False] * 20)
    real = transaction.atomic

    @contextmanager
    def atomic():
        with real():
            yield
        if not next(heard):
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(progress, "transaction", SimpleNamespace(atomic=atomic))
    monkeypatch.setattr(progress.time, "sleep", lambda seconds: None)
    run = ended("toy", some_tasks(account, 2))
    assert len(sandbox.ledger.entries(billed=True)) == 2
    assert states_of(run) == ["SUCCESS", "SUCCESS"]


def test_a_message_without_a_run_that_comes_twice_begins_one(account, toy, sandbox):
    task = some_tasks(account, 1)[0]
    arguments = ("toy", {"ids": [task.pk]}, account.pk)
    first = run_ai_task.apply(arguments, task_id="once").get()
    assert run_ai_task.apply(arguments, task_id="once").get() == first
    assert AITaskLog.unscoped.count() == 1
    assert ProviderCall.unscoped.count() == 1
