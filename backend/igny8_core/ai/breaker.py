"""A circuit breaker per address and key: a provider that is down is asked by one probe at a time.

It lives in the process; waiting for it uses none of an item's attempts.
"""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.requests import Endpoint

_IN_A_ROW = 5
_WINDOW, _LEAST_CALLS, _SHARE = 30.0, 10, 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 120.0
_COUNTED = {Kind.UNREACHABLE, Kind.SERVER, Kind.LOST}


class Breaker:
    """Closed: calls go out. Open: none do, until the pause is over and one probe may."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: deque[tuple[float, bool]] = deque()
        self._in_a_row = 0
        self._pause = 0.0
        self._probe_at = 0.0
        self._probing = False

    def wait(self) -> float:
        """Seconds until a call may go out; 0 lets one go, and while open that is the probe."""
        with self._lock:
            now = self._clock()
            if self._pause and now < self._probe_at:
                return self._probe_at - now
            if self._pause:
                # Should the probe never come back, the next one may go after another pause.
                self._probing, self._probe_at = True, now + self._pause
            return 0.0

    def note(self, failure: CallFailed | None) -> None:
        """Learn from a call that came back; whatever is not the provider's being down is fine."""
        failed = failure is not None and failure.kind in _COUNTED
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if failed else 0
            self._remember(failed)
            if not failed:
                self._pause, self._probing = 0.0, False
            elif self._probing:
                self._open(min(2 * self._pause, _LONGEST_PAUSE))
            elif not self._pause and self._is_down():
                self._open(_FIRST_PAUSE)

    def _open(self, pause: float) -> None:
        self._pause, self._probing = pause, False
        self._probe_at = self._clock() + pause

    def _remember(self, failed: bool) -> None:
        now = self._clock()
        self._recent.append((now, failed))
        while self._recent[0][0] < now - _WINDOW:
            self._recent.popleft()

    def _is_down(self) -> bool:
        failures = sum(failed for _, failed in self._recent)
        often = len(self._recent) >= _LEAST_CALLS and failures >= _SHARE * len(self._recent)
        return self._in_a_row >= _IN_A_ROW or often


_breakers: dict[tuple[str, str, str], Breaker] = {}


def breaker_for(endpoint: Endpoint) -> Breaker:
    """The process's breaker for an address and key."""
    key = hashlib.sha256(endpoint.api_key.encode()).hexdigest()
    return _breakers.setdefault((endpoint.provider, endpoint.base_url, key), Breaker())
