"""The worker: claims runs that are due, keeps their leases alive, sweeps up after the dead.

One per process. A hint (`wake`) only makes it look sooner: the rows are the queue. With
Celery, tasks bring hints from other processes, and the same claim decides who works.
"""

import gc
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from igny8_core.ai import claims
from igny8_core.ai.claims import Claim
from igny8_core.ai.engine import AIEngine
from igny8_core.core.models import Account

logger = logging.getLogger(__name__)

SLOTS = 32
#: New objects between two collections of the young, and of these between two of the older ones.
_GARBAGE = (50_000, 20, 20)
_BETWEEN_CHORES = 3600.0
_woken = threading.Event()
_stopping = threading.Event()
_at_work = threading.Event()


def wake() -> None:
    """There may be something to do in this process."""
    _woken.set()


def take_hint(run_id: UUID) -> None:
    """A run waits: the worker of this process looks for it in its order, else it is done here."""
    if _at_work.is_set():
        wake()
    else:
        work_on(run_id)


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


def _leave_imports_alone() -> None:
    """Have the garbage collector pass over what was imported: it stays for as long as the process.

    Some 400,000 objects, through which it would go again and again while a batch is saved.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _politeness(running: list[Claim]) -> float:
    """Seconds for which a worker with calls enough leaves a new run to one that has fewer."""
    calls = sum(max(1, one.items) for one in running)
    is_alone = not settings.CELERY_BROKER_URL
    if is_alone or calls < settings.IGNY8_MAX_CONCURRENCY:
        return 0.0
    # A sweep of everybody else's, and a little for those who are late.
    return float(1.25 * settings.IGNY8_SWEEP_SECONDS)


def _hurried() -> float:
    """Seconds until a heartbeat that the database did not take is tried again."""
    return float(min(1.0, settings.IGNY8_HEARTBEAT_SECONDS))


def _until_renewed() -> float:
    """Seconds that owners get to renew leases that ended while the database was away.

    They hold answers that are paid for; whoever came before them would have these bought again.
    """
    return 3 * _hurried()


class Worker:
    """The threads of one worker process: one that claims, one that beats, one per run.

    An account may hold as many slots as it leaves free: there is always room for a smaller one.
    A worker of one `account` leaves the runs of all others alone: its environment, and with it
    its providers and keys, may not be theirs.
    """

    def __init__(
        self,
        slots: int = SLOTS,
        *,
        account: Account | None = None,
        chore: Callable[[], None] = lambda: None,
    ) -> None:
        self._slots = slots
        self._account = account
        self._chore = chore
        self._running: set[Claim] = set()
        self._quiet = threading.Event()
        self._claiming: threading.Thread | None = None
        self._runs: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to look for work."""
        _leave_imports_alone()
        _stopping.clear()
        _at_work.set()
        self._quiet.clear()
        self._claiming = self._start_thread("claims", self._claim_loop)
        self._start_thread("heartbeat", self._heartbeat_loop)
        self._start_thread("chores", self._chore_loop)

    def stop(self, timeout: float = 25.0) -> None:
        """Take nothing new, let runs put down what they hold, and wait for it."""
        _stopping.set()
        _at_work.clear()
        _woken.set()
        deadline = time.monotonic() + timeout
        if self._claiming:
            self._claiming.join(timeout)
        for thread in list(self._runs):
            thread.join(max(0.0, deadline - time.monotonic()))
        # The heart beats for as long as there is something to put down.
        if not self._running:
            self._quiet.set()

    def _start_thread(
        self, name: str, target: Callable[..., None], *args: object
    ) -> threading.Thread:
        thread = threading.Thread(
            target=self._guarded, args=(target, *args), name=name, daemon=True
        )
        thread.start()
        return thread

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
                _stopping.wait(_until_renewed())
            except Exception:
                # Memory, descriptors or threads are short: they may be there at the next look.
                logger.exception("the worker cannot take work; trying again")
                connection.close()
            _woken.wait(settings.IGNY8_SWEEP_SECONDS)

    def _claim_one(self) -> bool:
        """Start the next due run in a slot of its own; whether there may be another."""
        running = list(self._running)
        free = self._slots - len(running)
        if _stopping.is_set() or free < 1:
            return False
        counts = Counter(one.account_id for one in running)
        large = [account for account, slots in counts.items() if slots >= free]
        due = claims.due(large, _politeness(running), self._account)
        held = next(filter(None, map(claims.claim, due)), None)
        if held is None:
            return False
        self._running.add(held)
        try:
            thread = self._start_thread(f"run-{held.run_id}", self._run, held)
        except RuntimeError:
            # No thread to be had: what nobody works on must not be kept alive.
            self._running.discard(held)
            claims.let_go(held)
            claims.give_back(held)
            raise
        self._runs = [one for one in self._runs if one.is_alive()] + [thread]
        return True

    def _run(self, held: Claim) -> None:
        try:
            _work(held)
        finally:
            self._running.discard(held)
            wake()

    def _chore_loop(self) -> None:
        """What the installation wants done now and then, at the start and every hour."""
        while not _stopping.is_set():
            try:
                self._chore()
            except DatabaseError:
                logger.warning("the database does not answer; the chore waits for its next turn")
            connection.close()
            _stopping.wait(_BETWEEN_CHORES)

    def _heartbeat_loop(self) -> None:
        pause = settings.IGNY8_HEARTBEAT_SECONDS
        while not self._quiet.wait(pause):
            try:
                claims.heartbeat()
                pause = settings.IGNY8_HEARTBEAT_SECONDS
            except DatabaseError:
                logger.warning("the database does not take the heartbeat; trying again")
                connection.close()
                pause = _hurried()
