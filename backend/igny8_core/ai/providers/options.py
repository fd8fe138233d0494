"""Options that a model at an address does not take: left out once it has said so.

Remembered for as long as the process lives, so that of a run's items only those already under
way ask in vain.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest, Endpoint

#: What a request can do without.
OPTIONAL = {
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
    "prompt_cache_key",
    "dimensions",
}
#: The same wish under its other name, tried before it is given up.
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_SCHEMA = "json_schema"
#: How OpenAI, its like and Runware call an option that they take in no case.
_NO_SUCH_OPTION = re.compile(r"(unsupported|unknown)_?parameter", re.IGNORECASE)
#: By endpoint and model: an option and the value that was refused, None for whatever value.
_refused: dict[tuple[Endpoint, str], frozenset[tuple[str, str | None]]] = {}


def accepted(request: AIRequest, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options without what the model there has refused, or with what it takes instead."""
    refused = _refused.get(_place(request), frozenset())
    wanted = dict(options)
    if (_SCHEMA, None) in refused and _is_schema(wanted):
        wanted["response_format"] = {"type": "json_object"}
    unfit = {name for name, value in wanted.items() if _is_refused(name, value, refused)}
    fit = {name: value for name, value in wanted.items() if name not in unfit}
    for name in unfit & _OTHER_NAME.keys():
        if not _is_refused(other := _OTHER_NAME[name], wanted[name], refused):
            fit[other] = wanted[name]
    return fit


def learnt(failure: CallFailed, request: AIRequest, sent: Mapping[str, Any]) -> CallFailed:
    """The failure; where it names an option that was sent and is not needed, one to ask again."""
    name = _meant(str(failure.extra.get("param") or ""), sent)
    if failure.kind is not Kind.INVALID or name not in sent or name not in OPTIONAL:
        return failure
    place = _place(request)
    _refused[place] = _refused.get(place, frozenset()) | {_lesson(failure, name, sent)}
    return failed(Kind.PARAMETER, code=failure.provider_code, status=failure.http_status)


def _is_refused(name: str, value: Any, refused: Collection[tuple[str, str | None]]) -> bool:
    return (name, None) in refused or (name, repr(value)) in refused


def _meant(param: str, sent: Mapping[str, Any]) -> str:
    """Our name of the option: Responses has others, and tells where within it something is."""
    match param.split("."):
        case ["text" | "response_format" | "json_schema", *_]:
            return "response_format"
        case ["reasoning", *_]:
            return "reasoning_effort"
        case ["max_output_tokens"]:
            return next((name for name in _OTHER_NAME if name in sent), param)
        case [*_, name]:
            return name
    return param


def _lesson(failure: CallFailed, name: str, sent: Mapping[str, Any]) -> tuple[str, str | None]:
    """What is refused: the option, or only the value that it had."""
    if name == "response_format" and _is_schema(sent):
        return _SCHEMA, None
    whatever = _NO_SUCH_OPTION.fullmatch(failure.provider_code)
    return name, None if whatever else repr(sent[name])


def _is_schema(options: Mapping[str, Any]) -> bool:
    wanted = options.get("response_format")
    return isinstance(wanted, Mapping) and wanted.get("type") == _SCHEMA


def _place(request: AIRequest) -> tuple[Endpoint, str]:
    """Key and all: what one account's server says is no lesson for another's."""
    return request.endpoint, request.model
