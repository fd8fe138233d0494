"""Our commands as processes of their own: started, watched, signalled, and never left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEADLINE = 120
_numbers = count(1)


class Command:
    """One `igny8 ...` with a data folder of its own, in a process group of its own."""

    def __init__(self, *words: str, data: Path, **environment: str) -> None:
        self.data = data
        self.output = data.parent / f"{words[0]}.{next(_numbers)}.out"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "igny8_core.cli.main", *words],
                cwd=data.parent,
                env=clean_environment(data) | environment,
                stdout=output,
                stderr=output,
                process_group=0,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals, *, group: bool = True) -> None:
        send = os.killpg if group else os.kill
        send(self.process.pid, number)

    def wait(self) -> int:
        return self.process.wait(DEADLINE)

    def says(self, pattern: str) -> str:
        """What the pattern's group matched, once it does."""
        found = until(lambda: re.search(pattern, self.text), self)
        return found[1] if found.groups() else found[0]

    def close(self) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()


class Server(Command):
    """`igny8 serve` on a free port."""

    def __init__(self, data: Path, *, port: int = 0, **environment: str) -> None:
        self.port = port or free_port()
        super().__init__("serve", data=data, PORT=str(self.port), **environment)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def is_up(self) -> "Server":
        until(lambda: self.get("/healthz") == 200, self)
        return self

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


def clean_environment(data: Path) -> dict[str, str]:
    """Nothing of the developer's own installation."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"IGNY8_DATA_DIR": str(data), "PYTHONPATH": str(ROOT / "backend")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until(condition: Callable[[], object], command: Command | None = None):
    """The condition's value as soon as it is true; fails at the deadline, or where all is over."""
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        if command and command.process.poll() is not None:
            found = condition()
            assert found, f"it ended with {command.process.returncode}:\n{command.text}"
            break
        assert time.monotonic() < end, f"not in {DEADLINE} s:\n{command.text if command else ''}"
        time.sleep(0.02)
    return found


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
