"""How a rate limit is kept: the pause that was asked for, and fewer calls at once after it.

Additive increase, multiplicative decrease, as TCP has it: half as many calls at once after a
refusal, one more after each full round of answers. Whoever uses it holds a lock.
"""

from igny8_core.ai.retries import DEADLINE


class Throttle:
    """What a provider lets one key do."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._until = 0.0
        self._cut_at = float("-inf")

    @property
    def limit(self) -> int:
        """How many calls may be in flight at once."""
        return int(self._limit)

    @property
    def is_eased(self) -> bool:
        """Whether as many calls may go out as if there had never been a refusal."""
        return self._limit >= self._most

    def wait(self, now: float) -> float:
        """Seconds until the next call may go out."""
        return max(0.0, self._until - now)

    def refused(self, asked: float | None, *, in_flight: int, sent_at: float, now: float) -> None:
        """Wait as asked; what was sent before the last cut does not cut again.

        A key is never shut for longer than an item would wait for it.
        """
        self._until = max(self._until, now + min(asked or 0.0, DEADLINE))
        if sent_at > self._cut_at:
            self._limit = max(1.0, min(self._limit, in_flight) / 2)
            self._cut_at = now

    def answered(self) -> None:
        """One step back towards as many calls as before."""
        self._limit = min(self._most, self._limit + 1 / self._limit)
