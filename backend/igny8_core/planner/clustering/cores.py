"""Work side by side on the cores of this machine.

A matrix library that spreads one small product over two cores loses more than it gains as soon
as anyone else wants a core. So it is kept to one thread (by `child`, for it can only be said
before it is loaded), and whole batches are done side by side: numpy lets go of the interpreter
while it calculates.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: What keeps numpy's library to one thread, whichever it was built with.
ONE_EACH = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}


def side_by_side(work: Callable[[T], R], pieces: Iterable[T]) -> list[R]:
    """What the work gives for each piece, in their order."""
    if any(os.environ.get(name) != value for name, value in ONE_EACH.items()):
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(_cores()) as pool:
        return list(pool.map(work, pieces))


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
