"""An input too long for its model: smaller groups, a leaner brief, or a clear end."""

import pytest

from igny8_core.ai import shorter
from igny8_core.ai.engine import AIEngine
from igny8_core.ai.expectations import tokens_in
from igny8_core.ai.limits import most_input, most_output
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.questions import Questions
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.planner.models import Keyword
from tests.ai.runs import (
    ARTICLE,
    a_cluster,
    a_request,
    a_task,
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_keywords,
    some_tasks,
    states_of,
    worked,
)

TEXTS = [f"map number {n:03}" for n in range(1, 81)]
TOO_LONG = "context_length_exceeded"


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


def plug(*given):
    raise PulledPlug


@pytest.fixture
def keywords(account, sandbox):
    return some_keywords(account, *TEXTS)


def asked_about(run):
    """Every keyword that an item of the run is about."""
    return sorted(pk for item in items_of(run) for pk in item.payload["ids"])


def test_a_group_that_is_too_long_becomes_two_and_every_keyword_is_asked_about_once(
    account, keywords, sandbox
):
    sandbox.script.add(f"{TOO_LONG} first=1")
    run = ended("auto_cluster", keywords)
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)
    assert [item.size for item in items_of(run)] == [40, 40]
    assert asked_about(run) == sorted(one.pk for one in keywords)
    assert (run.items_total, run.items_done) == (2, 2)
    assert len(sandbox.ledger.entries(billed=True)) == 2
    assert len({call.question_id for call in calls_of(run)}) == 3
    assert not Keyword.objects.for_account(account).filter(cluster=None).exists()
    assert ledger.balance(account) == ledger.Balance(999, 0)
    assert ledger.reconcile() == []


def test_a_group_is_split_four_times_and_then_ends(account, keywords, sandbox):
    sandbox.script.add(TOO_LONG)
    run = ended("auto_cluster", keywords)
    assert errors_of(run) == ["too_long"] * 16
    assert asked_about(run) == sorted(one.pk for one in keywords)
    assert "140211 of at most 128000 tokens" in run.error["detail"]
    assert "gpt-4o-mini" in run.error["detail"]
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert len(sandbox.ledger.entries(kind="chat")) == 1 + 2 + 4 + 8 + 16


def test_splitting_uses_no_attempt(account, keywords, sandbox):
    sandbox.script.add(f"{TOO_LONG} first=7")
    run = ended("auto_cluster", keywords)
    assert states_of(run) == ["SUCCESS"] * 8, errors_of(run)


@pytest.mark.parametrize("at", ["before", "during", "after"])
def test_a_crash_around_the_split_leaves_every_keyword_in_one_group(
    at, account, keywords, sandbox, monkeypatch
):
    split_item = shorter.split_item

    def half(*given):
        split_item(*given)
        raise PulledPlug

    sandbox.script.add(f"{TOO_LONG} first=1")
    run = begun("auto_cluster", keywords)
    with monkeypatch.context() as patched:
        if at == "after":
            patched.setattr(Questions, "_ask_anew", plug)
        else:
            patched.setattr(shorter, "split_item", plug if at == "before" else half)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    groups = 2 if at == "after" else 1
    assert states_of(run) == ["SUCCESS"] * groups, errors_of(run)
    assert run.items_total == groups
    assert asked_about(run) == sorted(one.pk for one in keywords)
    assert len(sandbox.ledger.entries(billed=True)) == groups
    assert ledger.balance(account) == ledger.Balance(999, 0)
    assert ledger.reconcile() == []


def test_one_keyword_alone_cannot_be_less(account, sandbox):
    sandbox.script.add(TOO_LONG)
    run = ended("auto_cluster", some_keywords(account, "map"))
    assert errors_of(run) == ["too_long"]
    assert len(calls_of(run)) == 1


