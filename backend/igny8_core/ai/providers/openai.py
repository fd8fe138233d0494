"""OpenAI, and every endpoint that speaks as it does (Ollama, vLLM, OpenRouter and the like).

Requests go through the official SDK with its own retries off; answers are taken as bytes, so
that the journal holds what the provider really sent.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import httpx2
import openai
from django.conf import settings

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import chat, embeddings, images, options, responses
from igny8_core.ai.providers.clients import Clients
from igny8_core.ai.providers.listed import Listed, listed_in
from igny8_core.ai.providers.transport import (
    check_is_api,
    failed,
    from_status,
    from_transport,
    new_client,
    probe_timeouts,
    timeouts,
)
from igny8_core.ai.requests import AIRequest, Answer, Endpoint


class _Client(openai.OpenAI):
    """The SDK's client without what it takes from the environment.

    Organisation, project and custom headers there are the operator's, and the address may be an
    account's.
    """

    @property
    def default_headers(self) -> dict[str, str | openai.Omit]:
        """What every request carries beside its key and our own headers."""
        json_only = {"Accept": "application/json", "Content-Type": "application/json"}
        return {**json_only, "User-Agent": self.user_agent, **self.platform_headers()}


def _new(base_url: str, api_key: str) -> openai.OpenAI:
    http = new_client(base_url, api_key)
    return _Client(api_key=api_key, base_url=base_url, max_retries=0, http_client=http)


_clients = Clients(_new)


class OpenAIProvider:
    """Chat Completions or Responses for text, Images for pictures, Embeddings for likeness."""

    name = "openai"
    default_url = "https://api.openai.com/v1"
    pays_once = False

    def connect(self, endpoint: Endpoint) -> None:
        """Make the client that all calls share."""
        with _clients.held(endpoint.base_url, endpoint.api_key):
            pass

    def send(self, request: AIRequest) -> Answer:
        """One attempt; raises CallFailed."""
        interface = _interface_of(request)
        wishes = options.accepted(request, interface.wishes(request))
        started = time.monotonic()
        try:
            response = self._post(request, interface.PATH, interface.body(request, wishes))
        except CallFailed as failure:
            raise options.learnt(failure, request, wishes) from None
        answer = self.read(response.content)
        return _with_call(answer, response.headers.get("x-request-id", ""), started)

    def read(self, body: bytes) -> Answer:
        """The answer in a body; raises CallFailed where it is not in the provider's format."""
        try:
            return _read(json.loads(body), body)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise failed(Kind.UNREADABLE) from None

    def check(self, endpoint: Endpoint) -> None:
        """List the models: free, and it proves address and key."""
        check_is_api(_listing(endpoint, probe_timeouts()))

    def models(self, endpoint: Endpoint) -> Listed:
        """The models it lists, with their shutdown dates where it tells them."""
        patience = timeouts(settings.IGNY8_PROVIDER_TIMEOUT_SECONDS)
        return listed_in(_listing(endpoint, patience))

    def _post(self, request: AIRequest, path: str, body: dict[str, Any]) -> httpx2.Response:
        return _call(
            request.endpoint,
            lambda client: client.post(
                path,
                cast_to=httpx2.Response,
                body=body,
                options={"headers": request.headers, "timeout": timeouts(request.timeout)},
            ),
        )


def _listing(endpoint: Endpoint, patience: httpx2.Timeout) -> bytes:
    """Its list of models, as it comes."""
    models = _call(
        endpoint,
        lambda client: client.get(
            "/models", cast_to=httpx2.Response, options={"timeout": patience}
        ),
    )
    return models.content


def _call(endpoint: Endpoint, send: Callable[[openai.OpenAI], httpx2.Response]) -> httpx2.Response:
    """Send, and translate what the SDK raises."""
    try:
        with _clients.held(endpoint.base_url, endpoint.api_key) as client:
            response = send(client)
            response.read()
    except openai.APIStatusError as error:
        response = error.response
        raise from_status(response.status_code, response.content, response.headers) from None
    except openai.APIConnectionError as error:
        raise from_transport(error.__cause__) from None
    except httpx2.RequestError as error:
        raise from_transport(error) from None
    return response


#: What the answer of each interface stands under.
_ANSWERS = {"choices", "output", "data"}


class _Interface(Protocol):
    """How one of the provider's interfaces is asked, and how it answers: a module of its own."""

    PATH: str

    def wishes(self, request: AIRequest) -> dict[str, Any]: ...
    def body(self, request: AIRequest, options: dict[str, Any]) -> dict[str, Any]: ...
    def answer(self, parsed: dict[str, Any], raw: bytes) -> Answer: ...


def _interface_of(request: AIRequest) -> _Interface:
    """Which of the provider's interfaces a request is for."""
    if request.picture:
        return images
    if request.texts:
        return embeddings
    return responses if request.interface == "responses" else chat


def _read(parsed: dict[str, Any], body: bytes) -> Answer:
    if parsed.get("error") and not _ANSWERS & parsed.keys():
        # OpenRouter's way of telling what went wrong once its 200 is sent.
        code = parsed["error"].get("code")
        raise from_status(code if isinstance(code, int) and code >= 400 else 500, body, {})
    if "data" in parsed and "embedding" in parsed["data"][0]:
        return embeddings.answer(parsed, body)
    if "data" in parsed:
        return images.answer(parsed, body)
    return responses.answer(parsed, body) if "output" in parsed else chat.answer(parsed, body)


def _with_call(answer: Answer, request_id: str, started: float) -> Answer:
    latency = int((time.monotonic() - started) * 1000)
    return replace(answer, provider_request_id=request_id[:200], latency_ms=latency)
