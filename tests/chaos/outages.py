"""What the workers and the API lean on goes away for a while, and comes back."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.chaos.brokers import Wire
from tests.chaos.hooks import fill_up_while
from tests.chaos.plant import Scenario, Trial
from tests.chaos.scenarios import ask_while_it_is_down, forget_connections, present
from tests.chaos.services import wait_for

CALLS_AT_ONCE = 8
#: Seconds of a provider's outage, between its probes, and until all is done after it.
OUTAGE, PROBES, CATCH_UP = 60, 15, 60


def postgres_outages(trial: Trial) -> None:
    """PostgreSQL is restarted every 5 to 40 s under batches of 50, about 2.7 times a minute."""
    assert trial.plant.postgres
    pick = trial.plant.random
    trial.plant.sandbox.behave("delay=1")
    for _ in range(2):
        trial.plant.worker(slots=4, settings={"IGNY8_MAX_CONCURRENCY": CALLS_AT_ONCE})
    asked = trial.figures.notes["asked_while_down"] = {"503": 0}
    while trial.figures.restarts < trial.kills:
        if trial.is_done:
            trial.order(accounts=4, batch=50)
        _look_for(trial, pick.uniform(5, 40))
        trial.plant.postgres.stop_at_once()
        for _ in range(5):
            ask_while_it_is_down(trial)
            asked["503"] += 1
        time.sleep(pick.uniform(0, 2))
        trial.plant.postgres.start()
        trial.figures.restarts += 1
        forget_connections()
    trial.finish()
    trial.expect_of = _nothing_paid_twice


def postgres_down_at_answer(trial: Trial) -> None:
    """PostgreSQL is down when paid answers come back, for longer than a lease."""
    assert trial.plant.postgres
    trial.order(accounts=2, batch=25)
    trial.plant.worker(slots=4, settings={"IGNY8_MAX_CONCURRENCY": CALLS_AT_ONCE})
    for _ in range(trial.kills):
        trial.plant.sandbox.behave("delay=2")
        trial.wait_for_calls(CALLS_AT_ONCE)
        trial.plant.postgres.stop_at_once()
        wait_for(lambda: not trial.plant.sandbox.log(limit="0")["in_flight"], 20, "the answers")
        trial.plant.sandbox.behave("delay=0.05")
        time.sleep(trial.plant.random.uniform(5, 8))
        trial.plant.postgres.start()
        trial.figures.restarts += 1
        forget_connections()
        trial.wait_for_progress(CALLS_AT_ONCE)
    trial.finish()
    trial.expect_of = _nothing_paid_twice


def connections_cut(trial: Trial) -> None:
    """An administrator ends every connection to PostgreSQL, again and again."""
    trial.plant.sandbox.behave("delay=0.2")
    trial.order(accounts=4, batch=25)
    for _ in range(2):
        trial.plant.worker(slots=4)
    for _ in trial.going(0.3):
        if trial.figures.restarts < trial.kills:
            _sql(
                trial,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                "current_database() AND pid <> pg_backend_pid()",
            )
            forget_connections()
            trial.figures.restarts += 1
    trial.expect_of = _nothing_paid_twice


def rows_locked(trial: Trial) -> None:
    """Somebody holds a lock on all runs for 20 s."""
    trial.plant.sandbox.behave("delay=0.2")
    trial.order(accounts=2, batch=25)
    trial.plant.worker(slots=4)
    trial.wait_for_progress(5)
    _sql(trial, "LOCK TABLE ai_aitasklog IN ACCESS EXCLUSIVE MODE", "SELECT pg_sleep(20)")
    trial.finish()
    trial.expect_of = _nothing_paid_twice


def sqlite_locked(trial: Trial) -> None:
    """Another process holds SQLite's file for 15 s."""
    trial.plant.sandbox.behave("delay=0.2")
    trial.order(accounts=2, batch=25)
    trial.plant.worker(slots=4)
    trial.wait_for_progress(5)
    with closing(_file_of(trial)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(15)
        connection.rollback()
    trial.finish()
    trial.expect_of = _nothing_paid_twice


def disk_full_long(trial: Trial) -> None:
    """SQLite has no room for 5 s, again and again; then work goes on, and the file is whole."""
    switch = trial.plant.folder / "full"
    trial.plant.sandbox.behave("delay=0.2")
    for _ in range(2):
        trial.plant.worker(slots=4, CHAOS_FULL=str(switch))
    forget_connections()
    fill_up_while(switch)
    waits = []
    for _ in range(trial.kills):
        trial.order(accounts=2, batch=50)
        trial.wait_for_progress(3)
        more = trial.customers[-1].tasks(2)
        with present(switch):
            _order_while_full(trial, more)
            time.sleep(5)
            trial.look()
        began = time.monotonic()
        trial.wait_for_progress(1)
        waits.append(round(time.monotonic() - began, 2))
        trial.figures.restarts += 1
    trial.finish()
    with closing(_file_of(trial)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    trial.figures.notes |= {"resumed_after_seconds": max(waits), "integrity_check": found}
    if max(waits) > 10 or found != "ok":
        trial.figures.wrong.append(f"resumed after {waits} s, integrity {found}")
    trial.expect_of = _nothing_paid_twice


def _order_while_full(trial: Trial, ids: list[int]) -> None:
    """There may be a free page left; else the API says 503 or 507, and nothing has happened."""
    customer = trial.customers[-1]
    answer = customer.post(ids)
    if answer.status_code == 202:
        customer.watch(answer.json()["task_id"], ids)
    elif answer.status_code in {503, 507}:
        trial.figures.notes["refused"] = trial.figures.notes.get("refused", 0) + 1
    else:
        trial.figures.wrong.append(f"on a full disk the API says {answer.status_code}")


def provider_down(rule: str) -> Scenario:
    """The provider answers nothing but errors for a minute."""

    @contextmanager
    def outage(trial: Trial) -> Iterator[None]:
        trial.plant.sandbox.behave(rule)
        yield
        trial.plant.sandbox.behave("delay=0.05")

    return lambda trial: _through_outage(trial, outage, {})


def provider_refuses(trial: Trial) -> None:
    """Nothing listens at the provider's address for a minute."""
    wire = Wire(int(trial.plant.sandbox.url.rpartition(":")[2]))

    @contextmanager
    def outage(trial: Trial) -> Iterator[None]:
        wire.cut()
        yield
        wire.mend()

    try:
        address = f"http://127.0.0.1:{wire.port}"
        # A call that had just connected is never answered: it is given up after its time-out.
        short = {"IGNY8_PROVIDER_TIMEOUT_SECONDS": 20}
        _through_outage(trial, outage, {"IGNY8_SANDBOX_URL": address, **short})
    finally:
        wire.close()


def _through_outage(trial: Trial, outage: Any, settings: dict[str, Any]) -> None:
    """Few calls while it lasts, all done soon after it, nothing failed."""
    trial.plant.sandbox.behave("delay=0.5")
    trial.order(accounts=1, batch=50)
    trial.plant.worker(slots=4, settings={"IGNY8_MAX_CONCURRENCY": CALLS_AT_ONCE, **settings})
    trial.wait_for_progress(5)
    with outage(trial):
        began = time.time()
        _look_for(trial, OUTAGE)
        over = time.time()
    trial.finish()
    took = time.time() - over
    times = [one["time"] for one in trial.plant.sandbox.log()["entries"]]
    calls = sum(began <= one < over for one in times)
    most = CALLS_AT_ONCE + OUTAGE // PROBES
    trial.figures.notes |= {"calls": calls, "most": most, "done_after_seconds": round(took, 1)}
    if calls > most:
        trial.figures.wrong.append(f"{calls} calls during the outage, at most {most}")
    if took > CATCH_UP:
        trial.figures.wrong.append(f"all done {took:.1f} s after the outage, at most {CATCH_UP}")
    trial.expect_of = lambda books: (
        [f"{books.failed} failed: {books.reasons[:3]}"] if books.failed else []
    )


def _look_for(trial: Trial, seconds: float) -> None:
    """Ask for the progress for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        trial.look()
        time.sleep(min(0.2, max(0.0, until - time.monotonic())))


def _file_of(trial: Trial) -> sqlite3.Connection:
    return sqlite3.connect(trial.plant.folder / "igny8.sqlite3", timeout=20, isolation_level=None)


def _sql(trial: Trial, *statements: str) -> None:
    """Some statements in one transaction of an administrator's own."""
    import psycopg

    assert trial.plant.postgres
    with psycopg.connect(trial.plant.postgres.url) as connection:
        for statement in statements:
            connection.execute(statement)


def _nothing_paid_twice(books: Any) -> list[str]:
    return [f"billed beyond the saved: {books.extra}"] if books.extra else []
