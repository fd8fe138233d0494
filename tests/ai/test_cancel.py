"""Cancelling at every moment of a run, and what an account loses meanwhile."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from igny8_core.ai import books, engine, fanout
from igny8_core.ai.claims import claim, let_go
from igny8_core.ai.faults import POINTS
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.progress import progress_payload
from igny8_core.ai.tasks import cancel, enqueue
from igny8_core.billing import ledger
from igny8_core.core.models import Membership
from igny8_core.planner.clustering import child
from tests.ai.runs import (
    at_fault_points,
    begun,
    cancelled_as_calls_come_back,
    database_url,
    ids_of,
    items_of,
    some_keywords,
    some_tasks,
    states_of,
    worked,
)

PRICE = 3


def paid_for(run) -> int:
    """How many items were charged, once it is proven that the books agree."""
    assert books.reconcile() == []
    states = Counter(states_of(run))
    assert ledger.balance(run.account) == ledger.Balance(1000 - PRICE * states["SUCCESS"], 0)
    return states["SUCCESS"]


@pytest.mark.parametrize("point", POINTS)
def test_at_every_moment_what_was_called_is_saved_and_the_rest_given_back(
    point, account, toy, sandbox, monkeypatch
):
    pool = fanout.Pool(2)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    monkeypatch.setattr(engine, "_LOOK_UP", 0.0)
    run = begun("toy", some_tasks(account, 6))

    def cancelled_there(name):
        if name == point:
            cancel(AITaskLog.unscoped.get(pk=run.pk))

    at_fault_points(monkeypatch, cancelled_there)
    worked(run)
    called = paid_answers(sandbox)
    assert Counter(states_of(run)) == Counter(SUCCESS=called, CANCELLED=6 - called)
    assert paid_for(run) == called < 6
    shown = progress_payload(run)["meta"]
    assert (shown["phase"], shown["percentage"]) == ("DONE", 100)
    assert (shown["result"]["succeeded"], shown["result"]["cancelled"]) == (called, 6 - called)
    assert run.state == ("SUCCESS" if called else "FAILURE")
    assert (run.error or {}).get("code") == (None if called else "cancelled")
    steps = [*shown["request_steps"], *shown["response_steps"]]
    assert "running" not in {step["status"] for step in steps}


def test_a_call_that_fails_after_the_cancel_and_would_be_tried_again_is_cancelled(
    account, toy, sandbox, monkeypatch
):
    sandbox.script.add("503")
    run = begun("toy", some_tasks(account, 2))
    cancelled_as_calls_come_back(run, monkeypatch)
    worked(run)
    assert states_of(run) == ["CANCELLED"] * 2
    assert run.error["code"] == "cancelled"
    assert len(sandbox.ledger.entries()) == 2


def test_a_cancel_that_comes_as_the_last_item_fails_is_told(account, toy, sandbox, monkeypatch):
    """The engine does not look again before the run has ended."""
    sandbox.script.add("refusal")
    monkeypatch.setattr(engine, "_LOOK_UP", 60.0)
    run = begun("toy", some_tasks(account, 1))

    def cancelled_there(name):
        if name == "stored":
            cancel(AITaskLog.unscoped.get(pk=run.pk))

    at_fault_points(monkeypatch, cancelled_there)
    worked(run)
    assert states_of(run) == ["FAILURE"]
    assert run.error["code"] == "cancelled"


def test_of_a_run_that_was_put_down_the_paid_answers_are_saved_and_the_rest_cancelled(
    account, toy, sandbox, monkeypatch
):
    put_down_with_one_answer(run := begun("toy", some_tasks(account, 4)), monkeypatch)
    assert paid_answers(sandbox) == 1
    run = cancel(AITaskLog.unscoped.get(pk=run.pk))
    assert run.state == "PROGRESS"
    worked(run)
    assert Counter(states_of(run)) == Counter(SUCCESS=1, CANCELLED=3)
    assert paid_for(run) == paid_answers(sandbox) == 1


def put_down_with_one_answer(run, monkeypatch):
    """The worker's process is asked to stop as the first answer has been stored."""
    pool, passed = fanout.Pool(1), []
    with monkeypatch.context() as patch:
        patch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
        at_fault_points(patch, passed.append)
        patch.setattr(engine.AIEngine, "_read_and_save", lambda *given: None)
        held = claim(run.pk)
        engine.AIEngine(held, should_stop=lambda: "stored" in passed).execute()
        let_go(held)


def paid_answers(sandbox) -> int:
    return len(sandbox.ledger.entries(billed=True))


