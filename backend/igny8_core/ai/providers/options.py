"""Options that a model at an address does not take: left out once it has said so.

Remembered for as long as the process lives, so that of a run's items only those already under
way ask in vain.
"""

from collections.abc import Mapping
from typing import Any

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest

#: What a request can do without.
_OPTIONAL = {
    "temperature",
    "response_format",
    "reasoning_effort",
    "max_tokens",
    "max_completion_tokens",
    "output_format",
    "maxTokens",
    "negativePrompt",
    "outputFormat",
    "includeUsage",
}
#: The same wish under its other name, tried before it is given up.
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_SCHEMA = "json_schema"
_refused: dict[tuple[str, str, str], frozenset[str]] = {}


def accepted(request: AIRequest, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options without what the model there has refused, or with what it takes instead."""
    refused = _refused.get(_place(request), frozenset())
    fit = {name: value for name, value in options.items() if name not in refused}
    for name in refused & options.keys() & _OTHER_NAME.keys():
        if _OTHER_NAME[name] not in refused:
            fit[_OTHER_NAME[name]] = options[name]
    if _SCHEMA in refused and _is_schema(fit):
        fit["response_format"] = {"type": "json_object"}
    return fit


def learnt(failure: CallFailed, request: AIRequest, sent: Mapping[str, Any]) -> CallFailed:
    """The failure; where it names an option that was sent and is not needed, one to ask again."""
    name = str(failure.extra.get("param") or "").rpartition(".")[2]
    if failure.kind is not Kind.INVALID or name not in sent or name not in _OPTIONAL:
        return failure
    refused = _SCHEMA if name == "response_format" and _is_schema(sent) else name
    place = _place(request)
    _refused[place] = _refused.get(place, frozenset()) | {refused}
    return failed(Kind.PARAMETER, code=failure.provider_code, status=failure.http_status)


def _is_schema(options: Mapping[str, Any]) -> bool:
    wanted = options.get("response_format")
    return isinstance(wanted, Mapping) and wanted.get("type") == _SCHEMA


def _place(request: AIRequest) -> tuple[str, str, str]:
    return request.endpoint.provider, request.endpoint.base_url, request.model
