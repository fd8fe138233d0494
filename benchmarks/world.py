"""What a benchmark happens in: a data folder, a database, a stand-in provider, child processes.

Everything is thrown away at the end. PostgreSQL figures use a database of their own on the server
that IGNY8_BENCH_POSTGRES names.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parent.parent
SERVER = os.environ.get("IGNY8_BENCH_POSTGRES", "postgres://root@127.0.0.1:5432")
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


class Child:
    """A process of ours that answers orders, one line of JSON each."""

    def __init__(
        self, module: str, environment: dict[str, str], python: str = sys.executable
    ) -> None:
        command = [python, "-m", f"benchmarks.children.{module}"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, what: str, **values: Any) -> None:
        """Have it begin; `answer` waits for the end."""
        self.process.stdin.write(json.dumps({"do": what, **values}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended: {self.process.wait()}")
        return json.loads(line)

    def ask(self, what: str, **values: Any) -> Any:
        self.order(what, **values)
        return self.answer()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


class World:
    """`with a_world() as world:` and then children, the app, and rules for the stand-in."""

    def __init__(self, folder: Path, database_url: str, stack: ExitStack) -> None:
        self._stack = stack
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "RUNWARE_"))},
            "DJANGO_SETTINGS_MODULE": "igny8_core.settings",
            "PYTHONPATH": f"{ROOT / 'backend'}:{ROOT}",
            "IGNY8_DATA_DIR": str(folder),
            "IGNY8_SIGNUP_CREDITS": "10000000",
            "IGNY8_LOG_LEVEL": "WARNING",
            "DATABASE_URL": database_url,
        }
        self.provider = stack.enter_context(_stand_in(self.environment))
        self.environment["IGNY8_SANDBOX_URL"] = self.provider

    def child(self, module: str, python: str = sys.executable, **environment: str) -> Child:
        """A process of its own, in our environment or in that of another interpreter."""
        child = Child(module, self.environment | environment, python)
        self._stack.callback(child.end)
        return child

    def script(self, *rules: dict[str, Any]) -> None:
        """What the stand-in does from now on."""
        _send(f"{self.provider}/__sandbox__/script", "DELETE")
        _send(f"{self.provider}/__sandbox__/script", "POST", list(rules))

    def app(self) -> "App":
        """`igny8 serve`: web and worker in one process."""
        app = App(self.environment)
        self._stack.callback(app.end)
        return app


class App:
    """The real server."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = _free_port()
        command = [sys.executable, "-m", "igny8_core.cli.main", "serve"]
        environment = environment | {"PORT": str(self.port), "HOST": "127.0.0.1"}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("  Data"):
                return
        raise RuntimeError(f"igny8 serve ended: {self.process.wait()}")

    @property
    def peak_mb(self) -> float:
        """The most memory it has held (VmHWM)."""
        return self._status("VmHWM")

    def forget_peak(self) -> float:
        """Have `peak_mb` begin anew; what is held at this moment."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")
        return self._status("VmRSS")

    def _status(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(x.split()[1]) for x in status.splitlines() if x.startswith(name)) / 1024

    @property
    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


@contextmanager
def a_world(database: str = SQLITE) -> Iterator[World]:
    """A world on either database; raises psycopg.OperationalError where no server answers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="igny8-bench-")))
        url = f"sqlite:///{folder}/igny8.sqlite3"
        if database == POSTGRES:
            url = stack.enter_context(_own_database())
        yield World(folder, url, stack)


def databases() -> Iterator[str]:
    """Those there are on this machine."""
    yield SQLITE
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"  no PostgreSQL figures: {str(error).splitlines()[0]}", flush=True)
        return
    yield POSTGRES


@contextmanager
def _own_database() -> Iterator[str]:
    name = f"igny8_bench_{secrets.token_hex(4)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _stand_in(environment: dict[str, str]) -> Iterator[str]:
    """`igny8 sandbox` on a port of its own; it ends with the pipe on its stdin."""
    command = [sys.executable, "-m", "igny8_core.cli.main", "sandbox", "--child", "--port", "0"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def _send(url: str, method: str, body: Any = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    urllib.request.urlopen(request, timeout=10).read()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
