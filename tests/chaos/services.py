"""Services of a chaos run's own, on free ports: PostgreSQL, Redis and the stand-in provider.

Nothing here touches what answers on the standard ports.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """What a process of ours starts with: this tree's code, nobody's own settings."""
    ours = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "OPENAI_", "RUNWARE_", "IGNY8_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPATH": str(ROOT / "backend")}


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The condition's first true value; TimeoutError where it does not come in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.01)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres, None where PostgreSQL is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


class OwnPostgres:
    """A server in a temporary folder, run as `postgres` where we are root."""

    def __init__(self) -> None:
        programs = postgres_programs()
        assert programs, "PostgreSQL is not installed here"
        self._programs = programs
        self._as_user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        # Not below TMPDIR, which only its owner may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="igny8-chaos-pg-", dir="/tmp"))
        if self._as_user:
            shutil.chown(self._folder, "postgres", "postgres")
        self._port = free_port()
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8")
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start, and wait until it lets a client in."""
        # What a power cut would need, a killed server does not: the files are the kernel's.
        options = {"port": self._port, "listen_addresses": "127.0.0.1", "fsync": "off"}
        options |= {"unix_socket_directories": "", "max_connections": 300}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder, *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as_user,
        )
        wait_for(self._answers, 30, "PostgreSQL's start")

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate` does: no checkpoint, clients are cut off."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=20)
        self._server = None

    def close(self) -> None:
        if self._server:
            self.stop_at_once()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
            return self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self._port)) == 0
        return False

    def _run(self, program: str, *arguments: str) -> int:
        data = ["-D", str(self._folder)] if program == "initdb" else []
        return subprocess.run(
            [self._programs / program, *data, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=program == "initdb",
            **self._as_user,
        ).returncode


class OwnRedis:
    """A Redis that keeps nothing on disk."""

    def __init__(self) -> None:
        self._port = free_port()
        self._folder = tempfile.mkdtemp(prefix="igny8-chaos-redis-")
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        options = ("--port", str(self._port), "--save", "", "--bind", "127.0.0.1")
        self._server = subprocess.Popen(
            ["redis-server", *options, "--dir", self._folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(lambda: self.ask(b"PING\r\n").startswith(b"+PONG"), 10, "the start of Redis")

    def stop(self) -> None:
        if self._server:
            self.wake()
            self._server.kill()
            self._server.wait()
            self._server = None

    def hang(self) -> None:
        """Connections are taken, nothing is answered."""
        self.signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        assert self._server is not None
        self._server.send_signal(number)

    def ask(self, command: bytes) -> bytes:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self._port), timeout=2) as connection,
        ):
            connection.sendall(command)
            return connection.recv(4096)
        return b""

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class OwnSandbox:
    """The stand-in provider as a process of its own: it survives whatever happens to workers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "igny8_core.cli.main", "sandbox", "--child", "--port", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()

    def behave(self, *rules: str) -> None:
        """These rules, and no others, from now on."""
        self._ask("DELETE", "script")
        if rules:
            self._ask("POST", "script", list(rules))

    def log(self, **wanted: str) -> dict[str, Any]:
        """The log: the truth about what was asked and billed."""
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        return self._ask("GET", f"log?{query}")

    def forget(self) -> None:
        self._ask("DELETE", "log")

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/__sandbox__/{path}", data, headers, method=method)
        with urlopen(request, timeout=30) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else {}
