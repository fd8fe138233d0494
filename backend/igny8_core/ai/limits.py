"""What a model's limits leave: to the question, and to its answer."""

from igny8_core.ai import catalogue
from igny8_core.ai.expectations import tokens_in
from igny8_core.ai.requests import AIRequest

#: The share of a context that an answer may insist on, 1 / n, and by what share, 1 / n, a
#: question may be longer than it is counted.
_FOR_THE_ANSWER, _MISCOUNTED = 4, 8


def most_input(request: AIRequest) -> int | None:
    """Tokens that a question may have, None where nobody knows.

    An answer keeps what it is allowed, but of a small context no more than a quarter.
    """
    model = catalogue.find(request.model)
    if model is None or request.picture:
        return None
    kept = model.context and model.context - _least(request.max_tokens, model.context)
    return min((most for most in (kept, model.max_input) if most is not None), default=None)


def most_output(request: AIRequest, wanted: int) -> int:
    """Tokens that the answer may have: those wanted, at most what the model and its context give.

    Never less than what `most_input` leaves it.
    """
    model = catalogue.find(request.model)
    if model is None:
        return wanted
    wanted = min(wanted, model.max_output or wanted)
    if model.context is None or request.picture:
        return wanted
    size = tokens_in(request)
    left = model.context - size - size // _MISCOUNTED
    return min(wanted, max(left, _least(wanted, model.context)))


def _least(wanted: int, context: int) -> int:
    return min(wanted, max(1, context // _FOR_THE_ANSWER))
