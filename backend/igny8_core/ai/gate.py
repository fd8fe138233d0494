"""The gate to one address with one key: every call of this process goes through it.

It is shut while the provider is down or has asked to be left alone, and lets fewer calls through
after a rate limit. The engine looks before it sends, and waits without a thread; the provider
thread enters, so that of many runs' calls that were on their way not one slips through a gate
that has been shut meanwhile. It lives in the process.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from igny8_core.ai.breaker import Breaker
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.requests import Answer, Endpoint
from igny8_core.ai.throttle import Throttle

#: Seconds until another look, where only a call that comes back can open the gate.
_LOOK_AGAIN = 0.5


class Shut(StrEnum):
    """Why no call may go out."""

    DOWN = "down"
    THROTTLED = "throttled"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Clearance:
    """How many calls may go out now; where none may, for how many seconds, and why."""

    room: int
    wait: float = 0.0
    why: Shut | None = None


class HeldBack(Exception):
    """The gate was shut when the call was about to begin: nothing was sent."""


class Gate:
    """The calls of one key at one address."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._throttle = Throttle(most)
        self._in_flight = 0

    def clearance(self) -> Clearance:
        """What may go out now; it reserves nothing."""
        with self._lock:
            return self._clearance(self._clock())

    def carry(self, call: Callable[[], Answer]) -> Answer:
        """Make a call and learn from it; raises HeldBack where it may not begin."""
        sent_at, probe = self._enter()
        try:
            answer = call()
        except CallFailed as failure:
            self._learn(failure, sent_at, probe)
            raise
        else:
            self._learn(None, sent_at, probe)
            return answer
        finally:
            self._leave(probe)

    def _enter(self) -> tuple[float, bool]:
        with self._lock:
            now = self._clock()
            if not self._clearance(now).room:
                raise HeldBack
            self._in_flight += 1
            probe = self._breaker.is_probing = self._breaker.is_open
            return now, probe

    def _learn(self, failure: CallFailed | None, sent_at: float, probe: bool) -> None:
        with self._lock:
            now = self._clock()
            if failure is not None and failure.kind is Kind.THROTTLED:
                asked, number = failure.retry_after, self._in_flight
                self._throttle.refused(asked, in_flight=number, sent_at=sent_at, now=now)
            elif failure is None:
                self._throttle.answered()
            self._breaker.note(failure, sent_at=sent_at, probe=probe, now=now)

    def _leave(self, probe: bool) -> None:
        with self._lock:
            self._in_flight -= 1
            if probe:
                self._breaker.is_probing = False

    def _clearance(self, now: float) -> Clearance:
        if wait := self._throttle.wait(now):
            return Clearance(0, wait, Shut.THROTTLED)
        if self._breaker.is_open:
            if (wait := self._breaker.wait(now)) or self._breaker.is_probing:
                return Clearance(0, wait or _LOOK_AGAIN, Shut.DOWN)
            return Clearance(1)
        if self._throttle.is_eased:
            return Clearance(self._most)
        room = self._throttle.limit - self._in_flight
        return Clearance(room) if room > 0 else Clearance(0, _LOOK_AGAIN, Shut.FULL)


_gates: dict[tuple[str, str, str], Gate] = {}


def gate_for(endpoint: Endpoint) -> Gate:
    """The process's gate to an address with a key."""
    key = hashlib.sha256(endpoint.api_key.encode()).hexdigest()
    place = (endpoint.provider, endpoint.base_url, key)
    return _gates.setdefault(place, Gate(settings.IGNY8_MAX_CONCURRENCY))
