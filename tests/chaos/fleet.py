"""Real `igny8 worker` processes."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.chaos.services import ROOT


class Fleet:
    """Some workers started from the command line, as an operator does."""

    def __init__(self, number: int, log: Path, *options: str) -> None:
        command = [sys.executable, "-m", "igny8_core.cli.main", "worker", *options]
        with log.open("ab") as file:
            self.workers = [
                subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT) for _ in range(number)
            ]

    def close(self) -> None:
        """Stop them as an operator does; who does not listen within 30 s is killed."""
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(timeout=30)
            worker.kill()
            worker.wait()
