"""The stand-in provider as a child process, where a provider has neither key nor address.

The child lives as long as the pipe to its stdin: it ends with us even when we are killed. Should
it die on its own, a new one takes its port, so that the address in our settings stays right.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections import deque
from types import FrameType, TracebackType

from igny8_core.core.errors import Unavailable

logger = logging.getLogger(__name__)

PROVIDERS = {"OpenAI": "OPENAI", "Runware": "RUNWARE"}
_VARIABLE = "IGNY8_SANDBOX_URL"
_MOST_DEATHS, _PER_SECONDS = 5, 60


def played() -> list[str]:
    """The providers that have neither key nor address in the environment."""
    return [
        name
        for name, prefix in PROVIDERS.items()
        if not os.environ.get(f"{prefix}_API_KEY") and not os.environ.get(f"{prefix}_BASE_URL")
    ]


class StandIn:
    """`with StandIn():` before Django is set up: the settings find the stand-in's address.

    Does nothing where every provider is configured, or where the address of another stand-in is.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._port = 0
        self._deaths: deque[float] = deque(maxlen=_MOST_DEATHS)

    def __enter__(self) -> "StandIn":
        if played() and not os.environ.get(_VARIABLE):
            self._child = _start(0)
            url = self._child.stdout.readline().strip() if self._child.stdout else ""
            if not url:
                self._end()
                raise Unavailable("The stand-in provider did not start; `igny8 sandbox` says why.")
            self._port = int(url.rpartition(":")[2])
            os.environ[_VARIABLE] = url
            signal.signal(signal.SIGCHLD, self._replace)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._end()
            del os.environ[_VARIABLE]

    def _replace(self, number: int, frame: FrameType | None) -> None:
        """Called in the main thread whenever a child of ours ends, be it this one or another."""
        if self._child is None or self._child.poll() is None:
            return
        self._deaths.append(time.monotonic())
        if len(self._deaths) == _MOST_DEATHS and self._deaths[-1] - self._deaths[0] < _PER_SECONDS:
            logger.error("the stand-in provider keeps ending; start again to have it back")
            return
        logger.warning("the stand-in provider ended (%s); a new one", self._child.returncode)
        self._child = _start(self._port)

    def _end(self) -> None:
        """Close the pipe; a child that does not take that for an answer is killed."""
        child, self._child = self._child, None
        if child is None or child.stdin is None:
            return
        child.stdin.close()
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _start(port: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-P", "-m", "igny8_core.cli.main", "sandbox", "--child"]
    return subprocess.Popen(
        [*command, "--port", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
