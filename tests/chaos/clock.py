"""The host's clock jumps under the workers, an hour or a day to and fro (R18).

The workers are forked off a template of their own under libfaketime. PostgreSQL, the stand-in and
the API keep the real time; where the database is SQLite, its time is the workers'.
"""

import glob
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.chaos.plant import Trial
from tests.chaos.workers import Template

HOUR, DAY = 3600, 86400
JUMPS = (HOUR, 0, -HOUR, 0, DAY, 0, -DAY, 0)
#: Seconds for which no run may stand still.
STUCK = 45
#: As shipped, but for the sweep that finds what a jump has freed.
SHIPPED = {"IGNY8_HEARTBEAT_SECONDS": 10, "IGNY8_LEASE_SECONDS": 30, "IGNY8_SWEEP_SECONDS": 2}


def library() -> str:
    """libfaketime's file, empty where it is not installed (`apt-get install faketime`)."""
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")


def clock_jumps(trial: Trial) -> None:
    """Nothing is done twice, nothing waits for a time that will not come for hours."""
    offset = trial.plant.folder / "clock"
    _jump(offset, 0)
    trial.plant.sandbox.behave("delay=2")
    with _workers_with(trial, offset) as start:
        for number in range(trial.kills):
            _keep_busy(trial)
            start(2)
            _wait_for_a_call(trial)
            _jump(offset, JUMPS[number % len(JUMPS)])
            trial.figures.restarts += 1
            _watch(trial, trial.plant.random.uniform(3, 6))
        trial.finish()
    longest = _longest_silence(trial)
    trial.figures.notes["longest_silence_seconds"] = round(longest, 1)
    if longest > STUCK:
        trial.figures.wrong.append(f"no call for {longest:.1f} s")
    trial.expect_of = lambda books: (
        [f"billed beyond the saved: {books.extra}"] if books.extra else []
    )


def clock_jumps_and_kills(trial: Trial) -> None:
    """A worker is killed just before the clock goes back: its runs do not wait for that hour."""
    offset = trial.plant.folder / "clock"
    _jump(offset, 0)
    trial.plant.sandbox.behave("delay=1")
    with _workers_with(trial, offset) as start:
        for number in range(trial.kills):
            _keep_busy(trial)
            (first, *_) = start(2)
            _wait_for_a_call(trial)
            trial.kill(first)
            _jump(offset, JUMPS[(number + 2) % len(JUMPS)])
            trial.figures.restarts += 1
            trial.wait_for_progress(2)
        start(1)
        trial.finish()
    longest = _longest_silence(trial)
    trial.figures.notes["longest_silence_seconds"] = round(longest, 1)
    if longest > STUCK:
        trial.figures.wrong.append(f"no call for {longest:.1f} s")


@contextmanager
def _workers_with(trial: Trial, offset: Path) -> Any:
    """Starts workers by that clock, until there are so many."""
    assert library(), "libfaketime is not installed here: apt-get install faketime"
    template = Template(
        trial.plant.folder / "workers.log",
        LD_PRELOAD=library(),
        FAKETIME_TIMESTAMP_FILE=str(offset),
        FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        FAKETIME_DONT_RESET="1",
    )
    settings = SHIPPED | {"IGNY8_MAX_CONCURRENCY": 4}

    def start(number: int) -> list[Any]:
        while len(template.alive) < number:
            template.start(**trial.plant.worker_environment(slots=4, settings=settings))
        return template.alive

    try:
        yield start
    finally:
        template.close()


def _keep_busy(trial: Trial) -> None:
    trial.look()
    if trial.is_done:
        trial.order(accounts=2, batch=25)


def _wait_for_a_call(trial: Trial) -> None:
    for _ in trial.going():
        if trial.plant.sandbox.log(limit="0")["in_flight"]:
            return


def _jump(offset: Path, seconds: int) -> None:
    """Set the clock so many seconds off, in one step."""
    draft = offset.with_suffix(".new")
    draft.write_text(f"{seconds:+d}\n", encoding="utf-8")
    draft.rename(offset)


def _watch(trial: Trial, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        trial.look()
        time.sleep(0.2)


def _longest_silence(trial: Trial) -> float:
    """The longest time without a call, from the first to the last."""
    times = [one["time"] for one in trial.plant.sandbox.log()["entries"]]
    return max((b - a for a, b in zip(times, times[1:], strict=False)), default=0.0)
