"""What goes wrong between us and a provider: what is sent again, when, and how often."""

import json
import re
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx2
import pytest

from igny8_core.ai import fanout, inbox, retries
from igny8_core.ai.ai_core import AICore, endpoint_for
from igny8_core.ai.failures import TEXTS, CallFailed, Kind
from igny8_core.ai.functions.generate_content import GenerateContentFunction
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.providers import options, transport
from igny8_core.ai.providers import runware as runware_provider
from igny8_core.ai.providers.retry_after import retry_after
from igny8_core.ai.providers.transport import from_status
from igny8_core.ai.requests import AIRequest, Endpoint
from igny8_core.ai.retries import History, pause_after
from igny8_core.ai.tasks import retry
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_image_config, set_integration
from tests.ai.runs import (
    Titled,
    an_image,
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_tasks,
    states_of,
    usage_of,
    worked,
)


@pytest.fixture
def hurried(monkeypatch):
    """The rules as they are, their pauses a hundredth as long."""

    def shorter(*given):
        pause = pause_after(*given)
        return pause and pause / 100

    monkeypatch.setattr("igny8_core.ai.recourse.pause_after", shorter)


@pytest.mark.parametrize(
    "kind", ["retry_after=1", "retry_after_ms=900", "retry_after=date:2", "reset_tokens=1s"]
)
def test_a_rate_limit_is_waited_for_as_told(kind, account, toy, sandbox):
    sandbox.script.add(f"429 first=2 {kind}")
    run = ended("toy", some_tasks(account, 2))
    assert states_of(run) == ["SUCCESS"] * 2
    entries = sandbox.ledger.entries(kind="chat")
    refused = [entry.time for entry in entries if entry.status == 429]
    again = [entry.time for entry in entries if entry.status == 200]
    assert len(refused) == len(again) == 2
    assert min(again) - max(refused) >= 0.85
    assert [item.attempts for item in items_of(run)] == [2, 2]


def test_waiting_for_a_rate_limit_uses_no_attempt(account, toy, sandbox, hurried):
    sandbox.script.add("429 first=9 retry_after=0.05")
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"]
    assert len(calls_of(run)) == 10


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 9.0),
        ({"x-ratelimit-reset-requests": "1s", "retry-after-ms": "20"}, 1.0),
        ({"x-ratelimit-reset-requests": "20ms", "x-ratelimit-reset-tokens": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset-tokens": "7"}, 7.0),
        ({"x-ratelimit-reset-tokens": "soon", "x-ratelimit-reset-requests": "-1s"}, None),
        ({"retry-after": "9999"}, 9999.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, None),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers, seconds):
    assert retry_after(429, headers) == seconds


def test_when_the_budget_is_full_again_matters_to_a_refusal_alone():
    assert retry_after(500, {"x-ratelimit-reset-tokens": "6m0s"}) is None


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (401, b"", {}, Kind.KEY),
        (403, b"{}", {}, Kind.KEY),
        (402, b"", {}, Kind.QUOTA),
        (429, b'{"error": {"type": "insufficient_quota"}}', {}, Kind.QUOTA),
        (429, b'{"error": {"code": "credit_balance_exhausted"}}', {}, Kind.QUOTA),
        (429, b'{"error": {"code": "project_spend_limit_exceeded"}}', {}, Kind.QUOTA),
        (403, b'{"error": {"code": "organization_usage_limit_exceeded"}}', {}, Kind.QUOTA),
        (429, b'{"error": {"code": "rate_limit_exceeded"}}', {}, Kind.THROTTLED),
        (429, b"<html>", {}, Kind.THROTTLED),
        (404, b'{"error": {"code": "model_not_found"}}', {}, Kind.MODEL),
        (400, b'{"error": {"code": "context_length_exceeded"}}', {}, Kind.TOO_LONG),
        (400, b'{"error": {"code": "content_policy_violation"}}', {}, Kind.REFUSED),
        (400, b'{"error": {"code": null, "type": "invalid_request_error"}}', {}, Kind.INVALID),
        (400, b"", {"x-should-retry": "true"}, Kind.SERVER),
        (503, b"", {"x-should-retry": "false"}, Kind.INVALID),
        (500, b"\xff\xfe", {}, Kind.SERVER),
        (529, b"[]", {}, Kind.SERVER),
        (408, b'{"error": "a text"}', {}, Kind.SERVER),
        (400, b'{"errors": [{"code": "invalidApiKey"}]}', {}, Kind.KEY),
        (400, b'{"errors": [{"code": "insufficientCredits"}]}', {}, Kind.QUOTA),
        (400, b'{"errors": [{"code": "timeoutProvider"}]}', {}, Kind.SERVER),
        (400, b"[" * 100_000, {}, Kind.INVALID),
    ],
)
def test_an_error_is_read_by_type_then_code_then_status(status, body, headers, kind):
    failure = from_status(status, body, headers)
    assert failure.kind is kind
    assert "html" not in failure.detail


