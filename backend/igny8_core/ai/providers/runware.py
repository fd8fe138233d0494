"""Runware over its REST interface: an array of tasks in one POST, answered by data and errors.

A task's `taskUUID` is ours and stable: sent again after a lost answer it is refused as a
conflict, and `getResponse` gives what the first one made, so that nothing is paid for twice.
"""

import base64
import binascii
import json
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2

from igny8_core.ai.cost import Usage
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import options
from igny8_core.ai.providers.clients import Clients
from igny8_core.ai.providers.ends import ended
from igny8_core.ai.providers.listed import Listed
from igny8_core.ai.providers.tokens import tokens_told, usage_told
from igny8_core.ai.providers.transport import (
    check_is_api,
    failed,
    from_status,
    from_transport,
    new_client,
    probe_timeouts,
    timeouts,
)
from igny8_core.ai.requests import AIRequest, Answer, Endpoint, PictureOrder

#: Where a picture stands in an answer: inside it, or under an address.
_INSIDE = ("imageBase64Data", "imageDataURI")
_PICTURES = {*_INSIDE, "imageURL"}
_clients = Clients(new_client)
_STEP, _LEAST, _MOST = 64, 128, 2048


class RunwareProvider:
    """`imageInference` for pictures, `textInference` for text."""

    name = "runware"
    default_url = "https://api.runware.ai/v1"
    pays_once = True

    def connect(self, endpoint: Endpoint) -> None:
        """Make the client that all calls share."""
        with _clients.held(endpoint.base_url, endpoint.api_key):
            pass

    def send(self, request: AIRequest) -> Answer:
        """One attempt; raises CallFailed. A conflict fetches what the same task made before."""
        started = time.monotonic()
        task = _picture_task(request) if request.picture else _text_task(request)
        try:
            body = self._post(request.endpoint, [task], request.headers, timeouts(request.timeout))
            answer = _read(body, request.question_id)
        except CallFailed as error:
            if error.provider_code != "conflictTaskUUID":
                raise options.learnt(error, request, {**task, **task.get("settings", {})}) from None
            known = {"taskType": "getResponse", "taskUUID": str(request.question_id)}
            body = self._post(request.endpoint, [known], request.headers, timeouts(request.timeout))
            answer = _read(body, request.question_id)
        return replace(answer, latency_ms=int((time.monotonic() - started) * 1000))

    def read(self, body: bytes) -> Answer:
        """The answer in a body; raises CallFailed for the task's error, or an unreadable one."""
        return _read(body)

    def check(self, endpoint: Endpoint) -> None:
        """Ask only to be let in: free, and it proves address and key."""
        task = {"taskType": "authentication", "apiKey": endpoint.api_key}
        body = self._post(endpoint, [task], {}, probe_timeouts())
        check_is_api(body)
        if b'"errors"' in body:
            raise from_status(400, body, {})

    def models(self, endpoint: Endpoint) -> Listed:
        """Nothing: it has no list of models with shutdown dates."""
        return Listed(ids=(), dates={})

    def _post(
        self,
        endpoint: Endpoint,
        tasks: list[dict[str, Any]],
        headers: dict[str, str],
        timeout: httpx2.Timeout,
    ) -> bytes:
        url = endpoint.base_url
        try:
            with _clients.held(url, endpoint.api_key) as client:
                response = client.post(url, json=tasks, headers=headers, timeout=timeout)
        except httpx2.RequestError as error:
            raise from_transport(error) from None
        if response.status_code >= 400:
            raise from_status(response.status_code, response.content, response.headers)
        return response.content


def fitting(side: int) -> int:
    """The side that Runware takes: a multiple of 64 between 128 and 2048 pixels."""
    return min(max(round(side / _STEP) * _STEP, _LEAST), _MOST)


