"""How an answer ended, whole, cut, held back or not at all; and where in it the answer stands."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest

from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.providers import get_provider
from igny8_core.ai.providers import runware as runware_provider
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


# --- where what was asked for stands in an answer -----------------------------------------------


def test_a_text_in_parts_is_their_texts_together():
    parts = [
        {"type": "text", "text": '{"title": '},
        {"type": "reasoning", "text": "Hm."},
        '"Maps"}',
    ]
    assert read(chat("stop", parts)).text == '{"title": "Maps"}'
    assert read(chat("stop", None)).text == ""


def runware_answer(task, *results, **more):
    """What Runware answers to a task of this id, as the provider sends it on."""
    return runware_provider._read(json.dumps({"data": list(results), **more}).encode(), task)


def test_of_several_results_that_of_the_task_is_taken_and_kept():
    task = uuid4()
    session = {"taskType": "authentication", "connectionSessionUUID": "x"}
    stranger = {"taskType": "textInference", "taskUUID": str(uuid4()), "text": "theirs"}
    mine = {"taskType": "textInference", "taskUUID": str(task).upper(), "text": "ours", "cost": 1}
    answer = runware_answer(task, session, stranger, mine)
    assert (answer.text, answer.stated_cost) == ("ours", 1)
    assert get_provider("runware").read(answer.body).text == "ours"
    assert read({"data": [session, mine]}).text == "ours"


def test_another_task_s_result_is_no_answer():
    stranger = {"taskType": "textInference", "taskUUID": str(uuid4()), "text": "theirs"}
    with pytest.raises(CallFailed) as failure:
        runware_answer(uuid4(), stranger)
    assert failure.value.kind is Kind.UNREADABLE
    with pytest.raises(CallFailed) as failure:
        runware_answer(uuid4(), stranger, errors=[{"code": "timeoutProvider"}])
    assert failure.value.kind is Kind.SERVER


@pytest.mark.parametrize("kind", [{}, {"taskType": "imageInference"}, {"taskType": "getResponse"}])
def test_a_picture_is_found_whatever_its_answer_is_called(kind):
    url = "https://im.example/x.webp"
    assert read({"data": [{**kind, "imageURL": url}]}).picture_url == url
    for data in ({"imageBase64Data": "AAAA"}, {"imageDataURI": "data:image/png;base64,AAAA"}):
        answer = read({"data": [{**kind, **data, "cost": 1}]})
        assert answer.picture_data == b"\0\0\0"
        assert b"AAAA" not in answer.body


def test_a_picture_that_cannot_be_decoded_is_paid_for_all_the_same():
    body = {"data": [{"taskType": "imageInference", "imageDataURI": "data:,?", "cost": 0.5}]}
    with pytest.raises(CallFailed) as failure:
        read(body)
    assert failure.value.kind is Kind.UNREADABLE
    assert failure.value.paid.stated_cost == Decimal("0.5")


@pytest.mark.parametrize(("total", "output"), [(415, 405), (15, 5), (None, 5)])
def test_thoughts_are_output_where_the_total_counts_them_beside_it(total, output):
    usage = {"promptTokens": 10, "completionTokens": 5, "thinkingTokens": 400}
    answer = read(runware("stop", usage={**usage, "totalTokens": total}))
    assert (answer.usage.input, answer.usage.output) == (10, output)
