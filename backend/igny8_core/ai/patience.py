"""Waiting only so long for what knows no time-out of its own, such as the look-up of a name."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call gives or raises, from a thread of its own; raises TimeoutError.

    A call that takes longer is left to itself: nothing can stop it, and nobody hears of its end.
    It must not touch the ORM.
    """
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            outcome.set_exception(error)

    Thread(target=work, name="within", daemon=True).start()
    return outcome.result(seconds)
