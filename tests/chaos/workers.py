"""Worker processes, forked off a warm template, and every way of ending them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.services import ROOT, wait_for


@dataclass
class WorkerProcess:
    """One worker, leader of its process group; `status` is its exit status once it is gone."""

    pid: int
    status: int | None = None
    ended: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self.status is None

    def send(self, number: int) -> None:
        """A signal to the whole group."""
        with suppress(ProcessLookupError):
            if self.is_alive:
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def freeze(self) -> None:
        """SIGSTOP, and wait until every thread has stopped: some may be at work for a moment."""
        self.send(signal.SIGSTOP)
        wait_for(lambda: not self.is_alive or self._is_frozen(), 10, f"the halt of {self.pid}")

    def _is_frozen(self) -> bool:
        stats = Path(f"/proc/{self.pid}/task").glob("*/stat")
        return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in stats)

    def wait(self, seconds: float) -> int:
        """Its exit status, negative for a signal."""
        wait_for(lambda: not self.is_alive, seconds, f"the end of worker {self.pid}")
        assert self.status is not None
        return self.status


class Template:
    """The warm process that forks workers; a thread reads what it says of them."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.workers: list[WorkerProcess] = []
        self._born = threading.Semaphore(0)
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.template"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                cwd=ROOT,
                env=os.environ | environment,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._born.acquire(timeout=60), "the template did not start"

    def start(self, **environment: str) -> WorkerProcess:
        """A fresh worker."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(environment) + "\n")
        self._process.stdin.flush()
        assert self._born.acquire(timeout=20), "no worker was born"
        return self.workers[-1]

    @property
    def alive(self) -> list[WorkerProcess]:
        return [worker for worker in self.workers if worker.is_alive]

    def end_all(self) -> None:
        """Kill what is left."""
        for worker in self.alive:
            worker.kill()

    def close(self) -> None:
        assert self._process.stdin
        self.end_all()
        self._process.stdin.close()
        self._process.wait(timeout=20)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            word, *numbers = line.split()
            if word == "gone":
                pid, status = map(int, numbers)
                worker = next(one for one in self.workers if one.pid == pid and one.is_alive)
                worker.ended, worker.status = time.time(), status
                continue
            if word == "born":
                self.workers.append(WorkerProcess(int(numbers[0])))
            self._born.release()
        self._process.stdout.close()
