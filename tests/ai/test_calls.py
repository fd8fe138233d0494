"""What goes wrong between us and a provider: what is sent again, when, and how often."""

import json
import re
import time
from uuid import uuid4

import httpx2
import pytest

from igny8_core.ai import fanout, retries
from igny8_core.ai.ai_core import AICore, endpoint_for
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.functions.generate_content import GenerateContentFunction
from igny8_core.ai.providers import transport
from igny8_core.ai.providers.transport import _TEXTS, from_status, retry_after
from igny8_core.ai.retries import History, pause_after
from igny8_core.billing import ledger
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_image_config, set_integration
from tests.ai.runs import (
    an_image,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_tasks,
    states_of,
    usage_of,
)


@pytest.fixture
def hurried(monkeypatch):
    """The rules as they are, their pauses a hundredth as long."""

    def shorter(*given):
        pause = pause_after(*given)
        return pause and pause / 100

    monkeypatch.setattr("igny8_core.ai.engine.pause_after", shorter)


@pytest.mark.parametrize("kind", ["retry_after=1", "retry_after_ms=900", "retry_after=date:2"])
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
    sandbox.script.add("429 first=9 retry_after=1")
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"]
    assert len(calls_of(run)) == 10


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
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
    assert retry_after(headers) == seconds


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
    monkeypatch.setattr("igny8_core.ai.engine.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
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


# --- the rules themselves ----------------------------------------------------------------------


def history_of(*kinds, first_call=0.0) -> History:
    history = History(first_call=first_call)
    for kind in kinds:
        history.note(CallFailed(kind, ""))
    return history


def test_waiting_is_bounded_by_the_deadline():
    late = History(first_call=0.0, throttled=1)
    throttled = CallFailed(Kind.THROTTLED, "", retry_after=60)
    assert pause_after(throttled, late, now=10.0) >= 60
    assert pause_after(throttled, late, now=retries.DEADLINE - 30) is None


def test_at_most_five_calls_of_an_item_may_be_billed():
    history = history_of(Kind.LOST, Kind.LOST)
    history.billed = retries.MAX_BILLED
    assert pause_after(CallFailed(Kind.LOST, ""), history, now=0.0) is None


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


def test_an_answer_asks_for_at_most_two_minutes():
    far = CallFailed(Kind.THROTTLED, "", retry_after=9999)
    assert pause_after(far, History(first_call=0.0, throttled=1), now=0.0) <= 132


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
    assert usage_of(run)[0].cost_usd == calls_of(run)[-1].cost > 0


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
        ("kind=runware content_policy_violation", "invalid"),
        ("kind=picture picture=404", "lost"),
        ("kind=picture picture=html", "bad_picture"),
        ("kind=picture picture=svg", "bad_picture"),
        ("kind=picture picture=empty", "bad_picture"),
        ("kind=picture picture=bomb", "bad_picture"),
        ("kind=picture picture=redirect location=http://169.254.169.254/", "lost"),
        ("kind=picture picture=huge bytes=30000000", "invalid"),
    ],
)
def test_a_picture_that_cannot_be_used_fails_with_a_reason(fault, code, account, runware, hurried):
    runware.script.add(fault)
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == [code]
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert len(runware.ledger.entries(kind="runware", billed=True)) <= 1


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
def test_an_odd_word_of_the_provider_costs_no_answer(odd, account, toy, sandbox):
    body = {
        "choices": [{"message": {"content": '{"title": "T"}'}, "finish_reason": odd}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    sandbox.script.add({"raw": json.dumps(body)})
    run = ended("toy", some_tasks(account, 2))
    assert run.state == "SUCCESS"


@pytest.mark.parametrize(
    ("override", "sent"),
    [
        ("Write a Markdown article about [IGNY8_IDEA] for [IGNY8_SITE].", None),
        ("Write it as JSON with a content field: [IGNY8_IDEA] [IGNY8_SITE]", "json_object"),
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
    assert re.search(r"(press Retry( later)?|Press Retry)\.|No credits", _TEXTS[kind])


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