def _picture_task(request: AIRequest) -> dict[str, Any]:
    order = request.picture
    assert order is not None
    return {
        "taskType": "imageInference",
        "taskUUID": str(request.question_id),
        "model": request.model,
        "positivePrompt": order.prompt,
        "width": fitting(order.width),
        "height": fitting(order.height),
        "numberResults": 1,
        "outputType": "URL",
        "includeCost": True,
        **options.accepted(request, _wishes(order)),
    }


def _wishes(order: PictureOrder) -> dict[str, str]:
    wishes = {"outputFormat": order.format.upper(), "negativePrompt": order.negative_prompt}
    return {name: value for name, value in wishes.items() if value}


def _text_task(request: AIRequest) -> dict[str, Any]:
    limits = {"maxTokens": request.max_tokens, "temperature": request.temperature}
    settings = options.accepted(request, {**limits, "includeUsage": True})
    # It stands beside the settings, and may be refused as they may.
    beside = {name: settings.pop(name) for name in ("includeUsage",) if name in settings}
    return {
        "taskType": "textInference",
        "taskUUID": str(request.question_id),
        "model": request.model,
        "messages": request.messages,
        "settings": settings,
        "includeCost": True,
        **beside,
    }


def _read(body: bytes, task: UUID | None = None) -> Answer:
    """The answer to a task, or to whichever there is one to."""
    try:
        parsed = json.loads(body)
        results = [one for one in parsed.get("data") or () if _is_of(one, task)]
        if not results and parsed.get("errors"):
            raise from_status(400, body, {})
        if len(parsed["data"]) > 1:
            # What is read again from the journal is this one.
            body = json.dumps({"data": results[:1]}).encode()
        return _answer(results[0], body)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise failed(Kind.UNREADABLE) from None


def _is_of(result: dict[str, Any], task: UUID | None) -> bool:
    """Whether a result is one of inference, and of this task as far as it says so."""
    told = result.get("taskUUID")
    is_other = task is not None and told is not None and str(told).lower() != str(task)
    return not is_other and result.get("taskType") != "authentication"


def _answer(result: dict[str, Any], body: bytes) -> Answer:
    if result.get("status") == "processing":
        raise failed(Kind.AT_WORK, code="processing", retry_after=2)
    answer = Answer(
        body=body,
        text=str(result.get("text") or ""),
        usage=_usage(result.get("usage")),
        stated_cost=_cost(result.get("cost")),
        provider_request_id=str(result.get("imageUUID") or "")[:200],
    )
    if result.get("NSFWContent"):
        # Made and paid for, and not to be shown.
        return replace(answer, finish_reason="content_filter")
    answer = ended(answer, result.get("finishReason"))
    is_picture = result.get("taskType") == "imageInference" or _PICTURES & result.keys()
    return _with_picture(answer, result) if is_picture else answer


def _with_picture(answer: Answer, result: dict[str, Any]) -> Answer:
    """With the bytes, or where they are; the journal keeps the rest of the answer."""
    kept = {name: value for name, value in result.items() if name not in _INSIDE}
    answer = replace(answer, body=json.dumps({"data": [kept]}).encode())
    encoded = next((str(result[name]) for name in _INSIDE if result.get(name)), "")
    try:
        # A data URI tells its type before the comma.
        data = base64.b64decode(encoded.rpartition(",")[2], validate=True) or None
    except binascii.Error:
        raise failed(Kind.UNREADABLE, paid=answer) from None
    return replace(answer, picture_data=data, picture_url="" if data else str(result["imageURL"]))


def _usage(told: Any) -> Usage:
    """Thoughts are output, and stand beside it where the total says so."""
    usage = usage_told(told, "promptTokens", "completionTokens")
    thoughts = tokens_told(told.get("thinkingTokens")) if isinstance(told, dict) else None
    if thoughts and tokens_told(told.get("totalTokens")) == usage.total + thoughts:
        return replace(usage, output=usage.output + thoughts)
    return usage


def _cost(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and 0 <= value < 1e6 else None