@pytest.mark.parametrize("fault", ["invalid_api_key", "insufficient_quota", "model_not_found"])
def test_what_every_item_would_meet_ends_the_others_without_a_call(
    fault, account, toy, sandbox, settings, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    pool = fanout.Pool(2)
    sandbox.script.add(fault)
    run = ended("toy", some_tasks(account, 9))
    kind = {"invalid_api_key": "key", "insufficient_quota": "quota", "model_not_found": "model"}
    assert errors_of(run) == [kind[fault]] * 9
    assert run.error["code"] == kind[fault]
    assert "retry" in run.error["detail"].lower()
    assert len(sandbox.ledger.entries(kind="chat")) <= 2
    assert len(calls_of(run)) == len(sandbox.ledger.entries(kind="chat"))
    assert sum(item.attempts for item in items_of(run)) == len(calls_of(run))
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    sandbox.script.clear()
    assert ended("toy", some_tasks(account, 1)).state == "SUCCESS"


def test_a_worker_that_dies_of_a_quota_error_leaves_no_call_to_the_next_claim(
    account, toy, sandbox, settings, monkeypatch
):
    class PulledPlug(BaseException):
        pass

    def plug(*given):
        raise PulledPlug

    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    sandbox.script.add("insufficient_quota")
    run = begun("toy", some_tasks(account, 5))
    with monkeypatch.context() as patched:
        patched.setattr("igny8_core.ai.recourse.Recourse.after_call", plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    assert errors_of(worked(run)) == ["quota"] * 5
    assert len(sandbox.ledger.entries(kind="chat")) == 1
    assert ledger.balance(account) == ledger.Balance(1000, 0)


@pytest.mark.parametrize("fault", ["server_error", "bad_gateway", "site_overloaded", "conflict"])
def test_a_server_error_is_tried_four_times(fault, account, toy, sandbox, hurried):
    sandbox.script.add(fault)
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["server"]
    assert len(sandbox.ledger.entries(kind="chat")) == 4
    assert [call.purpose for call in calls_of(run)] == ["first", "retry", "retry", "retry"]


def test_a_server_error_that_passes_costs_nothing(account, toy, sandbox, hurried, settings):
    settings.IGNY8_ITEM_ATTEMPTS = 2
    sandbox.script.add("503 first=1")
    assert states_of(ended("toy", some_tasks(account, 1))) == ["SUCCESS"]


@pytest.mark.parametrize(
    ("fault", "calls", "code"),
    [
        ("reset_after", 3, "lost"),
        ("cut", 3, "lost"),
        ("hang", 3, "lost"),
        ("raw=html", 2, "unreadable"),
        ("raw=empty", 2, "unreadable"),
        ("raw=null", 2, "unreadable"),
        ("raw=list", 2, "unreadable"),
        ("raw=no_choices", 2, "unreadable"),
    ],
)
def test_what_may_have_been_paid_for_is_sent_again_at_most_twice(
    fault, calls, code, account, toy, sandbox, hurried, settings
):
    settings.IGNY8_PROVIDER_TIMEOUT_SECONDS = 0.5 if fault == "hang" else 20
    sandbox.script.add(fault)
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == [code]
    assert len(sandbox.ledger.entries(kind="chat")) == calls
    assert [call.state for call in calls_of(run)] == ["unknown"] * calls
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_a_lost_answer_is_asked_for_once_more(account, toy, sandbox, hurried):
    sandbox.script.add("reset_after first=1")
    run = ended("toy", some_tasks(account, 1))
    assert [call.state for call in calls_of(run)] == ["unknown", "ok"]


def test_nothing_is_sent_where_nobody_listens(account, toy, settings, hurried):
    settings.IGNY8_SANDBOX_URL = "http://127.0.0.1:9"
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["unreachable"]
    assert len(calls_of(run)) == 4


def test_without_a_provider_the_run_says_what_to_do(account, toy, settings):
    settings.IGNY8_SANDBOX_URL = ""
    run = ended("toy", some_tasks(account, 2))
    assert errors_of(run) == ["not_configured"] * 2
    assert "OPENAI_API_KEY" in run.error["detail"]
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_an_account_s_own_key_never_goes_to_the_sandbox(account, toy, sandbox, settings, hurried):
    settings.OPENAI_BASE_URL = ""
    set_integration(
        account,
        IntegrationSettings.Type.OPENAI,
        {"api_key": "sk-of-alice-12345"},
        functions=["toy"],
    )
    endpoint = endpoint_for(account, "openai")
    assert endpoint.base_url == "https://api.openai.com/v1"
    assert not endpoint.sandbox
    assert "alice" not in repr(endpoint)


# --- options that a model does not take --------------------------------------------------------


@pytest.fixture
def one_at_a_time(monkeypatch):
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))


