"""The child process that `child` starts: one request, one answer, the end."""

import os
import pickle
import signal
import sys
import threading

from igny8_core.planner.clustering.child import Request
from igny8_core.planner.clustering.clusterer import cluster

#: Less of the processor than the app that waits for it, when both want it.
_NICE = 5
#: Seconds after which it is no use to anyone.
_LONGEST = 1_800


def main() -> None:
    """Read a request, answer it."""
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints is no part of the answer.
    os.dup2(2, 1)
    os.nice(_NICE)
    signal.alarm(_LONGEST)
    request: Request = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    found = cluster(
        request.terms,
        resolution=request.resolution,
        model=request.model,
        embed=None if request.rows is None else lambda texts: request.rows,
        serp=request.serp,
    )
    with answers:
        pickle.dump(found, answers)


def _end_with_parent() -> None:
    # Not by way of sys.stdin: its lock would be held when the interpreter ends.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
