"""What a run was expected to take is kept, and how far off that was is told per function."""

from decimal import Decimal as D

import pytest

from igny8_core.ai.expectations import expectation_of
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.quoted import kept_quote, quote_errors
from igny8_core.ai.requests import PictureOrder
from igny8_core.ai.tasks import quote, retry
from igny8_core.ai.work import Work
from tests.ai.runs import (
    a_request,
    an_image,
    begun,
    calls_of,
    ended,
    ids_of,
    items_of,
    some_keywords,
    some_tasks,
    worked,
)
from tests.world import a_run

PROMPT = 'Answer with JSON like {"title": "..."} about <task-001>.'


def settled(expected, cost, *, unpriced=0, tokens=10):
    return {
        "expected_cost": None if expected is None else D(expected),
        "expected_tokens": tokens,
        "cost": D(cost),
        "unpriced_calls": unpriced,
    }


# --- what is expected --------------------------------------------------------------------------


def test_an_answer_is_expected_to_take_two_fifths_of_its_limit():
    # 40 characters are 10 tokens; of 50 out, 20 as a rule. gpt-4o: 10 x 2.50 + 20 x 10.00 = 225.
    # At most a token per byte, and 2 x 16 for what frames it: 72 x 2.50 + 50 x 10.00 = 680.
    told = expectation_of(a_request("gpt-4o"))
    assert (told.tokens, told.tokens_output_max) == (30, 50)
    assert (told.cost, told.cost_max) == (D("0.000225"), D("0.00068"))


def test_a_long_prompt_is_expected_to_cost_by_its_own_tier():
    # 1,200,000 characters are 300,000 tokens: 300,000 x 0.20 + 20 x 0.75 = 60,015.
    told = expectation_of(a_request("gpt-6-luna", prompt="x" * 1_200_000))
    assert told.cost == D("0.060015")


def test_a_quote_in_chinese_is_not_exceeded():
    """10,000 characters are 10,000 tokens at gpt-4o, in fact fewer: 0.025 USD, and its answer."""
    told = expectation_of(a_request("gpt-4o", prompt="汉" * 10_000))
    assert told.tokens_input == 10_000
    assert told.cost > D("0.025")
    assert told.cost_max > D("0.0255")


@pytest.mark.parametrize(
    ("model", "size", "cost", "most"),
    [
        # 10 x 5.00 + 1,372 x 30.00 = 41,210; 56 x 5.00 + 5,488 x 30.00 = 164,920.
        ("gpt-image-2.6-sunburst", (1536, 1024), "0.04121", "0.16492"),
        # By the picture, in standard quality.
        ("dall-e-3", (1792, 1024), "0.08", "0.08"),
        ("gpt-image-1-mini", (1536, 1024), None, None),
        ("runware:97@1", (1536, 1024), None, None),
    ],
)
def test_a_picture_is_expected_to_cost_by_tokens_or_by_the_piece(model, size, cost, most):
    told = expectation_of(a_request(model, picture=PictureOrder("x" * 40, *size)))
    assert told.cost == (None if cost is None else D(cost))
    assert told.cost_max == (None if most is None else D(most))


# --- what is kept ------------------------------------------------------------------------------


def test_a_run_keeps_what_a_dry_run_would_have_said(account, sandbox):
    made = some_tasks(account, 3)
    asked = quote("generate_content", {"ids": ids_of(made)}, account=account)
    run = ended("generate_content", made)
    assert run.expected_cost == D(asked["cost_usd"]["expected"])
    assert run.expected_cost == sum(item.expected_cost for item in items_of(run))
    assert run.expected_tokens == sum(item.expected_tokens for item in items_of(run))
    off = (run.cost - run.expected_cost) / run.expected_cost
    assert run.quote_error == off.quantize(D("0.0001"))


def test_what_failed_says_nothing_about_a_quote(account, toy, sandbox):
    sandbox.script.add("contains=<task-002> refusal")
    run = ended("toy", some_tasks(account, 3))
    one, failed, other = items_of(run)
    assert failed.expected_cost > 0
    assert run.expected_cost == one.expected_cost + other.expected_cost
    off = (one.cost + other.cost - run.expected_cost) / run.expected_cost
    assert run.quote_error == off.quantize(D("0.0001"))


def test_a_question_that_is_asked_twice_was_expected_to_be_asked_once(account, toy, sandbox):
    sandbox.script.add({"nth": 1, "content": "no JSON"})
    run = ended("toy", some_tasks(account, 1))
    assert len(calls_of(run)) == 2
    (item,) = items_of(run)
    assert (
        item.expected_cost
        == expectation_of(a_request("gpt-4o-mini", prompt=PROMPT, max_tokens=4096)).cost
    )


