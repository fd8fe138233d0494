"""OpenAI, and every endpoint that speaks its Chat Completions and Images formats.

Requests go through the official SDK with its own retries off; answers are taken as bytes, so
that the journal holds what the provider really sent.
"""

import base64
import binascii
import json
import time
from dataclasses import replace
from functools import lru_cache
from typing import Any

import httpx2
import openai

from igny8_core.ai import catalogue
from igny8_core.ai.cost import Usage
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import options
from igny8_core.ai.providers.transport import (
    check_is_api,
    client_for,
    failed,
    from_status,
    from_transport,
    probe_timeouts,
    timeouts,
    tokens_told,
)
from igny8_core.ai.requests import AIRequest, Answer, Endpoint

_JPEG = {"jpg": "jpeg"}


@lru_cache(maxsize=64)
def _sdk(base_url: str, api_key: str) -> openai.OpenAI:
    return openai.OpenAI(
        api_key=api_key,
        base_url=base_url,
        max_retries=0,
        http_client=client_for(base_url, api_key),
    )


class OpenAIProvider:
    """Chat Completions for text, Images for pictures."""

    name = "openai"
    default_url = "https://api.openai.com/v1"
    pays_once = False

    def connect(self, endpoint: Endpoint) -> None:
        """Make the client that all calls share."""
        _sdk(endpoint.base_url, endpoint.api_key)

    def send(self, request: AIRequest) -> Answer:
        """One attempt; raises CallFailed."""
        path, wanted = _picture(request) if request.picture else _chat(request)
        body = options.accepted(request, wanted)
        started = time.monotonic()
        try:
            response = self._post(request, path, body)
        except CallFailed as failure:
            raise options.learnt(failure, request, body) from None
        answer = self.read(response.content)
        return _with_call(answer, response.headers.get("x-request-id", ""), started)

    def read(self, body: bytes) -> Answer:
        """The answer in a body; raises CallFailed where it is not in the provider's format."""
        try:
            parsed = json.loads(body)
            return _picture_answer(parsed, body) if "data" in parsed else _chat_answer(parsed, body)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise failed(Kind.UNREADABLE) from None

    def check(self, endpoint: Endpoint) -> None:
        """List the models: free, and it proves address and key."""
        client = _sdk(endpoint.base_url, endpoint.api_key)
        models = _call(
            lambda: client.get(
                "/models", cast_to=httpx2.Response, options={"timeout": probe_timeouts()}
            )
        )
        check_is_api(models.content)

    def _post(self, request: AIRequest, path: str, body: dict[str, Any]) -> httpx2.Response:
        client = _sdk(request.endpoint.base_url, request.endpoint.api_key)
        return _call(
            lambda: client.post(
                path,
                cast_to=httpx2.Response,
                body=body,
                options={"headers": request.headers, "timeout": timeouts(request.timeout)},
            )
        )


def _call(send: Any) -> httpx2.Response:
    """Send, and translate what the SDK raises."""
    try:
        response: httpx2.Response = send()
        response.read()
    except openai.APIStatusError as error:
        response = error.response
        raise from_status(response.status_code, response.content, response.headers) from None
    except openai.APIConnectionError as error:
        raise from_transport(error.__cause__) from None
    except httpx2.TransportError as error:
        raise from_transport(error) from None
    return response


def _chat(request: AIRequest) -> tuple[str, dict[str, Any]]:
    model = catalogue.find(request.model)
    body: dict[str, Any] = {"model": request.model, "messages": request.messages}
    if model and model.reasoning:
        # Reasoning models bill their thoughts as output and take no sampling parameters beside it.
        body |= {"max_completion_tokens": request.max_tokens, "reasoning_effort": "none"}
    else:
        body |= {"max_tokens": request.max_tokens, "temperature": request.temperature}
    if request.response_format != "text":
        body["response_format"] = _response_format(request)
    return "/chat/completions", body


def _response_format(request: AIRequest) -> dict[str, Any]:
    """The shape where it is known and wanted, else any JSON object.

    Not strict: that mode refuses optional fields, which answers here may leave out.
    """
    if request.response_format != "json_schema" or request.schema is None:
        return {"type": "json_object"}
    shape = {"name": request.function_name, "schema": request.schema, "strict": False}
    return {"type": "json_schema", "json_schema": shape}


def _picture(request: AIRequest) -> tuple[str, dict[str, Any]]:
    order = request.picture
    assert order is not None
    return "/images/generations", {
        "model": request.model,
        "prompt": order.prompt,
        "n": 1,
        "size": order.size,
        "output_format": _JPEG.get(order.format, order.format),
    }


def _chat_answer(parsed: dict[str, Any], body: bytes) -> Answer:
    choice = parsed["choices"][0]
    message = choice["message"]
    refusal = message.get("refusal")
    return Answer(
        body=body,
        text=str(message.get("content") or ""),
        finish_reason="refusal" if refusal else str(choice.get("finish_reason") or "stop"),
        usage=_usage(parsed.get("usage"), "prompt_tokens", "completion_tokens"),
        model=str(parsed.get("model") or ""),
    )


def _picture_answer(parsed: dict[str, Any], body: bytes) -> Answer:
    picture = parsed["data"][0]
    encoded = picture.get("b64_json")
    try:
        data = base64.b64decode(encoded, validate=True) if encoded else None
    except binascii.Error:
        raise failed(Kind.UNREADABLE) from None
    kept = {**parsed, "data": [{"url": picture.get("url")} if picture.get("url") else {}]}
    return Answer(
        body=json.dumps(kept).encode(),
        usage=_usage(parsed.get("usage"), "input_tokens", "output_tokens"),
        picture_data=data,
        picture_url="" if data else str(picture["url"]),  # no picture at all: unreadable
    )


def _usage(usage: Any, sent: str, received: str) -> Usage:
    """Tokens as the provider counts them; what is not a number of tokens counts as none."""
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get(f"{sent}_details")
    details = details if isinstance(details, dict) else {}
    return Usage(
        input=tokens_told(usage.get(sent)),
        output=tokens_told(usage.get(received)),
        cached=tokens_told(details.get("cached_tokens")),
        cache_write=tokens_told(details.get("cache_write_tokens")),
    )


def _with_call(answer: Answer, request_id: str, started: float) -> Answer:
    latency = int((time.monotonic() - started) * 1000)
    return replace(answer, provider_request_id=request_id[:200], latency_ms=latency)