def asked_of(account, provider="openai", **config):
    set_integration(
        account,
        IntegrationSettings.Type(provider),
        {"config": {"functions": {"toy": config}}},
        functions=["toy"],
    )


def test_an_option_that_a_model_refuses_is_left_out_for_every_item_after_it(
    account, toy, sandbox, one_at_a_time
):
    """A model that no catalogue knows, and that takes neither max_tokens nor a temperature."""
    asked_of(account, model="gpt-7-mini")
    run = ended("toy", some_tasks(account, 3))
    assert states_of(run) == ["SUCCESS"] * 3, errors_of(run)
    assert [entry.status for entry in sandbox.ledger.entries(kind="chat")] == [400, 400, *[200] * 3]
    assert sorted(call.error_kind for call in calls_of(run)) == ["", "", "", *["parameter"] * 2]
    again = ended("toy", some_tasks(account, 1))
    assert [item.attempts for item in items_of(again)] == [1]


def test_what_one_model_refuses_another_is_still_asked_with(account, toy, sandbox, one_at_a_time):
    models = ("gpt-4o", "gpt-4o-mini")
    sandbox.script.add([f"unsupported_parameter model={model} first=1" for model in models])
    for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o"):
        asked_of(account, model=model)
        assert ended("toy", some_tasks(account, 1)).state == "SUCCESS"
    statuses = [entry.status for entry in sandbox.ledger.entries(kind="chat")]
    assert statuses == [400, 200, 400, 200, 200]


def taught(code, key="one", temperature=0.2):
    """What of a temperature is sent once 1.9 was refused to the key "one"."""
    requests = [request_with(name) for name in ("one", key)]
    refusal = CallFailed(Kind.INVALID, "", code=code, param="temperature")
    options._refused.clear()
    assert options.learnt(refusal, requests[0], {"temperature": 1.9}).kind is Kind.PARAMETER
    assert options.accepted(requests[0], {"temperature": 1.9}) == {}
    return options.accepted(requests[1], {"temperature": temperature})


def request_with(key):
    ids = dict.fromkeys(("task_id", "request_id", "question_id"), uuid4())
    endpoint = Endpoint("openai", "https://api.example/v1", key)
    return AIRequest(endpoint, "toy", account_id=1, **ids, model="gpt-4o", timeout=1)


@pytest.mark.parametrize("code", ["unsupported_value", "invalid_value", "invalidParameter", ""])
def test_a_value_that_is_refused_is_no_lesson_about_other_values(code):
    assert taught(code) == {"temperature": 0.2}


@pytest.mark.parametrize(
    "code", ["unsupported_parameter", "unknown_parameter", "unsupportedParameter"]
)
def test_an_option_that_is_refused_is_left_out_at_whatever_value(code):
    assert taught(code) == {}


def test_what_is_refused_to_one_key_is_no_lesson_for_another_s():
    assert taught("unsupported_parameter", "another") == {"temperature": 0.2}