def test_who_cancels_sees_the_phase_of_the_least_advanced_item(account, toy, monkeypatch):
    run = begun("toy", some_tasks(account, 3))
    seen = []
    fail = engine.items.fail

    def look(*given):
        fail(*given)
        seen.append(AITaskLog.unscoped.get(pk=run.pk).phase)

    monkeypatch.setattr(engine.items, "fail", look)
    cancel(run)
    assert seen == ["INIT", "INIT", "DONE"]


# --- what an account loses while its run goes on ------------------------------------------------


def test_credits_taken_back_meanwhile_are_those_that_nothing_has_reserved(account, toy, sandbox):
    run = begun("toy", some_tasks(account, 4))
    sandbox.script.add("refusal first=1")

    def take_all(text):
        if free := ledger.balance(account).credits:
            ledger.grant(account, -free, key=f"admin:{free}")

    toy.at_parse = staticmethod(take_all)
    worked(run)
    assert Counter(states_of(run)) == Counter(SUCCESS=3, FAILURE=1)
    assert books.reconcile() == []
    assert ledger.balance(account).reserved == 0 <= ledger.balance(account).credits <= PRICE


def test_a_run_goes_on_when_whoever_began_it_has_left_the_account(account, world, toy, sandbox):
    made = some_tasks(account, 2)
    membership = Membership.objects.for_account(account).filter(user=world.bob.user)
    run = enqueue("toy", {"ids": ids_of(made)}, account=account, user=world.bob.user)
    toy.at_parse = staticmethod(lambda text: membership.delete())
    worked(run)
    assert (run.state, paid_for(run)) == ("SUCCESS", 2)


# --- the web process dies -----------------------------------------------------------------------

DYING = """
import os, django
django.setup()
from django.db import transaction
from igny8_core.ai import tasks
from igny8_core.core.models import Account
tasks.send_hint = lambda run: os._exit(0)  # after the commit, before the answer
account = Account.objects.get(pk={account})
with transaction.atomic(durable=True):
    tasks.enqueue("generate_content", {payload}, account=account, idempotency_key="k",
                  request_digest="d")
    if {before_commit}:
        os._exit(0)
os._exit(1)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before_commit", [True, False])
def test_a_request_whose_process_died_is_sent_again_and_begins_one_run(before_commit, account):
    payload = {"ids": ids_of(some_tasks(account, 2))}
    code = DYING.format(account=account.pk, payload=payload, before_commit=before_commit)
    env = {**os.environ, "DATABASE_URL": database_url(), "IGNY8_DATA_DIR": str(settings.DATA_DIR)}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    connection.close()
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)
    assert AITaskLog.unscoped.count() == (0 if before_commit else 1)
    given = {"account": account, "idempotency_key": "k", "request_digest": "d"}
    runs = {enqueue("generate_content", payload, **given).pk for _ in range(2)}
    assert len(runs) == AITaskLog.unscoped.count() == 1
    assert len(items_of(AITaskLog.unscoped.get())) == 2
    assert books.reconcile() == []
    assert ledger.balance(account) == ledger.Balance(980, 20)


def test_a_run_is_cancelled_while_the_clusterer_works(account, sandbox, monkeypatch, settings):
    settings.IGNY8_EMBEDDING_MODEL = "none"
    monkeypatch.setattr(child, "FEW", 0)
    monkeypatch.setattr(child, "_MODULE", "tests.planner.clustering.deaf")
    monkeypatch.setattr(child, "_PULSE", 0.01)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    run = begun("auto_cluster", some_keywords(account, "red shoes"), mode="offline")
    with cancelled_at_the_first_pulse(run, monkeypatch):
        worked(run)

    assert (run.state, run.error["code"], items_of(run)) == ("FAILURE", "cancelled", [])
    assert books.reconcile() == []


def test_a_process_that_stops_leaves_its_clustering_to_the_next(account, monkeypatch, settings):
    settings.IGNY8_EMBEDDING_MODEL = "none"
    run = begun("auto_cluster", some_keywords(account, "red shoes"), mode="offline")
    held = claim(run.pk)
    with monkeypatch.context() as patched:
        patched.setattr(child, "FEW", 0)
        patched.setattr(child, "_MODULE", "tests.planner.clustering.deaf")
        patched.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        engine.AIEngine(held, should_stop=lambda: True).execute()
    let_go(held)

    assert worked(run).state == "SUCCESS"


@contextmanager
def cancelled_at_the_first_pulse(run, monkeypatch):
    pulse = engine.AIEngine._pulse

    def cancelled_before(self):
        cancel(AITaskLog.unscoped.get(pk=run.pk))
        pulse(self)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "_LOOK_UP", 0.0)
        patched.setattr(engine.AIEngine, "_pulse", cancelled_before)
        yield
