"""The second choice of an account: asked where its first is down, out of quota or gone.

A key that is refused and a question that is wrong are for a person to mend, not to go round.
"""

from collections.abc import Iterable

from igny8_core.ai.ai_core import CallPlan
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.models import ProviderCall
from igny8_core.ai.requests import AIRequest
from igny8_core.ai.retries import asks_too_much

_REASONS = {
    Kind.UNREACHABLE: "cannot be reached",
    Kind.SERVER: "is down",
    Kind.LOST: "is down",
    Kind.QUOTA: "has no quota left",
    Kind.MODEL: "no longer offers {model}",
    Kind.THROTTLED: "lets no call through",
}


def may_answer(failure: CallFailed) -> bool:
    """Whether another model or provider may answer what this one has not, in the end."""
    return failure.kind in _REASONS and (
        failure.kind is not Kind.THROTTLED or asks_too_much(failure)
    )


def is_by(plan: CallPlan, request: AIRequest) -> bool:
    """Whether a request was made by this plan."""
    return (request.endpoint, request.model) == (plan.endpoint, plan.model)


def was_asked(plan: CallPlan, calls: Iterable[ProviderCall]) -> bool:
    """Whether one of the calls was made by this plan: a run that was taken up goes on with it."""
    return any(
        (call.provider, call.model) == (plan.endpoint.provider, plan.model) for call in calls
    )


def told(first: CallPlan, second: CallPlan, kind: Kind) -> str:
    """Which of the two answers from now on, and why."""
    label = first.endpoint.label
    reason = _REASONS[kind].format(model=first.model)
    return (
        f"{label[0].upper()}{label[1:]} {reason}; {second.model} at {second.endpoint.label} "
        f"is asked instead. {second.notice}"
    ).rstrip()