def test_an_article_is_asked_for_once_more_without_its_cluster(account, sandbox):
    cluster = a_cluster(account, "Maps", *TEXTS)
    task = a_task(account, "Maps", cluster=cluster)
    sandbox.script.add([f"{TOO_LONG} contains='map number 080'", {"content": ARTICLE}])
    run = ended("generate_content", [task])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(calls_of(run)) == 2
    task.refresh_from_db()
    assert task.cluster == cluster


def test_a_brief_that_is_too_long_even_so_is_final(account, sandbox):
    task = a_task(account, "Maps", cluster=a_cluster(account, "Maps", *TEXTS))
    sandbox.script.add(TOO_LONG)
    run = ended("generate_content", [task])
    assert errors_of(run) == ["too_long"]
    assert len(calls_of(run)) == 2


@pytest.mark.parametrize("fault", [TOO_LONG, "request_too_large"])
def test_a_function_that_cannot_say_it_shorter_ends_the_item(fault, account, toy, sandbox):
    sandbox.script.add(fault)
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["too_long"]
    assert run.error["detail"].startswith("The input is too long for the model gpt-4o-mini")
    assert "{" not in run.error["detail"]


@pytest.fixture
def context(operator):
    """Tell the catalogue how much gpt-4o-mini and gpt-4o hold."""

    def told(tokens):
        operator(*({"id": name, "context": tokens} for name in ("gpt-4o-mini", "gpt-4o")))

    return told


def test_what_would_not_fit_is_split_before_it_is_sent(account, keywords, sandbox, context):
    """A quarter is for the answer; the prompt of 80 keywords takes more than the 700 left."""
    context(934)
    run = ended("auto_cluster", keywords)
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)
    assert asked_about(run) == sorted(one.pk for one in keywords)
    assert {entry.status for entry in sandbox.ledger.entries()} == {200}


def test_what_cannot_be_made_to_fit_is_not_sent_at_all(account, keywords, sandbox, context):
    context(133)
    run = ended("auto_cluster", keywords)
    assert set(errors_of(run)) == {"too_long"}
    assert "of at most 100 tokens" in run.error["detail"]
    assert sandbox.ledger.entries() == []
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_an_answer_is_given_what_a_small_context_leaves(account, sandbox, context):
    context(8192)
    run = ended("generate_content", [a_task(account)])
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    (entry,) = sandbox.ledger.entries()
    asked = items_of(run)[0].parameters["max_tokens"]
    assert 4096 < asked < 8192 - entry.usage["prompt_tokens"]


@pytest.mark.parametrize(
    ("limits", "prompt", "question", "answer"),
    [
        ({"context": 8192}, 4, 6144, 8191),
        ({"context": 8192}, 4000, 6144, 7067),
        ({"context": 8192}, 40_000, 6144, 2048),
        ({"context": 128_000}, 4000, 119_808, 8192),
        ({"context": 128_000, "max_input": 100_000}, 4000, 100_000, 8192),
        ({"max_input": 500}, 4000, 500, 8192),
        ({"max_output": 2000}, 4000, None, 2000),
        ({}, 4000, None, 8192),
    ],
)
def test_a_model_is_asked_within_its_limits(operator, limits, prompt, question, answer):
    row = {"id": "mine", "provider": "openai", "modality": "text", "source": "ours"}
    operator(row | limits)
    request = a_request("mine", prompt="x" * prompt, max_tokens=8192)
    assert most_input(request) == question
    assert most_output(request, 8192) == answer


def test_characters_beyond_ascii_are_more_tokens():
    for text, tokens in (("x" * 40, 10), ("汉" * 40, 40), ("я" * 40, 20), ("x汉" * 8, 10)):
        assert tokens_in(a_request(prompt=text)) == tokens


def test_a_paid_answer_is_read_however_long_its_question_was(
    account, toy, sandbox, context, monkeypatch
):
    run = begun("toy", some_tasks(account, 1))
    with monkeypatch.context() as patched:
        patched.setattr(AIEngine, "_read_and_save", plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    context(16)
    assert states_of(worked(run)) == ["SUCCESS"]
    assert len(sandbox.ledger.entries()) == 1
