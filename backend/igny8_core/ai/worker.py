"""The worker: claims runs that are due, keeps their leases alive, sweeps up after the dead.

One per process. A hint (`wake`) only makes it look sooner: the rows are the queue. With
Celery, tasks bring hints from other processes, and the same claim decides who works.
"""

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from igny8_core.ai import claims
from igny8_core.ai.claims import Claim
from igny8_core.ai.engine import AIEngine

logger = logging.getLogger(__name__)

_SLOTS = 16
_woken = threading.Event()
_stopping = threading.Event()


def wake() -> None:
    """There may be something to do in this process."""
    _woken.set()


def work_on(run_id: UUID) -> bool:
    """Work on one run here and now, if nobody else does; whether it was ours."""
    held = claims.claim(run_id)
    if held is None:
        return False
    _work(held)
    return True


def _work(held: Claim) -> None:
    try:
        AIEngine(held, should_stop=_stopping.is_set).execute()
    finally:
        claims.let_go(held)


class Worker:
    """The threads of one worker process: one that claims, one that beats, one per run."""

    def __init__(self, slots: int | None = None) -> None:
        self._slots = threading.BoundedSemaphore(slots or _SLOTS)
        self._size = slots or _SLOTS
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to look for work."""
        _stopping.clear()
        for target in (self._claim_loop, self._heartbeat_loop):
            self._start_thread(target.__name__, target)

    def stop(self, timeout: float = 25.0) -> None:
        """Take nothing new, let runs put down what they hold, and wait for it."""
        _stopping.set()
        _woken.set()
        deadline = time.monotonic() + timeout
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start_thread(self, name: str, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(
            target=self._guarded, args=(target, *args), name=name, daemon=True
        )
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _guarded(self, target: Callable[..., None], *args: object) -> None:
        try:
            target(*args)
        except Exception:
            logger.exception("the worker's %s ended", threading.current_thread().name)
        finally:
            connection.close()

    def _claim_loop(self) -> None:
        while not _stopping.is_set():
            _woken.clear()
            try:
                claims.take_from_the_dead()
                while self._claim_one():
                    pass
            except DatabaseError:
                logger.warning("the database does not answer; trying again")
                connection.close()
            _woken.wait(settings.IGNY8_SWEEP_SECONDS)

    def _claim_one(self) -> bool:
        """Start the next due run in a slot of its own; whether there may be another."""
        if _stopping.is_set() or not self._slots.acquire(blocking=False):
            return False
        held = None
        try:
            held = next(filter(None, map(claims.claim, claims.due())), None)
        finally:
            if held is None:
                self._slots.release()
        if held is not None:
            self._start_thread(f"run-{held.run_id}", self._run, held)
        return held is not None

    def _run(self, held: Claim) -> None:
        try:
            _work(held)
        finally:
            self._slots.release()
            wake()

    def _heartbeat_loop(self) -> None:
        while not _stopping.wait(settings.IGNY8_HEARTBEAT_SECONDS):
            try:
                claims.heartbeat()
            except DatabaseError:
                logger.warning("the database does not take the heartbeat; trying again")
                connection.close()
