"""What providers really answer when something is wrong: statuses, headers and whole bodies.

Written down by hand, from OpenAI's and Runware's documentation and SDKs, OpenRouter's page on
errors, and reports of users of vLLM, Ollama and OpenRouter; keys and ids are invented.
"""

from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any
from uuid import UUID

from igny8_core.ai.failures import Kind

#: The task that Runware's answers are to.
TASK = UUID("a770f077-f413-47de-9dac-be0b26a35da6")


@dataclass(frozen=True)
class TrueError:
    """One error answer, or one without use, and the class that it belongs to."""

    source: str
    status: int
    body: Any
    kind: Kind
    #: What was asked: `text`, `picture`, or `responses` for text over that interface.
    asked: str = "text"
    headers: dict[str, Any] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        return "runware" if self.source == "Runware" else "openai"

    @property
    def error(self) -> dict[str, Any]:
        """The part of the body that tells of the error; a picture that is held back is one."""
        found = self.body.get("error") or self.body.get("errors") or self.body.get("data")
        if choices := self.body.get("choices"):
            # Half an answer, and beside it what broke it off.
            found = choices[0]["error"] | {"finish_reason": choices[0]["finish_reason"]}
        found = found or self.body
        return found[0] if isinstance(found, list) else found

    @property
    def told(self) -> str:
        """What stands in it for programs: type, code and parameter, as far as they are there."""
        names = ("type", "code", "param", "parameter", "status", "NSFWContent", "finish_reason")
        values = [(name, self.error.get(name)) for name in names]
        return ", ".join(f"{name} `{value}`" for name, value in values if value)

    @property
    def message(self) -> str:
        """How what it says to people begins."""
        said = str(self.error.get("message") or "").replace("`", "")
        return shorten(said, 64, placeholder=" ...")


def _openai(status, kind, message, type_="invalid_request_error", code=None, param=None, **more):
    error = {"message": message, "type": type_, "param": param, "code": code}
    return TrueError("OpenAI", status, {"error": error}, kind, **more)


