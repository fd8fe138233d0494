"""A worker that freezes within a transaction: PostgreSQL frees its rows, nobody waits for them."""

import time
from contextlib import closing, contextmanager

import pytest
from django.db import connection

from igny8_core.ai import claims, progress
from igny8_core.ai.models import AITaskLog
from tests.ai.runs import begun, some_tasks, states_of, worked
from tests.world import a_run, an_owner

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite locks a file, and no one ends a session"
    ),
]


@contextmanager
def another_session():
    """A second connection to the same database."""
    other = connection.copy()
    with closing(other):
        yield other


def test_a_run_whose_row_is_locked_holds_up_no_other_claim():
    frozen, free = (a_run(an_owner().account) for _ in range(2))
    with another_session() as other, other.cursor() as cursor:
        other.set_autocommit(False)
        cursor.execute("UPDATE ai_aitasklog SET fence = 7 WHERE id = %s", [frozen.pk])
        assert claims.claim(frozen.pk) is None
        assert claims.claim(free.pk)
        other.rollback()
    assert claims.claim(frozen.pk)


def test_a_session_may_sleep_in_a_transaction_for_as_long_as_a_lease(settings):
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == (f"{settings.IGNY8_LEASE_SECONDS:.0f}s",)


def test_a_transaction_that_slept_too_long_is_made_again(account, toy, sandbox, monkeypatch):
    monkeypatch.setattr(progress.time, "sleep", lambda seconds: None)
    slept = []

    def sleep_once(task, tracker):
        if slept:
            return
        slept.append(task.pk)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (session,) = cursor.fetchone()
            cursor.execute("SET idle_in_transaction_session_timeout = 20")
        wait_until_it_is_gone(session)

    toy.at_save = staticmethod(sleep_once)
    run = worked(begun("toy", some_tasks(account, 2)))
    assert slept
    assert states_of(run) == ["SUCCESS", "SUCCESS"]
    assert len(sandbox.ledger.entries(billed=True)) == 2
    assert AITaskLog.unscoped.get(pk=run.pk).deaths == 0


def wait_until_it_is_gone(session: int) -> None:
    deadline = time.monotonic() + 10
    with another_session() as other, other.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [session])
            if cursor.fetchone() is None:
                return
    raise TimeoutError("PostgreSQL ended no session")
