"""OpenAI's two interfaces for text: the same question in other words, the same ends told apart."""

import json
import threading
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from igny8_core.ai import journal
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import options, responses
from igny8_core.ai.providers.openai import OpenAIProvider
from igny8_core.ai.providers.transport import from_status
from igny8_core.ai.requests import Endpoint
from igny8_core.ai.shapes import shape_of
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration
from tests.ai.runs import (
    Titled,
    a_cluster,
    a_content,
    a_task,
    calls_of,
    ended,
    errors_of,
    some_keywords,
    some_tasks,
    states_of,
)
from tests.ai.test_calls import request_with

INTERFACES = {"chat_completions": "chat", "responses": "responses"}


@pytest.fixture(params=INTERFACES)
def interface(request, account, sandbox):
    """Each of the two, as the account's choice."""
    speak(account, request.param)
    return request.param


@pytest.fixture
def sent(monkeypatch):
    """The bodies of the requests, in their order."""
    bodies = []
    post = OpenAIProvider._post

    def watched(self, request, path, body):
        bodies.append((path, body))
        return post(self, request, path, body)

    monkeypatch.setattr(OpenAIProvider, "_post", watched)
    return bodies


def speak(account, interface, **config):
    openai = IntegrationSettings.Type.OPENAI
    set_integration(account, openai, {"config": {"interface": interface, **config}}, functions=[])


def of(function_name, account):
    match function_name:
        case "auto_cluster":
            return some_keywords(account, "red shoes", "blue shoes", "tax forms")
        case "generate_ideas":
            return [a_cluster(account, "Maps", "map of rome", "map of paris")]
        case "generate_content":
            return [a_task(account)]
        case _:
            return [a_content(account)]


@pytest.mark.parametrize(
    "function_name",
    ["auto_cluster", "generate_ideas", "generate_content", "generate_image_prompts"],
)
def test_every_text_function_holds_the_model_to_its_answer_s_schema(
    function_name, interface, account, sandbox, sent
):
    """The stand-in refuses a strict schema that leaves anything open, as OpenAI does."""
    run = ended(function_name, of(function_name, account))
    assert set(states_of(run)) == {"SUCCESS"}, errors_of(run)
    assert not [call for call in calls_of(run) if call.error_kind]
    kinds = {entry.kind for entry in sandbox.ledger.entries()}
    assert kinds == {INTERFACES[interface]}
    for path, body in sent:
        wanted = (
            body["text"]["format"]
            if path == "/responses"
            else body["response_format"]["json_schema"]
        )
        assert (wanted["name"], wanted["strict"]) == (function_name, True)
    assert all(call.tokens_input and call.cost for call in calls_of(run))


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("refusal", "refused"),
        ("content_filter", "refused"),
        ("truncate", "output_truncated"),
        ("malformed=plain", "bad_output"),
    ],
)
def test_how_an_answer_ended_is_told_apart(fault, end, interface, account, toy, sandbox):
    sandbox.script.add(fault)
    assert errors_of(ended("toy", some_tasks(account, 1))) == [end]


def test_a_journalled_answer_is_read_again_as_it_was(interface, account, toy, sandbox):
    (call,) = calls_of(ended("toy", some_tasks(account, 1)))
    assert "title" in json.loads(journal.read_again(call).text)


def test_what_a_model_does_not_know_is_asked_for_less_strictly_and_then_not_at_all(
    interface, account, toy, sandbox, sent, monkeypatch
):
    """Of a model that no catalogue knows: first the schema, then any object, then the prompt."""
    monkeypatch.setattr(toy, "answer_schema", Titled)
    speak(account, interface, model="a-model-of-ours")
    param = "text.format" if interface == "responses" else "response_format"
    sandbox.script.add({"error": "invalid_request", "param": param, "first": 2})
    for _ in range(2):
        assert states_of(ended("toy", some_tasks(account, 1))) == ["SUCCESS"]
    forms = [
        (body.get("response_format") or body.get("text", {}).get("format") or {}).get("type")
        for _, body in sent
    ]
    assert forms == ["json_schema", "json_object", None, None]


def test_nothing_is_kept_at_openai_s_of_a_question_to_responses(account, toy, sandbox, sent):
    speak(account, "responses")
    ended("toy", some_tasks(account, 1))
    ((_, body),) = sent
    assert body["store"] is False
    assert body["input"][0]["role"] == "user"
    assert body["max_output_tokens"] == 4096


def test_what_an_account_asks_of_one_kind_is_cached_under_one_key(
    account, world, toy, sandbox, sent
):
    ended("toy", some_tasks(account, 2))
    ended("toy", some_tasks(account, 1))
    ended("generate_content", [a_task(account)])
    keys = Counter(body["prompt_cache_key"] for _, body in sent)
    assert sorted(keys.values()) == [1, 3]
    assert str(account.pk) not in {key.removeprefix("igny8-") for key in keys}


def test_a_model_that_the_catalogue_does_not_know_is_sent_no_cache_key(account, toy, sandbox, sent):
    speak(account, "chat_completions", model="a-model-of-ours")
    ended("toy", some_tasks(account, 1))
    ((_, body),) = sent
    assert "prompt_cache_key" not in body


