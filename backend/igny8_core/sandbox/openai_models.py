"""The models that the stand-in lists, as OpenAI's list stood on 2026-11-23.

Whether a model is retired is written here, not read from the clock, so that a test says the same
in any year.
"""

import re
from dataclasses import replace
from typing import Any

from igny8_core.sandbox.errors import ERRORS, REQUEST, ProviderError, Refused

RETIRED = {
    "dall-e-2",
    "dall-e-3",
    "gpt-image-1",
    "gpt-4",
    "gpt-3.5-turbo",
    "gpt-4.1-nano",
    "gpt-4o-2024-05-13",
    "o1",
    "o3-mini",
    "o4-mini",
}
SHUTDOWN_DATES: dict[str, str | None] = {
    "gpt-4o": "2027-01-14",
    "gpt-4o-mini": "2027-01-14",
    "gpt-4.1": "2027-01-14",
    "gpt-4.1-mini": "2027-01-14",
    "gpt-5": "2026-12-11",
    "gpt-5-mini": "2026-12-11",
    "gpt-5-nano": "2026-12-11",
    "o3": "2026-12-11",
    "gpt-image-1-mini": "2026-12-01",
    "gpt-image-1.5": "2026-12-01",
    "gpt-image-2": None,
    "gpt-image-2.5-flare": None,
    "gpt-image-2.5-sunburst": None,
    "gpt-image-2.6-flare": None,
    "gpt-image-2.6-sunburst": None,
    "gpt-5.6-luna": None,
    "gpt-5.6-terra": None,
    "gpt-5.6-sol": None,
    "gpt-6-luna": None,
    "gpt-6-sol": None,
    "gpt-6-astra": None,
    "gpt-6.1-sol": None,
    "gpt-6.1-terra": None,
    "gpt-6.2-sol": None,
    "text-embedding-3-small": None,
    "text-embedding-3-large": None,
}
#: Reasoning models that cannot be asked not to reason.
ALWAYS_REASON = {"gpt-6-astra", "gpt-6.1-sol", "gpt-6.2-sol"}
REASONING = re.compile(r"^(o\d|gpt-[5-9])")


def listed_model(name: str) -> dict[str, Any]:
    """One model of the list."""
    fixed = {"id": name, "object": "model", "created": 1_735_689_600, "owned_by": "system"}
    return fixed | {"shutdown_date": SHUTDOWN_DATES[name]}


def refuse_retired(name: str) -> None:
    """Raise what OpenAI answers for a model that it has shut down."""
    if name in RETIRED:
        raise Refused(
            _error(
                404,
                "model_not_found",
                f"The model `{name}` has been deprecated, learn more here:"
                " https://platform.openai.com/docs/deprecations",
            )
        )


def refuse_unknown(name: str) -> None:
    """Raise what OpenAI answers when a model that it does not list is looked up."""
    refuse_retired(name)
    if name not in SHUTDOWN_DATES:
        raise Refused(ERRORS["model_not_found"])


def refuse_parameters(body: dict[str, Any]) -> None:
    """Raise where a reasoning model is sent a parameter that it does not take."""
    if not REASONING.match(str(body.get("model"))):
        return
    if "max_tokens" in body:
        raise Refused(
            _error(
                400,
                "unsupported_parameter",
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                " 'max_completion_tokens' instead.",
                "max_tokens",
            )
        )
    if body.get("reasoning_effort") == "none" and body["model"] in ALWAYS_REASON:
        message = "Unsupported value: 'reasoning_effort' does not support 'none' with this model."
        raise Refused(_error(400, "unsupported_value", message, "reasoning_effort"))
    if body.get("temperature") not in (None, 1) and body.get("reasoning_effort") != "none":
        message = (
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this"
            " model. Only the default (1) value is supported."
        )
        raise Refused(replace(ERRORS["unsupported_value"], message=message))


def _error(status: int, code: str, message: str, param: str | None = None) -> ProviderError:
    return ProviderError(status, code, REQUEST, message, param)