def test_a_schema_that_is_refused_becomes_any_json_and_then_a_mere_wish(
    account, toy, sandbox, one_at_a_time
):
    toy.answer_schema = Titled
    asked_of(account, response_format="json_schema")
    sandbox.script.add({"error": "invalid_request", "param": "response_format", "first": 2})
    try:
        run = ended("toy", some_tasks(account, 2))
    finally:
        toy.answer_schema = None
    assert states_of(run) == ["SUCCESS"] * 2
    assert [entry.status for entry in sandbox.ledger.entries(kind="chat")] == [400, 400, 200, 200]


@pytest.mark.parametrize("param", ["messages", "model", "seed"])
def test_what_cannot_be_left_out_or_was_never_sent_is_final(param, account, toy, sandbox):
    sandbox.script.add({"error": "unsupported_parameter", "param": param})
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["invalid"]
    assert len(calls_of(run)) == 1


def test_all_that_a_model_refuses_is_left_out_within_one_run(
    account, toy, sandbox, hurried, monkeypatch
):
    """Both names of the limit, the temperature, the schema and any JSON: five, and then two 503."""
    monkeypatch.setattr(toy, "answer_schema", Titled)
    config = {"model": "a-model-of-ours", "temperature": 0.4}
    set_integration(account, IntegrationSettings.Type.OPENAI, {"config": config}, functions=[])
    params = ["max_tokens", "max_completion_tokens", "temperature", *["response_format"] * 2]
    refusals = [
        {"error": "invalid_request", "param": param, "nth": n}
        for n, param in enumerate(params, start=1)
    ]
    sandbox.script.add([*refusals, *({"status": 503, "nth": n} for n in (6, 7))])
    run = ended("toy", some_tasks(account, 1))
    assert (states_of(run), errors_of(run)) == (["SUCCESS"], [None])
    assert [call.error_kind for call in calls_of(run)] == ["parameter"] * 5 + ["server"] * 2 + [""]


def test_a_model_that_refuses_without_end_is_given_up():
    history, refusal = History(), CallFailed(Kind.PARAMETER, "")
    asked = 1
    while pause_after(refusal, history, now=0.0) is not None and asked < 100:
        history.note(refusal, "first")
        asked += 1
    assert asked == len(options.OPTIONAL) + 3


def test_a_model_that_refuses_the_same_option_for_ever_is_asked_twice(account, toy, sandbox):
    sandbox.script.add("unsupported_parameter")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["invalid"]
    assert len(calls_of(run)) == 2


@pytest.mark.parametrize("param", ["settings.temperature", "includeUsage"])
def test_runware_s_options_are_left_out_by_their_own_names(
    param, account, toy, sandbox, one_at_a_time
):
    asked_of(account, "runware", model="openai:gpt@6-luna")
    rule = {"kind": "runware", "error": "unsupported_parameter", "param": param}
    sandbox.script.add({**rule, "first": 1})
    run = ended("toy", some_tasks(account, 2))
    assert sorted(call.error_kind for call in calls_of(run)) == ["", "", "parameter"]


def test_the_usage_that_runware_does_not_tell_is_asked_for_once():
    options._refused.clear()
    request = replace(request_with("one"), temperature=0.2)
    task = runware_provider._text_task(request)
    assert task["includeUsage"] is True
    refusal = CallFailed(Kind.INVALID, "", code="unsupportedParameter", param="includeUsage")
    assert options.learnt(refusal, request, task).kind is Kind.PARAMETER
    left = runware_provider._text_task(request)
    assert task.keys() - left.keys() == {"includeUsage"}
    assert left["settings"] == task["settings"]


# --- the rules themselves ----------------------------------------------------------------------


def history_of(*kinds, first_call=0.0) -> History:
    history = History(first_call=first_call)
    for kind in kinds:
        history.note(CallFailed(kind, ""), "first")
    return history


def test_waiting_is_bounded_by_the_deadline():
    late = History(first_call=0.0, throttled=1)
    throttled = CallFailed(Kind.THROTTLED, "", retry_after=60)
    assert pause_after(throttled, late, now=10.0) >= 60
    assert pause_after(throttled, late, now=retries.DEADLINE - 30) is None


