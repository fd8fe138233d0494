"""Places where a test may pull the plug: nothing happens here unless FAULT_INJECTION=1.

`FAULT_POINT=stored:0.2` kills the process at the point `stored` with that probability. The
points stand in POINTS in the order in which an item passes them.
"""

import os
import random
import signal

POINTS = (
    "init",
    "prep",
    "intent",
    "in_call",
    "returned",
    "stored",
    "parse",
    "save",
    "saved",
)
_active = os.environ.get("FAULT_INJECTION") == "1"
_name, _, _share = os.environ.get("FAULT_POINT", "").partition(":")
_probability = float(_share or 1)


def fault_point(name: str) -> None:
    """Die here, as a power cut would have it, if that is what the environment asks for."""
    if _active and name == _name and random.random() < _probability:
        os.kill(os.getpid(), signal.SIGKILL)
