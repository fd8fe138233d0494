"""The plugs that are pulled, each as a short program over a `Trial`."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from igny8_core.ai.faults import POINTS
from tests.chaos.hooks import POISON
from tests.chaos.plant import Scenario, Trial

#: One call at a time, one run at a time: what a kill may cost can be counted exactly.
ONE_BY_ONE = {"IGNY8_MAX_CONCURRENCY": 1}
#: Points at which nothing can be in flight; later, the next call may be, while one is read.
BEFORE_A_CALL = ("init", "prep", "intent")
#: Points that a worker passes once in a claim, the others once in a call.
ONCE_A_CLAIM = ("init", "prep")


def kills_at_random(trial: Trial) -> None:
    """SIGKILL of worker process groups at any moment, new workers at once."""
    pick = trial.plant.random
    calls_at_once = 4
    trial.plant.sandbox.behave("delay=0.1")
    trial.order(accounts=4, batch=10)
    workers: list[Any] = []
    while not (trial.is_done and trial.figures.kills >= trial.kills):
        workers = [one for one in workers if one.is_alive]
        while len(workers) < 2:
            settings = {"IGNY8_MAX_CONCURRENCY": calls_at_once}
            workers.append(trial.plant.worker(slots=2, settings=settings))
        if trial.figures.kills >= trial.kills:
            trial.finish()
            break
        # Some progress between two kills: a run that dies five times without any is given up.
        trial.wait_for_progress(pick.randint(1, 4))
        time.sleep(pick.uniform(0.0, 0.1))
        trial.kill(pick.choice(workers))
        if trial.is_done and trial.figures.kills < trial.kills:
            trial.order(accounts=4, batch=10)
    # A run that died five times with nothing finished in between is given up: then press Retry.
    if given_up := sum(customer.retry_failed() for customer in trial.customers):
        trial.figures.notes["retried"] = given_up
        trial.plant.worker()
        trial.finish()
    bound = calls_at_once * trial.figures.kills
    trial.expect_of = lambda books: _at_most("billed beyond the saved", books.extra, bound)


def kills_at(point: str) -> Scenario:
    """SIGKILL at a fault point; in between a plain worker saves something and stops."""

    def scenario(trial: Trial) -> None:
        trial.order(accounts=1, batch=10)
        while trial.figures.kills < trial.kills:
            _one_kill_at(point, trial)
            if trial.is_done:
                trial.order(accounts=1, batch=10)
        plain = trial.plant.worker(slots=1, settings=ONE_BY_ONE)
        trial.finish()
        trial.stop(plain)
        bound = 0 if point in BEFORE_A_CALL else trial.figures.kills
        trial.expect_of = lambda books: _at_most("billed beyond the saved", books.extra, bound)

    return scenario


def _one_kill_at(point: str, trial: Trial) -> None:
    share = 1.0 if point in ONCE_A_CLAIM else 0.5
    doomed = trial.plant.worker(slots=1, fault=f"{point}:{share}", settings=ONE_BY_ONE)
    for _ in trial.going(0.02):
        if not doomed.is_alive:
            break
    if doomed.is_alive:
        return doomed.kill()
    trial.figures.kills += 1
    plain = trial.plant.worker(slots=1, settings=ONE_BY_ONE)
    trial.wait_for_progress(1)
    trial.stop(plain)


def zombie(trial: Trial) -> None:
    """SIGSTOP for longer than the lease, another worker takes over, SIGCONT: nothing is written."""
    short = {"IGNY8_LEASE_SECONDS": 1.5, "IGNY8_MAX_CONCURRENCY": 4}
    trial.order(accounts=2, batch=10)
    for _ in range(trial.kills):
        trial.plant.sandbox.behave("delay=0.3")
        sleeper = trial.plant.worker(slots=2, settings=short)
        trial.wait_for_progress(1)
        trial.wait_for_calls(1)
        _stop_outside_a_transaction(sleeper, trial)
        second = trial.plant.worker(slots=2, settings=short)
        trial.wait_for_progress(3)
        sleeper.send(signal.SIGCONT)
        trial.figures.stops += 1
        trial.wait_for_progress(2)
        trial.kill(second)
        trial.wait_for_progress(2)
        trial.kill(sleeper)
    last = trial.plant.worker(slots=2, settings=short)
    trial.finish()
    trial.stop(last)


def _stop_outside_a_transaction(sleeper: Any, trial: Trial) -> None:
    """Whoever is stopped within one, even to read, keeps SQLite from every commit of others.

    PostgreSQL ends the session of a sleeper; there, any moment will do.
    """
    file = trial.plant.folder / "igny8.sqlite3"
    while True:
        sleeper.freeze()
        if trial.plant.database != "sqlite":
            return
        with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
                return
            except sqlite3.OperationalError:
                sleeper.send(signal.SIGCONT)


def graceful_stop(trial: Trial) -> None:
    """SIGTERM in a batch: what is in flight is kept, nothing is paid twice, the next goes on."""
    trial.order(accounts=2, batch=25)
    trial.plant.sandbox.behave("delay=0.3")
    longest = 0.0
    for _ in range(trial.kills):
        worker = trial.plant.worker(slots=2, settings={"IGNY8_MAX_CONCURRENCY": 8})
        trial.wait_for_calls(1)
        longest = max(longest, trial.stop(worker))
    worker = trial.plant.worker(slots=2)
    trial.finish()
    trial.stop(worker)
    trial.figures.notes["longest_stop_seconds"] = round(longest, 2)
    trial.expect_of = lambda books: _at_most("billed beyond the saved", books.extra, 0)


def postgres_restarts(trial: Trial) -> None:
    """PostgreSQL is stopped at once and started again while workers and the API go on."""
    assert trial.plant.postgres
    pick = trial.plant.random
    trial.order(accounts=4, batch=10)
    trial.plant.worker(slots=4)
    trial.plant.worker(slots=4)
    for _ in trial.going(0.0):
        if trial.figures.restarts >= trial.kills:
            time.sleep(0.05)
            continue
        time.sleep(pick.uniform(0.3, 1.5))
        trial.plant.postgres.stop_at_once()
        ask_while_it_is_down(trial)
        time.sleep(pick.uniform(0.0, 1.0))
        trial.plant.postgres.start()
        trial.figures.restarts += 1
        forget_connections()
    trial.expect_of = lambda books: _at_most("billed beyond the saved", books.extra, 0)


def disk_full(trial: Trial) -> None:
    """SQLite has no room for some seconds, again and again; then there is room again."""
    switch = trial.plant.folder / "full"
    trial.order(accounts=2, batch=10)
    trial.plant.worker(slots=2, CHAOS_FULL=str(switch))
    trial.plant.worker(slots=2, CHAOS_FULL=str(switch))
    for _ in trial.going():
        if trial.figures.restarts < trial.kills:
            trial.wait_for_progress(1)
            with present(switch):
                time.sleep(trial.plant.random.uniform(0.5, 2.0))
            trial.figures.restarts += 1
    trial.expect_of = lambda books: _at_most("billed beyond the saved", books.extra, 0)


def poison(trial: Trial) -> None:
    """One item kills its worker each time it is read: it fails after three, the others succeed."""
    (customer,) = trial.customers = trial.plant.customers(1)
    good = customer.tasks(trial.figures.items - 1)
    bad = customer.tasks(1, title=POISON)
    run = customer.order(good[: len(good) // 2] + bad + good[len(good) // 2 :])
    for _ in trial.going():
        if not trial.plant.template.alive:
            trial.plant.worker(slots=1, settings=ONE_BY_ONE, CHAOS_POISON="1")
    crashed = [one for one in trial.workers if one.status == -signal.SIGKILL]
    failed = [one for one in run.result["items"] if one["state"] == "FAILURE"]
    trial.figures.kills = len(crashed)
    trial.figures.notes["failed"] = failed
    named = [(one["id"], one["error"]["code"]) for one in failed]
    if named != [(bad[0], "worker_crashed")]:
        trial.figures.wrong.append(f"not the poisonous item alone: {named}")
    trial.expect_of = lambda books: [
        *_at_most("kills by the poison", trial.figures.kills, 3),
        *_at_most("billed beyond the saved", books.extra, trial.figures.kills),
    ]


def ask_while_it_is_down(trial: Trial) -> None:
    """The API says so: 503 with Retry-After, never 500."""
    forget_connections()
    for customer in trial.customers[:1]:
        answer = customer.api.get("billing/balance/")
        if answer.status_code != 503 or "Retry-After" not in answer.headers:
            trial.figures.wrong.append(f"without its database the API says {answer.status_code}")
    forget_connections()


def forget_connections() -> None:
    from django.db import connection

    connection.close()


@contextmanager
def present(switch: Any) -> Iterator[None]:
    switch.touch()
    try:
        yield
    finally:
        os.unlink(switch)


def _at_most(what: str, found: int, bound: int) -> list[str]:
    return [f"{what}: {found}, at most {bound}"] if found > bound else []


SCENARIOS: dict[str, Scenario] = {
    "random": kills_at_random,
    **{f"at_{point}": kills_at(point) for point in POINTS},
    "zombie": zombie,
    "graceful_stop": graceful_stop,
    "postgres_restarts": postgres_restarts,
    "disk_full": disk_full,
    "poison": poison,
}