def test_at_most_five_calls_of_an_item_may_be_billed():
    history = history_of(Kind.LOST, Kind.LOST)
    assert pause_after(CallFailed(Kind.LOST, ""), history, 0.0, "first") is not None
    history.paid["reask"] = 3
    assert pause_after(CallFailed(Kind.LOST, ""), history, 0.0, "first") is None


@pytest.mark.parametrize("kind", [Kind.INVALID, Kind.REFUSED, Kind.TOO_LONG, Kind.KEY, Kind.QUOTA])
def test_what_will_never_be_right_is_not_tried_again(kind):
    assert pause_after(CallFailed(kind, ""), history_of(kind), now=0.0) is None


def test_a_provider_that_asks_for_no_wait_again_and_again_is_waited_for_longer():
    zero = CallFailed(Kind.THROTTLED, "", retry_after=0)
    pauses = [
        pause_after(zero, History(first_call=0.0, throttled=n), now=0.0) for n in range(1, 12)
    ]
    assert pauses[0] < 0.2
    assert pauses[-1] > 30


def test_a_long_wait_is_kept_to_where_the_item_s_time_allows_it():
    far = CallFailed(Kind.THROTTLED, "", retry_after=1500)
    assert pause_after(far, History(first_call=0.0, throttled=1), now=0.0) >= 1500
    assert pause_after(far, History(first_call=0.0, throttled=1), now=500.0) is None


# --- Runware -----------------------------------------------------------------------------------


@pytest.fixture
def runware(account, sandbox):
    set_image_config(account, {"provider": "runware"})
    return sandbox


def test_a_picture_whose_answer_was_lost_is_fetched_and_billed_once(account, runware, hurried):
    runware.script.add("kind=runware reset_after first=1")
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(runware.ledger.entries(kind="runware", billed=True)) == 1
    task_uuids = {entry.task_uuid for entry in runware.ledger.entries(kind="runware")}
    assert task_uuids == {str(calls_of(run)[0].question_id)}
    assert calls_of(run)[0].question_id.version == 4
    assert usage_of(run)[0].cost_usd == calls_of(run)[-1].cost > 0


def test_a_retry_asks_for_a_lost_picture_under_the_name_it_was_paid_for(account, runware, hurried):
    runware.script.add("kind=runware reset_after first=20")
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == ["lost"]
    runware.script.clear()
    again = worked(retry(run))
    assert states_of(again) == ["SUCCESS"]
    assert len(runware.ledger.entries(kind="runware", billed=True)) == 1


def test_a_retry_behind_a_refusal_asks_under_a_new_name(account, runware, hurried):
    runware.script.add("kind=runware nsfw first=1")
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == ["refused"]
    again = worked(retry(run))
    assert states_of(again) == ["SUCCESS"]
    assert len({entry.task_uuid for entry in runware.ledger.entries(kind="runware")}) == 2


def test_a_picture_still_at_work_is_waited_for(account, runware, hurried):
    processing = '{"data": [{"taskType": "getResponse", "status": "processing"}]}'
    runware.script.add(
        ["kind=runware reset_after nth=1", {"kind": "runware", "nth": 3, "raw": processing}]
    )
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(runware.ledger.entries(kind="runware", billed=True)) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("kind=runware nsfw", "refused"),
        ("kind=runware content_policy_violation", "refused"),
        ("kind=picture picture=404", "gone"),
        ("kind=picture picture=html", "bad_picture"),
        ("kind=picture picture=svg", "bad_picture"),
        ("kind=picture picture=empty", "bad_picture"),
        ("kind=picture picture=bomb", "bad_picture"),
        ("kind=picture picture=redirect location=http://169.254.169.254/", "address_refused"),
        ("kind=picture picture=huge bytes=30000000", "bad_picture"),
    ],
)
def test_a_picture_that_cannot_be_used_fails_with_a_reason(fault, code, account, runware, hurried):
    runware.script.add(fault)
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == [code]
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    bought = 2 if code in {"gone", "address_refused"} else 1
    assert len(runware.ledger.entries(kind="runware", billed=True)) <= bought


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_picture_that_is_paid_for_is_fetched_again_and_not_bought_again(
    provider, account, sandbox, hurried
):
    kind = by_address(account, sandbox, provider)
    sandbox.script.add("kind=picture status=503 first=3")
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(sandbox.ledger.entries(kind=kind)) == 1
    assert len(sandbox.ledger.entries(kind="picture")) == 4
    (call,) = calls_of(run)
    assert (call.state, bool(call.picture)) == ("ok", True)
    assert usage_of(run)[0].cost_usd == call.cost == run.cost


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_picture_that_never_came_is_fetched_by_the_retry(provider, account, sandbox, hurried):
    kind = by_address(account, sandbox, provider)
    sandbox.script.add("kind=picture status=503")
    image = an_image(account)
    run = ended("generate_images", [image])
    assert errors_of(run) == ["unfetched"]
    assert "not paid for twice" in run.error["detail"]
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    sandbox.script.clear()
    by_address(account, sandbox, provider)
    again = worked(retry(run))
    assert states_of(again) == ["SUCCESS"], errors_of(again)
    assert len(sandbox.ledger.entries(kind=kind)) == 1
    assert (calls_of(again), again.cost) == ([], 0)


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_picture_that_is_gone_is_bought_once_more(provider, account, sandbox, hurried):
    kind = by_address(account, sandbox, provider)
    sandbox.script.add("picture=404 first=1")
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(sandbox.ledger.entries(kind=kind, billed=True)) == 2
    first, second = calls_of(run)
    assert (first.picture, bool(second.picture)) == (None, True)
    assert first.question_id != second.question_id
    assert run.cost == first.cost + second.cost


