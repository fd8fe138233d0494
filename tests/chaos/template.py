"""The warm template: a process that has imported everything and forks a worker when told to.

`python -m tests.chaos.template` reads one JSON object a line, the environment of the next worker,
and writes `born PID` for it and `gone PID STATUS` when it ends. It opens no connection, lock file
or thread before it forks; when its stdin ends, so do its workers.
"""

import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any

_children: set[int] = set()


def main() -> None:
    _warm_up()
    signal.signal(signal.SIGCHLD, _reap)
    _say("ready")
    for line in sys.stdin:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork()
        if pid == 0:
            _become_worker(json.loads(line))
        # Also here, so that a signal to its group finds it as soon as its birth is known.
        with suppress(OSError):
            os.setpgid(pid, pid)
        _children.add(pid)
        _say(f"born {pid}")
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    for pid in list(_children):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _warm_up() -> None:
    import django

    django.setup()
    import openai.resources.chat.completions  # noqa: F401

    from igny8_core.ai import registry, worker  # noqa: F401

    for name in registry.list_functions():
        registry.get_function(name)


def _reap(number: int, frame: Any) -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            _children.discard(found[0])
            _say(f"gone {found[0]} {os.waitstatus_to_exitcode(found[1])}")


def _become_worker(environment: dict[str, str]) -> None:
    """Never returns: what the template has on its stack is not ours to unwind."""
    status = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        os.environ.update(environment)
        work()
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def work() -> None:
    """A worker until SIGTERM, with the faults that its environment asks for."""
    from igny8_core.ai import faults
    from igny8_core.ai.worker import Worker
    from igny8_core.cli.stopping import GRACE, stop_on_signals
    from tests.chaos import hooks

    importlib.reload(faults)
    hooks.install()
    worker = Worker(int(os.environ.get("CHAOS_SLOTS", "4")))
    try:
        stop_on_signals()
        worker.start()
        while True:
            signal.pause()
    except KeyboardInterrupt:
        worker.stop(GRACE)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