def _response(code, kind, message):
    """What Responses answers to a request that it took and could not see to its end."""
    body = {
        "id": "resp_67cb32528d6881909eb2859a55e18a85",
        "object": "response",
        "status": "failed",
        "error": {"code": code, "message": message},
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    return TrueError("OpenAI", 200, body, kind, asked="responses")


def _vllm(status, kind, message, type_):
    body = {"object": "error", "message": message, "type": type_, "param": None, "code": status}
    return TrueError("vLLM", status, body, kind)


def _openrouter(status, kind, message, code=None, **metadata):
    error = {"message": message, "code": code or status}
    if metadata:
        error["metadata"] = metadata
    return TrueError("OpenRouter", status, {"error": error}, kind)


def _runware(status, kind, code, message, parameter=None, task="imageInference"):
    error = {"code": code, "message": message, "parameter": parameter, "taskType": task}
    error |= {"taskUUID": str(TASK)}
    error = {name: value for name, value in error.items() if value is not None}
    return TrueError("Runware", status, {"errors": [error]}, kind, asked="picture")


OPENAI = (
    _openai(
        401,
        Kind.KEY,
        "Incorrect API key provided: sk-proj-****************************Zk4A. You can find your"
        " API key at https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    ),
    _openai(
        403,
        Kind.KEY,
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    ),
    _openai(
        429,
        Kind.QUOTA,
        "You exceeded your current quota, please check your plan and billing details. For more"
        " information on this error, read the docs:"
        " https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    _openai(
        400,
        Kind.QUOTA,
        "Billing hard limit has been reached",
        code="billing_hard_limit_reached",
        asked="picture",
    ),
    _openai(
        429,
        Kind.THROTTLED,
        "Rate limit reached for gpt-4o in organization org-a1b2c3 on tokens per min (TPM): Limit"
        " 30000, Used 29420, Requested 1912. Please try again in 2.664s. Visit"
        " https://platform.openai.com/account/rate-limits to learn more.",
        "tokens",
        "rate_limit_exceeded",
        headers={"retry_after_ms": 2664},
    ),
    _openai(
        404,
        Kind.MODEL,
        "The model `gpt-4o` does not exist or you do not have access to it.",
        code="model_not_found",
    ),
    _openai(
        404,
        Kind.MODEL,
        "The model `dall-e-3` has been deprecated, learn more here:"
        " https://platform.openai.com/docs/deprecations",
        code="model_not_found",
        asked="picture",
    ),
    _openai(
        400,
        Kind.TOO_LONG,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in"
        " 204308 tokens. Please reduce the length of the messages.",
        code="context_length_exceeded",
        param="messages",
    ),
    _openai(
        400,
        Kind.PARAMETER,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
        " 'max_completion_tokens' instead.",
        code="unsupported_parameter",
        param="max_tokens",
    ),
    _openai(
        400,
        Kind.PARAMETER,
        "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default"
        " (1) value is supported.",
        code="unsupported_value",
        param="temperature",
    ),
    _openai(
        400,
        Kind.PARAMETER,
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this"
        " model.",
        param="response_format",
    ),
    _openai(
        400,
        Kind.REFUSED,
        "Your request was rejected as a result of our safety system. Your prompt may contain text"
        " that is not allowed by our safety system.",
        code="content_policy_violation",
        asked="picture",
    ),
    _openai(
        400,
        Kind.REFUSED,
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        " us at help.openai.com and include the request ID req_063f708f."
        " safety_violations=[violence].",
        "image_generation_user_error",
        "moderation_blocked",
        asked="picture",
    ),
    _openai(
        400,
        Kind.REFUSED,
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please"
        " try again with a different prompt.",
        code="invalid_prompt",
    ),
    _openai(
        400,
        Kind.INVALID,
        "We could not parse the JSON body of your request.",
    ),
    _openai(
        500,
        Kind.SERVER,
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
    ),
    _openai(
        503,
        Kind.SERVER,
        "The engine is currently overloaded, please try again later",
        "server_error",
    ),
    _response("server_error", Kind.SERVER, "The model failed to generate a response."),
    _response("invalid_prompt", Kind.REFUSED, "Your prompt was flagged by our usage policy."),
    _response("bio_policy", Kind.REFUSED, "This request may be about biological threats."),
    _response("misalignment_policy_violation", Kind.REFUSED, "This request was blocked."),
)
COMPATIBLE = (
    TrueError(
        "Ollama",
        404,
        {
            "error": {
                "message": 'model "llama3" not found, try pulling it first',
                "type": "api_error",
                "param": None,
                "code": None,
            }
        },
        Kind.MODEL,
    ),
    _vllm(404, Kind.MODEL, "The model `llama3` does not exist.", "NotFoundError"),
    _vllm(
        400,
        Kind.TOO_LONG,
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens"
        " (112946 in the messages, 10000 in the completion). Please reduce the length of the"
        " messages or completion.",
        "BadRequestError",
    ),
    _vllm(400, Kind.PARAMETER, "max_tokens must be at least 1, got -186.", "BadRequestError"),
    _openrouter(401, Kind.KEY, "No auth credentials found"),
    _openrouter(
        402,
        Kind.QUOTA,
        "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
        limit_source="openrouter_credits",
    ),
    _openrouter(
        403,
        Kind.REFUSED,
        "Your chosen model requires moderation and your input was flagged",
        reasons=["violence"],
        flagged_input="...",
        provider_name="OpenAI",
        model_slug="openai/gpt-4o",
    ),
    _openrouter(404, Kind.MODEL, "No endpoints found for meta-llama/llama-3-8b."),
    _openrouter(429, Kind.THROTTLED, "Rate limit exceeded: free-models-per-min."),
    _openrouter(502, Kind.SERVER, "Provider returned error", provider_name="DeepInfra"),
    _openrouter(200, Kind.SERVER, "Provider returned error", 502, provider_name="DeepInfra"),
    # The answer had begun when its source went away.
    TrueError(
        "OpenRouter",
        200,
        {
            "id": "gen-1732700000-a1b2c3",
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "## Reading maps\n\nA map is"},
                    "finish_reason": "error",
                    "native_finish_reason": "error",
                    "error": {"code": 502, "message": "Upstream connection was lost"},
                }
            ],
            "usage": {"prompt_tokens": 812, "completion_tokens": 9, "total_tokens": 821},
        },
        Kind.SERVER,
    ),
)
RUNWARE = (
    TrueError(
        "Runware",
        401,
        {
            "errors": [
                {
                    "code": "invalidApiKey",
                    "message": "Invalid API key. Get one at https://my.runware.ai/signup",
                    "parameter": "apiKey",
                    "taskType": "authentication",
                }
            ]
        },
        Kind.KEY,
    ),
    _runware(402, Kind.QUOTA, "insufficientCredits", "Insufficient credits."),
    _runware(429, Kind.THROTTLED, "rateLimitExceeded", "Too many requests."),
    _runware(400, Kind.MODEL, "invalidModel", "Unknown model.", "model"),
    _runware(
        400,
        Kind.INVALID,
        "invalidWidth",
        "Invalid value for 'width' parameter. Image width must be an integer value between 128 and"
        " 2048, in multiples of '64'.",
        "width",
    ),
    _runware(
        400,
        Kind.INVALID,
        "invalidPositivePrompt",
        "Invalid value for 'positivePrompt' parameter. The prompt must be between 2 and 3000"
        " characters.",
        "positivePrompt",
    ),
    _runware(
        400,
        Kind.INVALID,
        "invalidTaskUUID",
        "Invalid value for 'taskUUID' parameter. It must be a UUIDv4 string.",
        "taskUUID",
    ),
    _runware(
        400,
        Kind.PARAMETER,
        "unsupportedParameter",
        "Unsupported use of 'negativePrompt' parameter. This parameter is not supported by this"
        " model.",
        "negativePrompt",
    ),
    _runware(
        504,
        Kind.SERVER,
        "timeoutProvider",
        "The external provider did not respond within the timeout window.",
    ),
    # Errors are told per task: the request as a whole may have gone well.
    _runware(200, Kind.SERVER, "timeoutProvider", "The external provider did not respond."),
    TrueError(
        "Runware",
        200,
        {
            "data": [
                {
                    "taskType": "imageInference",
                    "taskUUID": str(TASK),
                    "imageUUID": "77da2d99-a6d3-44d9-b8c0-ae9fb06b6200",
                    "imageURL": "https://im.runware.ai/image/ws/0.5/ii/77da2d99.webp",
                    "seed": 4242,
                    "NSFWContent": True,
                    "cost": 0.0038,
                }
            ]
        },
        Kind.REFUSED,
        asked="picture",
    ),
    TrueError(
        "Runware",
        200,
        {
            "data": [
                {
                    "taskType": "getResponse",
                    "taskUUID": str(TASK),
                    "status": "processing",
                }
            ]
        },
        Kind.AT_WORK,
        asked="picture",
    ),
)
ALL = (*OPENAI, *COMPATIBLE, *RUNWARE)