def test_a_crash_between_the_purchase_and_the_fetch_buys_nothing(
    account, runware, hurried, monkeypatch
):
    class PulledPlug(BaseException):
        pass

    def plug(*given):
        raise PulledPlug

    runware.script.add("kind=picture status=503 first=1")
    run = begun("generate_images", [an_image(account)])
    with monkeypatch.context() as patched:
        patched.setattr("igny8_core.ai.recourse.Recourse.after_call", plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(runware.ledger.entries(kind="runware")) == 1
    assert len(calls_of(run)) == 1
    assert usage_of(run)[0].cost_usd == calls_of(run)[0].cost


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_picture_that_cannot_be_kept_is_not_bought_again(
    provider, account, sandbox, hurried, monkeypatch
):
    # OpenAI's comes within the answer, Runware's behind an address.
    set_image_config(account, {"provider": provider})
    keep, full = inbox.keep, iter([True])

    def keep_later(*given):
        if next(full, False):
            raise OSError("no space left")
        return keep(*given)

    monkeypatch.setattr(inbox, "keep", keep_later)
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    kind = "images" if provider == "openai" else "runware"
    assert len(sandbox.ledger.entries(kind=kind, billed=True)) == 1
    (call,) = calls_of(run)
    assert usage_of(run)[0].cost_usd == call.cost == run.cost


def test_no_room_for_a_picture_is_said(account, sandbox, hurried, monkeypatch):
    def full(*given):
        raise OSError("no space left")

    monkeypatch.setattr(inbox, "keep", full)
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == ["unkept"]
    assert "Free some space" in run.error["detail"]
    assert len(sandbox.ledger.entries(kind="images", billed=True)) == 1


def by_address(account, sandbox, provider):
    """Pictures come as addresses; the kind of call that makes them."""
    if provider == "runware":
        set_image_config(account, {"provider": "runware"})
        return "runware"
    address = sandbox.studio.address_of("A map", 1536, 1024, "png")
    usage = {"input_tokens": 10, "output_tokens": 1000}
    body = {"data": [{"url": address}], "usage": usage}
    sandbox.script.add({"kind": "images", "raw": json.dumps(body), "billed": True})
    return "images"


def test_mixed_and_shuffled_answers_are_read(account, runware):
    runware.script.add("kind=runware mixed shuffled")
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["SUCCESS"]


def test_text_runs_on_runware_where_it_is_named_there(account, toy, sandbox):
    set_integration(
        account,
        IntegrationSettings.Type.RUNWARE,
        {"config": {"functions": {"toy": {"model": "openai:gpt@6-luna"}}}},
        functions=["toy"],
    )
    run = ended("toy", some_tasks(account, 2))
    assert run.state == "SUCCESS"
    entries = sandbox.ledger.entries(kind="runware")
    assert {entry.model for entry in entries} == {"openai:gpt@6-luna"}
    assert float(run.cost) == pytest.approx(sum(entry.cost for entry in entries))


def test_a_call_that_drips_is_given_up(account, toy, sandbox, hurried, settings):
    settings.IGNY8_PROVIDER_TIMEOUT_SECONDS = 0.4
    sandbox.script.add("drip=0.1 first=1")
    began = time.monotonic()
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"]
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "x" * 5000])
def test_an_odd_word_for_an_answer_s_end_is_kept_as_no_end(odd, account, toy, sandbox, hurried):
    body = {
        "choices": [{"message": {"content": '{"title": "T"}'}, "finish_reason": odd}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    sandbox.script.add({"raw": json.dumps(body)})
    run = ended("toy", some_tasks(account, 2))
    assert errors_of(run) == ["unreadable"] * 2


@pytest.mark.parametrize(
    ("override", "sent"),
    [
        ("Write a Markdown article about [IGNY8_IDEA] for [IGNY8_SITE].", None),
        ("Write it as JSON with a content field: [IGNY8_IDEA] [IGNY8_SITE]", "json_schema"),
    ],
)
def test_json_is_insisted_on_only_where_the_prompt_asks_for_it(override, sent, account, sandbox):
    (task,) = some_tasks(account, 1)
    function = GenerateContentFunction()
    function.account, function.site = account, task.site
    task.prompt_override = override
    core = AICore(account)
    prompt = function.build_prompt(task, account)
    request = core.request(function, prompt, core.plan(function), task_id=uuid4())
    assert request.response_format == (sent or "text")


@pytest.mark.parametrize("kind", Kind)
def test_every_failure_says_what_to_do_next(kind):
    assert re.search(r"[Pp]ress Retry( later| for another)?[.:]", TEXTS[kind])


def test_no_more_of_an_answer_is_read_than_is_kept():
    read = []

    class Endless(httpx2.SyncByteStream):
        def __iter__(self):
            while True:
                read.append(65_536)
                yield b"x" * 65_536

    with pytest.raises(transport.AnswerTooLong):
        list(transport.Bounded(Endless(), deadline=float("inf"), most=2 * 1024 * 1024))
    assert sum(read) == 2 * 1024 * 1024 + 65_536


def test_an_answer_of_50_mb_is_not_read_to_its_end_and_asked_for_once_more(
    account, toy, sandbox, hurried, monkeypatch
):
    sizes = []
    monkeypatch.setattr(transport.Bounded, "__iter__", counting(transport.Bounded, sizes))
    sandbox.script.add({"raw": '{"choices": "' + "x" * 50_000_000})
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["unreadable"]
    assert len(calls_of(run)) == 2
    assert 0 < sum(sizes) <= 2 * 2 * 1024 * 1024
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def counting(stream, sizes):
    original = stream.__iter__

    def counted(self):
        for chunk in original(self):
            sizes.append(len(chunk))
            yield chunk

    return counted


@pytest.mark.parametrize(
    ("fault", "purposes"),
    [
        ("nan", ["first", "reask"]),
        ("duplicate_keys", ["first", "reask"]),
        # 10,000 brackets do not fit the first output limit.
        ("deep", ["first", "longer", "reask"]),
    ],
)
def test_an_answer_out_of_bounds_is_asked_for_once_more_and_fails(
    fault, purposes, account, toy, sandbox
):
    sandbox.script.add(f"malformed={fault}")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["bad_output"]
    assert [call.purpose for call in calls_of(run)] == purposes


def test_an_envelope_10_000_deep_is_an_unreadable_reply(account, toy, sandbox, hurried):
    sandbox.script.add({"raw": "[" * 10_000 + "]" * 10_000})
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["unreadable"]
    assert len(calls_of(run)) == 2


class SaysItIsPacked(BaseHTTPRequestHandler):
    """Answers every POST with a body that is not the gzip its header says it is."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"not gzip!")

    def log_message(self, *given):
        pass


@pytest.fixture
def packed():
    server = ThreadingHTTPServer(("127.0.0.1", 0), SaysItIsPacked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_body_that_cannot_be_unpacked_is_an_unreadable_reply(provider, packed):
    request = replace(request_with("one"), endpoint=Endpoint(provider, packed, "one"))
    with pytest.raises(CallFailed) as failure:
        AICore.run_ai_request(request)
    assert failure.value.kind is Kind.UNREADABLE
