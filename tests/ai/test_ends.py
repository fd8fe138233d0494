"""How an answer ended: whole, cut, held back, or not at all."""

import json

import pytest

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import get_provider
from igny8_core.writer.models import Content
from tests.ai.runs import WORDS, a_task, ended, errors_of, states_of


def chat(end, text=f"# Maps\n\n{WORDS}", **choice):
    """An answer of Chat Completions."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 5, "completion_tokens": 300}
    return {"choices": [{"message": message, "finish_reason": end, **choice}], "usage": usage}


def response(status, **more):
    """An answer of Responses."""
    said = {"type": "message", "content": [{"type": "output_text", "text": "{}"}]}
    return {"object": "response", "status": status, "output": [said], **more}


def runware(end, **more):
    """An answer of Runware's `textInference`."""
    return {"data": [{"taskType": "textInference", "text": "{}", "finishReason": end, **more}]}


def read(body):
    provider = "runware" if isinstance(body.get("data"), list) else "openai"
    return get_provider(provider).read(json.dumps(body).encode())


def failure_of(body):
    with pytest.raises(CallFailed) as failure:
        read(body)
    return failure.value.kind


@pytest.mark.parametrize(
    ("word", "end"),
    [
        *((word, "stop") for word in ("stop", None, "tool_calls", "eos", "EOS_TOKEN", "end_turn")),
        *((word, "length") for word in ("length", "max_tokens", "MAX_TOKENS", "model_length")),
        ("content_filter", "content_filter"),
        ("SAFETY", "content_filter"),
        ("refusal", "refusal"),
    ],
)
@pytest.mark.parametrize("answer", [chat, runware])
def test_every_word_for_an_end_is_one_of_ours(answer, word, end):
    assert read(answer(word)).finish_reason == end


@pytest.mark.parametrize("answer", [chat, runware])
@pytest.mark.parametrize("word", ["abort", "repetition", "cancelled", "in_progress", "?"])
def test_a_word_that_nobody_knows_is_no_end(answer, word):
    assert failure_of(answer(word)) is Kind.UNREADABLE


def test_an_answer_that_an_error_broke_off_is_the_provider_s_failure():
    error = {"code": 502, "message": "Upstream died"}
    assert failure_of(chat("error", error=error)) is Kind.SERVER
    assert failure_of(chat("stop", error=error)) is Kind.SERVER
    assert failure_of(chat("error")) is Kind.SERVER
    assert failure_of(runware("error")) is Kind.SERVER


@pytest.mark.parametrize(
    ("details", "end"),
    [
        ({"reason": "max_output_tokens"}, "length"),
        ({"reason": "content_filter"}, "content_filter"),
        (None, "length"),
    ],
)
def test_an_incomplete_response_says_why(details, end):
    assert read(response("incomplete", incomplete_details=details)).finish_reason == end
    assert read(response("completed")).finish_reason == "stop"


@pytest.mark.parametrize("status", ["in_progress", "queued", "cancelled", "incomplete"])
def test_a_response_that_has_not_ended_is_no_answer(status):
    details = {"reason": "nobody knows"} if status == "incomplete" else None
    assert failure_of(response(status, incomplete_details=details)) is Kind.UNREADABLE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (chat("error", error={"code": 502}), "server"),
        (chat("abort"), "unreadable"),
        (chat("max_tokens"), "output_truncated"),
    ],
)
def test_half_an_article_is_never_saved(body, code, account, sandbox, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.retries._pause", lambda *given: 0.0)
    sandbox.script.add({"raw": json.dumps(body)})
    run = ended("generate_content", [a_task(account)])
    assert (states_of(run), errors_of(run)) == (["FAILURE"], [code])
    assert not Content.unscoped.exists()


def test_an_answer_that_broke_off_once_is_asked_for_again(account, sandbox, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.retries._pause", lambda *given: 0.0)
    sandbox.script.add({"raw": json.dumps(chat("error")), "first": 1})
    run = ended("generate_content", [a_task(account)])
    assert states_of(run) == ["SUCCESS"]