def test_a_worker_that_takes_a_run_up_expects_what_the_first_one_did(account, toy):
    run = ended("toy", some_tasks(account, 1))
    (item,) = items_of(run)
    first, second = (Work(item, request=a_request()) for _ in range(2))
    first.resume([])
    second.resume(calls_of(run))
    assert first.expected == second.expected == expectation_of(a_request())


def test_an_answer_that_was_kept_had_no_quote(account, toy, sandbox):
    def broken(*given):
        raise RuntimeError("a bug")

    toy.at_save = staticmethod(broken)
    run = ended("toy", some_tasks(account, 1))
    toy.at_save = staticmethod(lambda *given: None)
    again = worked(retry(run))
    assert (again.state, again.cost) == ("SUCCESS", 0)
    assert (again.expected_cost, again.quote_error) == (None, None)


def test_a_cost_that_nobody_knows_has_no_error(account, toy, sandbox, monkeypatch):
    monkeypatch.setattr(toy, "get_model", lambda self: "a-model-nobody-knows")
    run = ended("toy", some_tasks(account, 1))
    assert (run.expected_cost, run.quote_error) == (None, None)
    assert run.expected_tokens > 0
    sandbox.script.add("usage=missing")
    monkeypatch.undo()
    run = ended("toy", some_tasks(account, 1))
    assert run.expected_cost > 0
    assert run.quote_error is None


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], None),
        ([settled("0.10", "0.15")], "0.5000"),
        ([settled("0.10", "0.05"), settled("0.10", "0.10")], "-0.2500"),
        ([settled("0.10", "0.20"), settled("0.10", "0", unpriced=1)], "1.0000"),
        ([settled(None, "0.20")], None),
        ([settled("0", "0.20")], None),
        ([settled("0.0000000001", "9999999")], "999999999"),
    ],
)
def test_the_error_is_that_of_the_items_whose_two_costs_are_known(rows, error):
    told = kept_quote(rows)["quote_error"]
    assert told == (None if error is None else D(error))


# --- per function ------------------------------------------------------------------------------


def test_the_median_of_the_last_twenty_runs_is_told_per_function(world):
    for n in range(25):
        # The five oldest do not count.
        a_run(world.account, quote_error=D(99) if n < 5 else D(n - 5) / 100)
    a_run(world.account)
    a_run(world.account, function_name="generate_content", quote_error=D("-0.5"))
    a_run(world.charlie.account, quote_error=D(7))
    told = quote_errors(world.account)
    # 0.00 to 0.19: in the middle, 0.09 and 0.10.
    assert (told["generate_ideas"].median, told["generate_ideas"].runs) == (D("0.0950"), 20)
    assert (told["generate_content"].median, told["generate_content"].runs) == (D("-0.5000"), 1)


def test_the_functions_tell_the_caller_s_own_quotes_and_models(world, sandbox):
    a_run(world.account, quote_error=D("0.25"))
    told = {one["name"]: one for one in world.vera.api.get("ai/functions/").json()["results"]}
    assert told["generate_ideas"]["quote_error"] == {"median": "0.2500", "runs": 1}
    assert told["generate_content"]["quote_error"] is None
    assert told["generate_content"]["model"] == "gpt-4o"
    assert told["generate_images"]["model"] == "gpt-image-2.6-sunburst"
    assert told["generate_images"]["notice"].startswith("dall-e-3 was shut down on 2026-05-12")
    theirs = world.charlie.api.get("ai/functions/").json()["results"]
    assert {one["quote_error"] for one in theirs} == {None}


def test_a_post_renders_no_prompt_to_know_the_quote(account, toy, monkeypatch):
    def never(*given):
        raise AssertionError("a prompt was rendered")

    monkeypatch.setattr(toy, "build_prompt", never)
    run = begun("toy", some_tasks(account, 50))
    assert (run.state, run.expected_cost) == ("PENDING", None)
    assert AITaskLog.unscoped.count() == 1


def test_a_quote_for_many_keywords_waits_for_no_clusterer_and_is_not_exceeded(
    account, sandbox, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 10)
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._SKETCHED", 8)
    kinds = ("red", "blue", "cheap", "best", "small")
    made = some_keywords(account, *(f"{kind} shoe {n}" for kind in kinds for n in range(20)))

    def no_child(*given, **more):
        raise AssertionError("a quote has no time for it")

    with monkeypatch.context() as patched:
        patched.setattr("igny8_core.planner.finding.group_keywords", no_child)
        asked = quote("auto_cluster", {"ids": ids_of(made)}, account=account)
    run = ended("auto_cluster", made)

    assert asked["items"] == 13
    assert run.items_total <= 13
    assert run.expected_cost <= D(asked["cost_usd"]["expected"])


def test_pictures_of_a_known_price_have_a_quote_too(account, sandbox):
    run = ended("generate_images", [an_image(account)])
    assert run.expected_cost > 0
    off = (run.cost - run.expected_cost) / run.expected_cost
    assert run.quote_error == off.quantize(D("0.0001"))
