"""The only place that starts threads for provider calls: one pool per process, fair to all runs.

A job is one HTTP attempt. It may not touch the ORM (a guard refuses), never raises across the
thread (an error comes back as a value), and waits in the lane of its run: the pool serves the
lanes in turn, so a run of one call is not stuck behind a run of fifty.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connections

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.gate import HeldBack
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import Answer

logger = logging.getLogger(__name__)

Job = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job: an answer, a classified failure, or neither where it never began."""

    key: Any
    answer: Answer | None = None
    failure: CallFailed | None = None

    @property
    def is_complete(self) -> bool:
        """Whether there is an answer with all that belongs to it: its picture too."""
        return self.answer is not None and self.answer.unfetched is None

    @property
    def what_failed(self) -> CallFailed | None:
        """Why it is not complete."""
        return self.answer.unfetched if self.answer else self.failure

    @property
    def was_held(self) -> bool:
        """Whether the gate was shut when it was about to begin: nothing was sent."""
        return self.answer is None and self.failure is None


class Lane:
    """The calls of one run: what waits, what is in flight, what has come back."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self.waiting: deque[tuple[Any, Job]] = deque()
        self.outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self.in_flight = 0

    @property
    def room(self) -> int:
        """How many more calls may be submitted."""
        return self._pool.size - self.in_flight

    def submit(self, key: Any, job: Job) -> None:
        """Have a job run as soon as a thread is free."""
        self.in_flight += 1
        self._pool.serve(self, key, job)

    def drain(self, timeout: float) -> list[Outcome]:
        """Everything that has come back, after waiting for the first of it, or for a nudge."""
        outcomes: list[Outcome] = []
        try:
            found = self.outcomes.get(timeout=timeout) if timeout > 0 else None
            while True:
                if found is not None:
                    outcomes.append(found)
                found = self.outcomes.get_nowait()
        except queue.Empty:
            pass
        self.in_flight -= len(outcomes)
        return outcomes

    def withdraw(self) -> list[Any]:
        """Take back what no thread has begun; the keys of it."""
        keys = self._pool.withdraw(self)
        self.in_flight -= len(keys)
        return keys

    def nudge(self) -> None:
        """Wake whoever waits in `drain`."""
        self.outcomes.put(None)


class Pool:
    """At most `size` calls at once, its threads started as they are needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._lanes: deque[Lane] = deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0
        self._waiting = 0

    def serve(self, lane: Lane, key: Any, job: Job) -> None:
        """Queue a job in its lane, and the lane for its turn."""
        with self._changed:
            lane.waiting.append((key, job))
            if len(lane.waiting) == 1:
                self._lanes.append(lane)
            self._waiting += 1
            # An idle thread that was told of one job is still idle until it wakes.
            if self._waiting > self._idle and self._threads < self.size:
                self._start_thread()
            self._changed.notify()

    def withdraw(self, lane: Lane) -> list[Any]:
        """Empty a lane's queue; the keys of what was in it."""
        with self._changed:
            keys = [key for key, _ in lane.waiting]
            lane.waiting.clear()
            self._waiting -= len(keys)
            return keys

    def _start_thread(self) -> None:
        name = f"provider-{self._threads + 1}"
        try:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        except RuntimeError:
            # The system has none left: those that there are do it all, only later.
            if not self._threads:
                raise
            return
        self._threads += 1

    def _work(self) -> None:
        connections["default"].connect = _refuse_orm  # type: ignore[method-assign]
        while True:
            key, job, lane = self._next()
            lane.outcomes.put(_outcome(key, job))

    def _next(self) -> tuple[Any, Job, Lane]:
        """The first job of the lane whose turn it is; a lane with more goes to the end."""
        with self._changed:
            while True:
                while self._lanes:
                    lane = self._lanes.popleft()
                    if lane.waiting:
                        key, job = lane.waiting.popleft()
                        self._waiting -= 1
                        if lane.waiting:
                            self._lanes.append(lane)
                        return key, job, lane
                self._idle += 1
                self._changed.wait()
                self._idle -= 1


@cache
def shared_pool() -> Pool:
    """The process's pool of IGNY8_MAX_CONCURRENCY calls."""
    return Pool(settings.IGNY8_MAX_CONCURRENCY)


def fan_out(jobs: Iterable[tuple[Any, Job]], pool: Pool | None = None) -> Lane:
    """Start jobs side by side; their lane gives the outcomes."""
    lane = Lane(pool or shared_pool())
    for key, job in jobs:
        lane.submit(key, job)
    return lane


def _outcome(key: Any, job: Job) -> Outcome:
    try:
        return Outcome(key, answer=job())
    except HeldBack:
        return Outcome(key)
    except CallFailed as failure:
        return Outcome(key, failure=failure)
    except Exception:
        logger.exception("a provider call failed unexpectedly")
        return Outcome(key, failure=failed(Kind.UNEXPECTED))


def _refuse_orm(*args: Any) -> Any:
    raise RuntimeError("A provider thread must not use the database.")
