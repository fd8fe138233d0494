"""The calls of one run: what waits for its time, what the gate lets through, what comes back.

Waiting holds no thread: an item that is to be asked again lies on a heap with its due time.
"""

import heapq
import time
from collections.abc import Collection
from functools import partial

from igny8_core.ai.ai_core import AICore
from igny8_core.ai.fanout import Outcome, fan_out
from igny8_core.ai.gate import Clearance, Gate, gate_for
from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import AIRequest, Endpoint
from igny8_core.ai.work import Work

#: Seconds until another look where what is under way must come back first.
_LOOK_AGAIN = 0.5


class Calls:
    """Items by their keys, each waiting, in flight or neither; it decides nothing about them."""

    def __init__(self) -> None:
        self._lane = fan_out(())
        self._gate: Gate | None = None
        self._due: list[tuple[float, int]] = []
        #: Until then the gate lets nothing through.
        self.held_until = 0.0

    @property
    def in_flight(self) -> int:
        """How many have been handed to the pool and not come back."""
        return self._lane.in_flight

    @property
    def waiting(self) -> list[int]:
        """The items whose time has not come, or that the gate holds back."""
        return [key for _, key in self._due]

    def connect(self, endpoint: Endpoint) -> None:
        """Find the gate to the provider, and make the client that all calls share."""
        self._gate = gate_for(endpoint)
        get_provider(endpoint.provider).connect(endpoint)

    def queue(self, key: int, pause: float = 0.0) -> None:
        """Have an item's call made after a pause, in seconds."""
        heapq.heappush(self._due, (time.monotonic() + pause, key))

    def drop(self, keys: Collection[int]) -> None:
        """Forget items that wait."""
        self._due = [(due, key) for due, key in self._due if key not in keys]
        heapq.heapify(self._due)

    def hold(self) -> None:
        """Send nothing for a moment, unless something comes back before."""
        self.held_until = time.monotonic() + _LOOK_AGAIN

    def patience(self, most: float) -> float:
        """Seconds until there may be something to send, at most so many."""
        if not self._due or self._lane.room <= 0:
            return most
        due = max(self._due[0][0], self.held_until)
        return min(most, max(0.0, due - time.monotonic()) or 0.001)

    def take_due(self) -> tuple[list[int], Clearance | None]:
        """What may be sent now; where something is due and may not, why not."""
        now = time.monotonic()
        if not self._due or max(self._due[0][0], self.held_until) > now:
            return [], None
        assert self._gate is not None
        clearance = self._gate.clearance()
        if not clearance.room:
            self.held_until = now + clearance.wait
            return [], clearance
        # What this run has handed to a busy pool takes its place at the gate only later.
        room = min(self._lane.room, clearance.room - len(self._lane.waiting))
        if room <= 0:
            self.held_until = now + _LOOK_AGAIN
        keys: list[int] = []
        while self._due and self._due[0][0] <= now and len(keys) < room:
            keys.append(heapq.heappop(self._due)[1])
        return keys, None

    def send(self, work: Work) -> None:
        """Hand one call to the pool, or the fetch of a picture that a call has paid for."""
        request, answer = work.request, work.answer
        assert request is not None
        if answer is not None and work.to_fetch:
            self._lane.submit(work.item.pk, lambda: AICore.fetch_picture(answer, request))
        else:
            self.ask(work.item.pk, request)

    def ask(self, key: int, request: AIRequest) -> None:
        """Hand a request to the pool, through the gate."""
        assert self._gate is not None
        call = partial(AICore.run_ai_request, request)
        self._lane.submit(key, partial(self._gate.carry, call))

    def come_back(self, timeout: float) -> list[Outcome]:
        """Everything that has come back, after waiting for the first of it."""
        if outcomes := self._lane.drain(timeout):
            self.held_until = 0.0
        return outcomes

    def withdraw(self) -> list[int]:
        """Take back what no thread has begun; the keys of it."""
        return self._lane.withdraw()
