"""`igny8 serve` as an operator has it: one process for the API and the worker."""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.chaos.services import ROOT, free_port, wait_for


class Served:
    """The app on a port of its own, over the plant's database."""

    def __init__(self, log: Path, port: int = 0) -> None:
        self.port = port or free_port()
        address = {"PORT": str(self.port), "HOST": "127.0.0.1", "ALLOWED_HOSTS": "127.0.0.1"}
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "igny8_core.cli.main", "serve"],
                stdout=file,
                stderr=file,
                cwd=ROOT,
                env=os.environ | address,
                start_new_session=True,
            )
        wait_for(self._answers, 60, "the app")

    def stop(self, signals: int = 1) -> tuple[float, int]:
        """SIGTERM, so often; how long the app took to end, and its exit status."""
        began = time.monotonic()
        for _ in range(signals):
            self._process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
        status = self._process.wait(timeout=60)
        return time.monotonic() - began, status

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, "the app did not start"
        # It takes connections long before it answers them.
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        return False
