"""AICore's rules for going on after a failed call: pure decisions over an item's history.

Nothing else retries: the SDK's retries are off, Celery has none.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers.options import OPTIONAL

#: A hard cap on calls of one item that may have been billed, whatever they were for; of these at
#: most so many for one question.
MAX_BILLED, MAX_BILLED_FOR_ONE = 5, 3
#: Seconds from an item's first call since the last claim.
DEADLINE = 30 * 60
_REPEATED = {
    Kind.UNREACHABLE,
    Kind.SERVER,
    Kind.LOST,
    Kind.UNREADABLE,
    Kind.UNEXPECTED,
    Kind.PARAMETER,
}
PICTURE_IS_LOST = {Kind.GONE, Kind.OUT_OF_BOUNDS}
#: The picture is paid for: what is tried again costs nothing.
_FETCHED_AGAIN = {Kind.UNFETCHED, Kind.UNKEPT}
#: How often an item is asked with less: as often as there are options, and a little more.
_MOST_REFUSALS = len(OPTIONAL) + 2
_AT_ONCE = {Kind.PARAMETER, *PICTURE_IS_LOST}
_WAITED_FOR = {Kind.THROTTLED, Kind.AT_WORK}


@dataclass(slots=True)
class History:
    """What has happened to one item; all but `first_call` survives a worker."""

    attempts: int = 0
    unreadable: int = 0
    throttled: int = 0
    #: Calls that ended because the model does not take one of the options.
    options_refused: int = 0
    #: Pictures that were paid for and are no longer to be had.
    gone: int = 0
    #: Calls that were, or may have been, billed, by the question they asked.
    paid: Counter[str] = field(default_factory=Counter)
    #: Calls that a worker took with it when it died: each may have been billed too.
    killed: int = 0
    first_call: float | None = None
    #: Whether the provider is paid once for a question, however often it is sent.
    pays_once: bool = False

    @property
    def billed(self) -> int:
        """How many calls may have been billed in all."""
        return self.paid.total() + self.killed

    def note(self, failure: CallFailed, question: str) -> None:
        """Count a failed call; waiting uses no attempt, nor does asking with less."""
        if failure.kind in _WAITED_FOR:
            self.throttled += 1
        elif failure.kind is Kind.PARAMETER:
            self.options_refused += 1
        elif failure.kind is not Kind.TOO_LONG:
            self.attempts += 1
        self.gone += failure.kind in PICTURE_IS_LOST
        self.paid[question] += failure.may_be_billed and not self.pays_once
        self.unreadable += failure.kind in {Kind.UNREADABLE, Kind.UNEXPECTED}


def pause_after(
    failure: CallFailed, history: History, now: float, question: str = ""
) -> float | None:
    """Seconds until the next attempt; None where the item fails."""
    if not _may_go_on(failure, history, question):
        return None
    pause = _pause(failure, history)
    return None if is_over(history, now + pause) else pause


def is_over(history: History, at: float) -> bool:
    """Whether the item will have waited too long by then."""
    return history.first_call is not None and at > history.first_call + DEADLINE


def asks_too_much(failure: CallFailed) -> bool:
    """Whether a rate limit asks for a longer pause than any item of the run would wait."""
    return failure.kind is Kind.THROTTLED and (failure.retry_after or 0) > DEADLINE


def is_spent(history: History, question: str) -> bool:
    """Whether the item has had its attempts; calls that a worker took with it are none."""
    return (
        history.attempts >= settings.IGNY8_ITEM_ATTEMPTS
        or history.paid.total() >= MAX_BILLED
        or history.paid[question] >= MAX_BILLED_FOR_ONE
        or history.unreadable > 1
        or history.options_refused >= _MOST_REFUSALS
    )


def _may_go_on(failure: CallFailed, history: History, question: str) -> bool:
    if failure.kind in _WAITED_FOR:
        return True
    if failure.kind in _FETCHED_AGAIN:
        return history.attempts < settings.IGNY8_ITEM_ATTEMPTS
    another = failure.kind in PICTURE_IS_LOST and history.gone <= 1
    return (
        (another or failure.kind in _REPEATED)
        and not is_spent(history, question)
        and history.billed < MAX_BILLED
    )


def _pause(failure: CallFailed, history: History) -> float:
    """What the provider asks for, with a little jitter, else full-jitter backoff.

    A provider that asks for too short a wait again and again is waited for longer each time.
    """
    if failure.kind in _AT_ONCE:
        return 0.0
    tries = min(history.attempts + history.throttled, 16)
    if failure.retry_after is not None:
        least = min(60.0, 0.05 * 2.0**tries)
        return max(least, failure.retry_after) * random.uniform(1.0, 1.1)
    return random.uniform(0, min(60.0, 2.0 ** max(1, tries)))
