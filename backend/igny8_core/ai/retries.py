"""AICore's rules for going on after a failed call: pure decisions over an item's history.

Nothing else retries: the SDK's retries are off, Celery has none.
"""

import random
from dataclasses import dataclass

from django.conf import settings

from igny8_core.ai.failures import CallFailed, Kind

#: A hard cap on calls of one item that may have been billed, whatever they were for.
MAX_BILLED = 5
#: Seconds from an item's first call since the last claim.
DEADLINE = 30 * 60
_MAX_LOST = 2
_MAX_RETRY_AFTER = 120.0
_REPEATED = {Kind.UNREACHABLE, Kind.SERVER, Kind.LOST, Kind.UNREADABLE, Kind.UNEXPECTED}


@dataclass(slots=True)
class History:
    """What has happened to one item since its run was claimed."""

    attempts: int = 0
    billed: int = 0
    lost: int = 0
    unreadable: int = 0
    throttled: int = 0
    first_call: float | None = None

    def note(self, failure: CallFailed) -> None:
        """Count a failed call; waiting for a rate limit uses no attempt."""
        if failure.kind is Kind.THROTTLED:
            self.throttled += 1
        else:
            self.attempts += 1
        if failure.kind in {Kind.LOST, Kind.UNREADABLE, Kind.UNEXPECTED}:
            self.billed += 1
        self.lost += failure.kind is Kind.LOST
        self.unreadable += failure.kind in {Kind.UNREADABLE, Kind.UNEXPECTED}


def pause_after(failure: CallFailed, history: History, now: float) -> float | None:
    """Seconds until the next attempt; None where the item fails."""
    if not _may_go_on(failure, history):
        return None
    pause = _pause(failure, history)
    over = history.first_call is not None and now + pause > history.first_call + DEADLINE
    return None if over else pause


def _may_go_on(failure: CallFailed, history: History) -> bool:
    if failure.kind is Kind.THROTTLED:
        return True
    return (
        failure.kind in _REPEATED
        and history.attempts < settings.IGNY8_ITEM_ATTEMPTS
        and history.billed < MAX_BILLED
        and history.lost <= _MAX_LOST
        and history.unreadable <= 1
    )


def _pause(failure: CallFailed, history: History) -> float:
    """What the provider asks for, with a little jitter, else full-jitter backoff.

    A provider that asks for too short a wait again and again is waited for longer each time.
    """
    tries = min(history.attempts + history.throttled, 16)
    if failure.retry_after is not None:
        least = min(60.0, 0.05 * 2.0**tries)
        wait = max(least, min(failure.retry_after, _MAX_RETRY_AFTER))
        return wait * random.uniform(1.0, 1.1)
    return random.uniform(0, min(60.0, 2.0 ** max(1, tries)))
