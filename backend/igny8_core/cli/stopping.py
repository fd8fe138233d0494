"""SIGINT and SIGTERM as one wish to stop, made once, and heard within a hard limit."""

import atexit
import os
import signal
from collections.abc import Callable
from types import FrameType

#: Seconds from the first signal until the process ends, whatever still holds it up.
HARD_LIMIT = 28
#: Seconds of these for a worker to put down what it holds.
GRACE = 20


def stop_on_signals(first: Callable[[], None] = lambda: None) -> None:
    """The first signal calls `first` and raises KeyboardInterrupt in the main thread.

    More of them change nothing. What the limit cuts off is safe: a run whose process is gone is
    taken up by the next one.
    """
    wanted = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal wanted
        if not wanted:
            wanted = True
            signal.alarm(HARD_LIMIT)
            # Python gives up its handlers as it ends: another signal would then seem to kill it.
            atexit.register(_ignore_signals)
            first()
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, lambda number, frame: os._exit(0))


def _ignore_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
