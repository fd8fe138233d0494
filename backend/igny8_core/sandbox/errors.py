"""The providers' own error bodies, by name."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProviderError:
    """One error, with what each provider calls it."""

    status: int
    code: str | None
    type: str
    message: str
    param: str | None = None
    runware: str = "providerError"


class Refused(Exception):
    """A request that the stand-in does not accept, as the provider would not."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.message)
        self.error = error


REQUEST = "invalid_request_error"
ERRORS = {
    "invalid_request": ProviderError(
        400, None, REQUEST, "The request could not be understood.", runware="invalidRequest"
    ),
    "context_length_exceeded": ProviderError(
        400,
        "context_length_exceeded",
        REQUEST,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in"
        " 140211 tokens. Please reduce the length of the messages.",
        "messages",
        "contextLengthExceeded",
    ),
    "content_policy_violation": ProviderError(
        400,
        "content_policy_violation",
        REQUEST,
        "Your request was rejected as a result of our safety system. Your prompt may contain text"
        " that is not allowed by our safety system.",
        runware="contentPolicyViolation",
    ),
    "moderation_blocked": ProviderError(
        400,
        "moderation_blocked",
        "image_generation_user_error",
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        " us at help.openai.com and include the request ID.",
        runware="contentModerated",
    ),
    "unsupported_parameter": ProviderError(
        400,
        "unsupported_parameter",
        REQUEST,
        "Unsupported parameter: 'temperature' is not supported with this model.",
        "temperature",
        "unsupportedParameter",
    ),
    "unsupported_value": ProviderError(
        400,
        "unsupported_value",
        REQUEST,
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default"
        " (1) value is supported.",
        "temperature",
        "invalidParameter",
    ),
    "invalid_api_key": ProviderError(
        401,
        "invalid_api_key",
        REQUEST,
        "Incorrect API key provided: inva*lid. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
        runware="invalidApiKey",
    ),
    "credit_balance_exhausted": ProviderError(
        402,
        "credit_balance_exhausted",
        "billing_error",
        "Your credit balance is used up. Add credits to go on.",
        runware="insufficientCredits",
    ),
    "unsupported_country_region_territory": ProviderError(
        403,
        "unsupported_country_region_territory",
        "request_forbidden",
        "Country, region, or territory not supported",
        runware="forbidden",
    ),
    "organization_usage_limit_exceeded": ProviderError(
        403,
        "organization_usage_limit_exceeded",
        "billing_error",
        "Your organization has reached its usage limit.",
        runware="insufficientCredits",
    ),
    "model_not_found": ProviderError(
        404,
        "model_not_found",
        REQUEST,
        "The model does not exist or you do not have access to it.",
        runware="invalidModel",
    ),
    "request_timeout": ProviderError(
        408, None, "timeout", "The request timed out.", runware="timeoutProvider"
    ),
    "conflict": ProviderError(
        409,
        None,
        "conflict_error",
        "The resource was being changed by another request.",
        runware="conflict",
    ),
    "request_too_large": ProviderError(
        413, None, REQUEST, "The request is larger than allowed.", runware="requestTooLarge"
    ),
    "too_early": ProviderError(
        425, None, "too_early", "The request came too early.", runware="tooEarly"
    ),
    "rate_limit_exceeded": ProviderError(
        429,
        "rate_limit_exceeded",
        "requests",
        "Rate limit reached for this model on requests per min (RPM): Limit 500, Used 500,"
        " Requested 1. Please try again in 120ms. Visit"
        " https://platform.openai.com/account/rate-limits to learn more.",
        runware="rateLimitExceeded",
    ),
    "insufficient_quota": ProviderError(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details. For more"
        " information on this error, read the docs:"
        " https://platform.openai.com/docs/guides/error-codes/api-errors.",
        runware="insufficientCredits",
    ),
    "billing_hard_limit_reached": ProviderError(
        429,
        "billing_hard_limit_reached",
        "insufficient_quota",
        "Billing hard limit has been reached.",
        runware="insufficientCredits",
    ),
    "project_spend_limit_exceeded": ProviderError(
        429,
        "project_spend_limit_exceeded",
        "insufficient_quota",
        "This project has reached its spend limit.",
        runware="insufficientCredits",
    ),
    "server_error": ProviderError(
        500,
        None,
        "server_error",
        "The server had an error while processing your request. Sorry about that!",
        runware="internalServerError",
    ),
    "bad_gateway": ProviderError(502, None, "server_error", "Bad gateway.", runware="badGateway"),
    "overloaded": ProviderError(
        503,
        None,
        "server_error",
        "The server is currently overloaded with other requests. Sorry about that! You can retry"
        " your request.",
        runware="serviceUnavailable",
    ),
    "gateway_timeout": ProviderError(
        504, None, "server_error", "Gateway timeout.", runware="timeoutProvider"
    ),
    "site_overloaded": ProviderError(
        529, None, "overloaded_error", "Overloaded.", runware="providerOverloaded"
    ),
}


def error_for(status: int) -> ProviderError:
    """The usual error of a status."""
    for error in ERRORS.values():
        if error.status == status:
            return error
    kind = "server_error" if status >= 500 else REQUEST
    return ProviderError(status, None, kind, f"The provider answered with status {status}.")


def openai_body(error: ProviderError) -> dict[str, Any]:
    """The error as OpenAI words it."""
    parts = {"message": error.message, "type": error.type, "param": error.param}
    return {"error": parts | {"code": error.code}}


def runware_body(error: ProviderError, task: dict[str, Any]) -> dict[str, Any]:
    """The error as one of Runware's `errors`."""
    named = {
        "code": error.runware,
        "message": error.message,
        "parameter": error.param,
        "type": error.type,
        "documentation": "https://runware.ai/docs/platform/errors",
        "taskType": task.get("taskType"),
        "taskUUID": task.get("taskUUID"),
    }
    return {name: value for name, value in named.items() if value is not None}
