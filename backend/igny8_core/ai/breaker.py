"""A circuit breaker: a provider that is down is asked by one probe at a time.

Closed: calls go out. Open: none do, until the pause is over and one probe may. Whoever uses it
holds a lock; it knows nothing of threads.
"""

from collections import deque

from igny8_core.ai.failures import CallFailed, Kind

_IN_A_ROW = 5
_WINDOW, _LEAST_CALLS, _SHARE = 30.0, 10, 0.5
#: Seconds. In between, the pause is half of what the outage has lasted: whoever comes back after
#: a minute is asked within half a minute, and a provider that is down for the night is left alone.
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 120.0
_COUNTED = {Kind.UNREACHABLE, Kind.SERVER, Kind.LOST}


class Breaker:
    """What the last calls say about a provider."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bool]] = deque()
        self._in_a_row = 0
        self._pause = 0.0
        self._probe_at = 0.0
        self._down_since = 0.0
        self._closed_at = float("-inf")
        self.is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether the provider is taken to be down."""
        return self._pause > 0

    def wait(self, now: float) -> float:
        """Seconds until a call, or the next probe, may go out."""
        return max(0.0, self._probe_at - now) if self.is_open else 0.0

    def note(self, failure: CallFailed | None, *, sent_at: float, probe: bool, now: float) -> None:
        """Learn from a call that came back; whatever is not the provider's being down is fine.

        While open only the probe counts; once closed, no call that was sent before.
        """
        failed = failure is not None and failure.kind in _COUNTED
        if probe:
            self._after_probe(failed, now)
        elif not self.is_open and sent_at >= self._closed_at:
            self._remember(failed, now)
            if failed and self._is_down():
                self._down_since = now
                self._open(_FIRST_PAUSE, now)

    def _after_probe(self, failed: bool, now: float) -> None:
        if failed:
            pause = max(_FIRST_PAUSE, (now - self._down_since) / 2)
            return self._open(min(pause, _LONGEST_PAUSE), now)
        self._pause, self._closed_at = 0.0, now
        self._recent.clear()
        self._in_a_row = 0

    def _open(self, pause: float, now: float) -> None:
        self._pause, self._probe_at = pause, now + pause

    def _remember(self, failed: bool, now: float) -> None:
        self._in_a_row = self._in_a_row + 1 if failed else 0
        self._recent.append((now, failed))
        while self._recent[0][0] < now - _WINDOW:
            self._recent.popleft()

    def _is_down(self) -> bool:
        failures = sum(failed for _, failed in self._recent)
        often = len(self._recent) >= _LEAST_CALLS and failures >= _SHARE * len(self._recent)
        return self._in_a_row >= _IN_A_ROW or often
