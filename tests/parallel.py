"""Many requests at once, each in a thread and on a database connection of its own."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections


def in_threads(number: int, call: Callable[[int], Any]) -> list[Any]:
    """What each of so many calls, begun at the same moment, gave or raised."""
    together = threading.Barrier(number, timeout=60)

    def one(n):
        together.wait()
        return _outcome(call, n)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def side_by_side(number: int, call: Callable[[Any], Any], given: Iterable[Any]) -> list[Any]:
    """What the call gave or raised for each of these, so many at a time."""
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(lambda one: _outcome(call, one), given))


def _outcome(call, given):
    try:
        return call(given)
    except Exception as error:  # noqa: BLE001 - it is the answer
        return error
    finally:
        connections.close_all()
