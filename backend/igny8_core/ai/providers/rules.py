"""A text request's limits and manners, in the words that its model knows: the catalogue's rules."""

from typing import Any

from igny8_core.ai import catalogue
from igny8_core.ai.requests import AIRequest


def ruled(request: AIRequest) -> dict[str, Any]:
    """Output limit, reasoning effort and temperature, as far as the model takes them.

    Thoughts are billed as output, so that the least effort is asked for; beside any but `none` a
    model takes no sampling parameters.
    """
    rules = catalogue.rules_of(request.model)
    body: dict[str, Any] = {rules.output_limit: request.max_tokens}
    if rules.reasoning_effort:
        body["reasoning_effort"] = rules.reasoning_effort
    if rules.sampling and request.temperature is not None:
        body["temperature"] = request.temperature
    return body