def test_the_operator_chooses_the_interface_where_the_account_has_not(
    account, toy, sandbox, settings
):
    settings.IGNY8_OPENAI_INTERFACE = "responses"
    ended("toy", some_tasks(account, 1))
    assert [entry.kind for entry in sandbox.ledger.entries()] == ["responses"]
    speak(account, "chat_completions")
    ended("toy", some_tasks(account, 1))
    assert [entry.kind for entry in sandbox.ledger.entries()] == ["responses", "chat"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("server_error", Kind.SERVER), ("rate_limit_exceeded", Kind.THROTTLED), (None, Kind.SERVER)],
)
def test_a_response_that_says_it_failed_is_no_answer(code, kind):
    body = {"object": "response", "status": "failed", "output": [], "error": {"code": code}}
    with pytest.raises(CallFailed) as failure:
        OpenAIProvider().read(json.dumps(body).encode())
    assert failure.value.kind is kind


def test_what_the_model_thought_before_it_answered_is_no_part_of_the_answer():
    said = {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    parsed = {"status": "completed", "output": [thought, said]}
    assert responses.answer(parsed, b"").text == "{}"


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        ("response_format json_schema is not supported", "response_format"),
        ("'max_tokens' is too large: 8192. This model has 4096", "max_tokens"),
        ("this server knows nothing of temperature", "temperature"),
    ],
)
def test_an_option_that_only_the_text_names_is_left_out_too(message, left_out, monkeypatch):
    """vLLM and its like name no `param`."""
    options._refused.clear()
    request = request_with("one")
    sent = {"max_tokens": 8192, "temperature": 0.7, "response_format": {"type": "json_object"}}
    body = json.dumps({"error": {"message": message, "param": None}}).encode()
    failure = options.learnt(from_status(400, body, {}), request, sent)
    assert failure.kind is Kind.PARAMETER
    assert left_out not in options.accepted(request, sent)


def test_a_schema_that_may_be_anything_is_not_asked_for_to_the_letter():
    class Loose(BaseModel):
        anything: Any

    class Held(BaseModel):
        title: str = "x"

    assert not shape_of(Loose).strict
    shape = shape_of(Held)
    assert shape.strict
    assert shape.schema["required"] == ["title"]
    assert shape.schema["additionalProperties"] is False


def test_usage_shows_what_was_read_from_the_provider_s_cache(account, world, toy, sandbox):
    """By the price of gpt-4o-mini: 200 fresh and 1,800 cached tokens in, 100 out."""
    usage = {"prompt_tokens": 2000, "completion_tokens": 100}
    usage["prompt_tokens_details"] = {"cached_tokens": 1800}
    message = {"role": "assistant", "content": '{"title": "Maps"}'}
    body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}
    sandbox.script.add({"raw": json.dumps(body), "billed": True})
    ended("toy", some_tasks(account, 2))
    rows = world.adam.api.get("billing/usage/").json()["results"]
    told = [(row["tokens_input"], row["tokens_cached"], row["tokens_output"]) for row in rows]
    assert told == [(2000, 1800, 100)] * 2
    cost = (200 * Decimal("0.15") + 1800 * Decimal("0.075") + 100 * Decimal("0.60")) / 1_000_000
    assert [Decimal(row["cost_usd"]) for row in rows] == [cost] * 2
    (summed,) = world.adam.api.get("billing/usage/?group_by=function").json()["results"]
    assert summed["tokens_cached"] == 3600


@pytest.fixture
def heads():
    """The headers of all requests to an address of the tests' own."""
    seen = []

    class Listing(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append({name.lower(): value for name, value in self.headers.items()})
            self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = {"choices": [{"message": {"content": "{}"}}]}
            body = json.dumps(answer if self.command == "POST" else {"data": []}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listing)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    seen_at = f"http://127.0.0.1:{server.server_port}/{uuid4()}"
    yield Endpoint("openai", seen_at, "sk-an-account-s"), seen
    server.shutdown()
    serving.join()
    server.server_close()


def test_nothing_of_the_operator_s_environment_is_sent_to_an_account_s_address(heads, monkeypatch):
    """The SDK would read each of these by itself."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-canary")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-canary")
    custom = "X-Gateway-Secret: canary\nAuthorization: Bearer canary\nX-IGNY8-Function: canary"
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", custom)
    endpoint, seen = heads
    provider = OpenAIProvider()
    provider.send(replace(request_with("one"), endpoint=endpoint))
    provider.check(endpoint)
    provider.models(endpoint)
    assert len(seen) == 3
    assert "canary" not in str(seen)
    assert {head["authorization"] for head in seen} == {"Bearer sk-an-account-s"}
    assert seen[0]["x-igny8-function"] == "toy"


@pytest.mark.parametrize(
    ("provider", "url", "label"),
    [
        ("openai", "https://api.openai.com/v1", "OpenAI"),
        ("openai", "https://openrouter.ai/api/v1", "openrouter.ai"),
        ("openai", "http://127.0.0.1:11434/v1", "127.0.0.1"),
        ("runware", "https://api.runware.ai/v1", "Runware"),
        ("runware", "https://api.openai.com/v1", "api.openai.com"),
        ("acme", "https://acme.example", "Acme"),
    ],
)
def test_an_endpoint_that_is_not_the_provider_s_own_goes_by_its_host(provider, url, label):
    assert Endpoint(provider, url, "key").label == label
    assert Endpoint(provider, url, "key", sandbox=True).label == "the sandbox"
