"""What a person reads while a run waits for its provider."""

import math
import time

from django.conf import settings

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.gate import Clearance, Shut
from igny8_core.ai.spending import Period

#: By what went wrong; `{next}` of `{most}` attempts comes after a pause of `{seconds}`.
WAITING = {
    Kind.UNREACHABLE: "Provider unreachable, retrying ({next}/{most})",
    Kind.THROTTLED: "Provider rate limit, resuming in {seconds} s",
    Kind.PARAMETER: "Asking again without an option that the model does not take",
    Kind.TOO_LONG: "Input too long for the model, asking with less",
    Kind.SERVER: "Provider error, retrying ({next}/{most})",
    Kind.LOST: "Connection lost; checking the provider ({next}/{most})",
    Kind.AT_WORK: "The provider is still at work, looking again in {seconds} s",
    Kind.UNREADABLE: "Provider sent an unreadable reply, retrying ({next}/{most})",
    Kind.UNFETCHED: "The picture is made, fetching it again ({next}/{most})",
    Kind.UNKEPT: "The picture is made, but could not be stored, trying again ({next}/{most})",
    Kind.GONE: "The picture's address is gone, asking for another",
    Kind.OUT_OF_BOUNDS: "The picture's address may not be fetched, asking for another",
    Kind.UNEXPECTED: "Unexpected error, retrying ({next}/{most})",
}
#: While no call may go out at all.
SHUT = {
    Shut.DOWN: "Provider is down, next try {at} UTC",
    Shut.THROTTLED: WAITING[Kind.THROTTLED],
    Shut.FULL: "Provider rate limit, sending fewer calls at once",
}


def while_waiting(failure: CallFailed, attempts: int, pause: float = 0.0) -> str:
    """What is waited for after a failed call, and which attempt comes next."""
    most = settings.IGNY8_ITEM_ATTEMPTS
    seconds = math.ceil(pause)
    return WAITING[failure.kind].format(next=attempts + 1, most=most, seconds=seconds)


def while_full(period: Period | None) -> str:
    """Why calls wait that an account's ceiling leaves no room for just now."""
    name = period.name if period else ""
    return f"Waiting for calls under way: the {name} ceiling leaves no room for more"


def while_shut(clearance: Clearance) -> str:
    """Why no call goes out, and when the next one may."""
    assert clearance.why is not None
    at = time.strftime("%H:%M:%S", time.gmtime(time.time() + clearance.wait))
    return SHUT[clearance.why].format(at=at, seconds=math.ceil(clearance.wait))
