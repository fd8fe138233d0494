"""What a call costs, worked by hand, and books that agree whatever happens to a run."""

import datetime
import json
import random
import zlib
from collections import Counter
from dataclasses import replace
from decimal import Decimal as D
from itertools import groupby

import pytest

from igny8_core.ai import catalogue, items, journal, registry
from igny8_core.ai.claims import Claim
from igny8_core.ai.cost import Usage, cost_of
from igny8_core.ai.costbooks import differences
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.fanout import Outcome
from igny8_core.ai.functions.generate_content import GenerateContentFunction
from igny8_core.ai.models import (
    AITaskItem,
    AITaskLog,
    CallState,
    ItemState,
    ProviderCall,
    RunState,
)
from igny8_core.ai.progress import ProgressTracker, usd
from igny8_core.ai.providers.tokens import usage_told
from igny8_core.ai.providers.transport import Kind, failed
from igny8_core.ai.recourse import Recourse
from igny8_core.ai.requests import Answer
from igny8_core.ai.tasks import retry
from igny8_core.ai.work import Purpose, Work
from igny8_core.ai.worker import work_on
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.errors import BadResponse
from igny8_core.system.services import set_image_config, set_integration
from tests.ai.runs import (
    a_request,
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

M = 1_000_000
SENT_AND_RECEIVED = ("prompt_tokens", "completion_tokens")


@pytest.fixture
def at_once(monkeypatch):
    """What is asked again is asked without a pause."""
    monkeypatch.setattr("igny8_core.ai.retries._pause", lambda *given: 0.0)


def on(monkeypatch, day):
    monkeypatch.setattr(catalogue, "today", lambda: datetime.date.fromisoformat(day))


# --- each tier, worked by hand from the prices of 2026-11 ---------------------------------------


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        # An article of 1,500 in and 3,000 out.
        # gpt-4o: 1,500 x 2.50 = 3,750; 3,000 x 10.00 = 30,000; 33,750 per million.
        ("gpt-4o", Usage(1500, 3000), "0.03375"),
        # gpt-6-luna: 1,500 x 0.10 = 150; 3,000 x 0.50 = 1,500; 1,650 per million.
        ("gpt-6-luna", Usage(1500, 3000), "0.00165"),
        # gpt-4o-mini: a million in, 0.15, and a million out, 0.60.
        ("gpt-4o-mini", Usage(M, M), "0.75"),
        # gpt-4.1: 1,000 x 2.00 + 1,000 x 8.00 = 10,000 per million.
        ("gpt-4.1", Usage(1000, 1000), "0.01"),
        # gpt-4.1-mini: 3 x 0.40 + 1 x 1.60 = 2.8 per million.
        ("gpt-4.1-mini", Usage(3, 1), "0.0000028"),
        # gpt-6.1-terra: 2,000 x 1.00 + 1,000 x 5.00 = 7,000 per million.
        ("gpt-6.1-terra", Usage(2000, 1000), "0.007"),
        # gpt-6.1-sol: 2,000 x 2.00 + 1,000 x 10.00 = 14,000 per million.
        ("gpt-6.1-sol", Usage(2000, 1000), "0.014"),
        # gpt-6-astra: 100 x 10 + 10 x 50 = 1,500 per million.
        ("gpt-6-astra", Usage(100, 10), "0.0015"),
        # gpt-5.6-luna: 1,000 x 0.20 + 500 x 1.20 = 800 per million.
        ("gpt-5.6-luna", Usage(1000, 500), "0.0008"),
        # gpt-5.6-terra: 1,000 x 2.00 + 500 x 12.00 = 8,000 per million.
        ("gpt-5.6-terra", Usage(1000, 500), "0.008"),
        # gpt-image-2.6-sunburst: 50 x 5.00 + 1,372 x 30.00 = 41,410 per million.
        ("gpt-image-2.6-sunburst", Usage(50, 1372), "0.04141"),
        # gpt-image-1-mini: 50 x 2.00 + 1,056 x 8.00 = 8,548 per million.
        ("gpt-image-1-mini", Usage(50, 1056), "0.008548"),
        # gpt-image-1 (historic): 50 x 5.00 + 1,056 x 40.00 = 42,490 per million.
        ("gpt-image-1", Usage(50, 1056), "0.04249"),
    ],
)
def test_input_and_output(model, usage, usd):
    assert cost_of(model, usage).total == D(usd)


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        # 1,000 in, 600 of them cached: 400 x 2.50 + 600 x 1.25 + 100 x 10.00 = 2,750.
        ("gpt-4o", Usage(1000, 100, cached=600), "0.00275"),
        # 500 x 0.10 + 200 x 0.01 + 300 x 0.125 + 10 x 0.50 = 50 + 2 + 37.5 + 5 = 94.5.
        ("gpt-6-luna", Usage(1000, 10, cached=200, cache_write=300), "0.0000945"),
        # 0 x 1.00 + 900 x 0.05 + 100 x 1.25 + 10 x 5.00 = 45 + 125 + 50 = 220.
        ("gpt-6.1-terra", Usage(1000, 10, cached=900, cache_write=100), "0.00022"),
        # Before GPT-5.6 writing costs what input does: 700 x 0.40 + 300 x 0.40 + 1 x 1.60 = 401.6.
        ("gpt-4.1-mini", Usage(1000, 1, cache_write=300), "0.0004016"),
        # More cached than there was: each token is paid once, 10 x 1.25 = 12.5.
        ("gpt-4o", Usage(10, 0, cached=20), "0.0000125"),
        # Of 10 in, 8 cached and so at most 2 written: 8 x 0.01 + 2 x 0.125 = 0.33.
        ("gpt-6-luna", Usage(10, 0, cached=8, cache_write=8), "0.00000033"),
    ],
)
def test_cached_and_written_tokens_count_once_at_their_own_rates(model, usage, usd):
    assert cost_of(model, usage).total == D(usd)


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        # Not above 272,000: 272,000 x 0.10 + 1,000 x 0.50 = 27,700.
        ("gpt-6-luna", Usage(272_000, 1000), "0.0277"),
        # Above, the whole request: 272,001 x 0.20 + 1,000 x 0.75 = 54,400.2 + 750 = 55,150.2.
        ("gpt-6-luna", Usage(272_001, 1000), "0.0551502"),
        # 300,000 in, 100,000 cached, 50,000 written: 150,000 x 0.20 + 100,000 x 0.02
        # + 50,000 x 0.25 + 10 x 0.75 = 30,000 + 2,000 + 12,500 + 7.5 = 44,507.5.
        ("gpt-6-luna", Usage(300_000, 10, cached=100_000, cache_write=50_000), "0.0445075"),
        # gpt-4o knows no such tier: 300,000 x 2.50 = 750,000.
        ("gpt-4o", Usage(300_000, 0), "0.75"),
        # gpt-6-astra has one, and by how much nobody has told.
        ("gpt-6-astra", Usage(272_001, 10), None),
    ],
)
def test_a_long_context_is_dearer_as_a_whole(model, usage, usd):
    assert cost_of(model, usage).total == (None if usd is None else D(usd))


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        # Half of 0.00165.
        ("gpt-6-luna", Usage(1500, 3000), "0.000825"),
        # Half of the long request's 0.0551502.
        ("gpt-6-luna", Usage(272_001, 1000), "0.0275751"),
        # Half of 0.00022.
        ("gpt-6.1-terra", Usage(1000, 10, cached=900, cache_write=100), "0.00011"),
        ("gpt-4o", Usage(1500, 3000), "0.016875"),
        # What a batch of gpt-6-sol costs nobody has told.
        ("gpt-6-sol", Usage(1500, 3000), None),
    ],
)
def test_a_batch_costs_half(model, usage, usd):
    assert cost_of(model, usage, tier="batch").total == (None if usd is None else D(usd))


def test_pictures_that_are_paid_by_the_piece_cost_by_their_size():
    # dall-e-3 (historic): 0.04 square, 0.08 wide, in standard quality.
    assert cost_of("dall-e-3", Usage(), size="1024x1024").total == D("0.04")
    assert cost_of("dall-e-3", Usage(), size="1792x1024").total == D("0.08")
    assert cost_of("dall-e-3", Usage(10, 10), size="1x1").total is None


def test_a_price_holds_from_its_day_on(monkeypatch):
    on(monkeypatch, "2026-07-29")
    # 1,000 x 1.00 + 500 x 6.00 = 4,000 per million.
    assert cost_of("gpt-5.6-luna", Usage(1000, 500)).total == D("0.004")
    on(monkeypatch, "2026-07-30")
    assert cost_of("gpt-5.6-luna", Usage(1000, 500)).total == D("0.0008")
    on(monkeypatch, "2026-07-08")
    assert cost_of("gpt-5.6-luna", Usage(1000, 500)).total is None


def test_the_provider_s_own_figure_wins():
    cost = cost_of("gpt-4o", Usage(1500, 3000), stated=D("0.002"))
    assert (cost.total, cost.basis, cost.parts) == (D("0.002"), "stated", ())
    assert cost_of("runware:97@1", Usage(), stated=D("0")).total == 0


@pytest.mark.parametrize(
    ("model", "usage", "why"),
    [
        ("a-model-nobody-knows", Usage(1500, 3000), "no price of a-model-nobody-knows is known"),
        ("gpt-4", Usage(1500, 3000), "no price of gpt-4 is known"),
        ("runware:97@1", Usage(), "no price of runware:97@1 is known"),
        ("gpt-4o", Usage(), "the provider told no tokens"),
        ("gpt-6-sol", Usage(9, 9, cache_write=1), "the price names no rate for all of its tokens"),
        ("dall-e-3", Usage(), "the price names no rate for this pictures"),
    ],
)
def test_what_is_not_known_is_null_with_a_reason_and_never_nothing(model, usage, why):
    cost = cost_of(model, usage)
    assert (cost.total, cost.basis, cost.why) == (None, "unknown", why)
    assert cost.as_dict()["total"] is None


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens": 1000},
        {"completion_tokens": 300},
        {"prompt_tokens": 1000, "total_tokens": 1300},
        *({"prompt_tokens": 1000, "completion_tokens": odd} for odd in (None, -1, 0.5, "many")),
        *({"prompt_tokens": odd, "completion_tokens": 300} for odd in ([], True, 1e300, "1e3")),
    ],
)
def test_half_of_the_tokens_make_no_cost(told):
    cost = cost_of("gpt-4o", usage_told(told, *SENT_AND_RECEIVED))
    assert (cost.total, cost.why) == (None, "the provider told only part of the tokens")


@pytest.mark.parametrize("count", [300, 300.0, "300"])
def test_a_count_of_tokens_is_read_in_each_form_of_the_number(count):
    told = usage_told({"prompt_tokens": 1000, "completion_tokens": count}, *SENT_AND_RECEIVED)
    # 1,000 x 2.50 + 300 x 10.00 = 5,500 per million.
    assert cost_of("gpt-4o", told).total == D("0.0055")


def test_an_answer_with_half_a_usage_is_of_unknown_cost_in_every_book(account, toy, sandbox):
    choice = {"message": {"content": '{"title": "Maps"}'}, "finish_reason": "stop"}
    sandbox.script.add({"raw": json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9}})})
    run = ended("toy", some_tasks(account, 1))
    (call,), (usage,) = calls_of(run), usage_of(run)
    assert states_of(run) == ["SUCCESS"]
    assert (call.cost, usage.cost_usd, usd(run), run.unpriced_calls) == (None, None, None, 1)
    assert (call.tokens_input, call.usage["is_whole"]) == (9, False)


def test_a_row_of_usage_says_how_much_of_it_is_unknown(account, world, toy, sandbox):
    """Asked twice: the unfit answer has a bill, the fit one none. What is known stays told."""
    unfit = {"message": {"content": "nonsense"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 2000, "completion_tokens": 100}
    sandbox.script.add({"raw": json.dumps({"choices": [unfit], "usage": usage}), "first": 1})
    sandbox.script.add("usage=missing")
    run = ended("toy", some_tasks(account, 1))
    assert [bool(call.cost) for call in calls_of(run)] == [True, False]
    (row,) = world.adam.api.get("billing/usage/").json()["results"]
    assert (D(row["cost_usd"]), row["unpriced_calls"]) == (run.cost, 1)
    (summed,) = world.adam.api.get("billing/usage/?group_by=function").json()["results"]
    assert (D(summed["cost_usd"]), summed["unpriced"]) == (run.cost, 1)
    assert list(differences()) == []


def test_a_cost_says_what_it_is_made_of_and_by_which_price():
    cost = cost_of("gpt-4o-2024-08-06", Usage(1000, 100, cached=600))
    assert sum(part.usd for part in cost.parts) == cost.total
    told = cost.as_dict()
    assert told["price"].pop("source")
    assert told == {
        "total": "0.00275",
        "basis": "price",
        "parts": {
            "input": {"units": 400, "rate": "2.5", "per": M, "usd": "0.001"},
            "cached": {"units": 600, "rate": "1.25", "per": M, "usd": "0.00075"},
            "output": {"units": 100, "rate": "10", "per": M, "usd": "0.001"},
        },
        "price": {"model": "gpt-4o", "from": "2024-10-01", "tier": "standard"},
    }
    long = cost_of("gpt-6-luna", Usage(300_000, 1), tier="batch")
    assert long.price["tier"] == "batch, long context"


# --- in the journal ----------------------------------------------------------------------------


def test_the_journal_keeps_the_breakdown_of_each_call(account, toy):
    run = ended("toy", some_tasks(account, 1))
    (call,) = calls_of(run)
    assert call.cost_breakdown["basis"] == "price"
    assert D(call.cost_breakdown["total"]) == call.cost == run.cost > 0
    parts = call.cost_breakdown["parts"].values()
    assert sum(D(part["usd"]) for part in parts) == call.cost
    assert call.cost_breakdown["price"]["model"] == call.model


def test_a_picture_of_runware_costs_what_runware_says(account, sandbox):
    set_image_config(account, {"provider": "runware"})
    run = ended("generate_images", [an_image(account)])
    (call,) = calls_of(run)
    assert call.cost_breakdown == {"total": call.cost_breakdown["total"], "basis": "stated"}
    (billed,) = sandbox.ledger.entries(billed=True)
    assert D(call.cost_breakdown["total"]) == call.cost == D(str(billed.cost))


def test_a_picture_that_is_held_back_is_paid_for(account, sandbox):
    set_image_config(account, {"provider": "runware"})
    sandbox.script.add("nsfw")
    run = ended("generate_images", [an_image(account)])
    (call,), (usage,) = calls_of(run), usage_of(run)
    (billed,) = sandbox.ledger.entries(billed=True)
    assert errors_of(run) == ["refused"]
    assert run.cost == call.cost == usage.cost_usd == D(str(billed.cost)) > 0
    assert "NSFWContent" in zlib.decompress(call.raw).decode()
    assert list(differences()) == []


def test_a_response_that_failed_and_was_paid_for_is_in_every_book(account, toy, sandbox, at_once):
    """By the price of gpt-4o-mini: 2,000 x 0.15 + 100 x 0.60 = 360 per million, each time."""
    config = {"config": {"interface": "responses"}}
    set_integration(account, "openai", config, functions=[])
    usage = {"input_tokens": 2000, "output_tokens": 100}
    error = {"code": "server_error", "message": "It failed."}
    body = {"object": "response", "status": "failed", "output": [], "error": error}
    sandbox.script.add({"raw": json.dumps({**body, "usage": usage})})
    run = ended("toy", some_tasks(account, 1))
    calls, (row,) = calls_of(run), usage_of(run)
    assert errors_of(run) == ["server"]
    assert {(call.cost, call.state, bool(call.raw)) for call in calls} == {
        (D("0.00036"), "error", True)
    }
    assert run.cost == row.cost_usd == D("0.00036") * len(calls)
    assert (row.tokens_input, run.tokens) == (2000 * len(calls), 2100 * len(calls))
    assert list(differences()) == []


def test_what_broke_off_without_a_bill_is_of_unknown_cost(account, toy, sandbox, at_once):
    body = {"choices": [{"message": {"content": "{"}, "finish_reason": "error"}]}
    sandbox.script.add({"raw": json.dumps(body), "first": 1})
    run = ended("toy", some_tasks(account, 1))
    first, second = calls_of(run)
    assert (first.cost, first.state, first.error_kind) == (None, "unknown", "server")
    assert (run.cost, run.unpriced_calls) == (second.cost, 1)
    assert list(differences()) == []


def test_a_call_that_was_lost_is_of_unknown_cost_in_every_book(account, toy, sandbox, at_once):
    sandbox.script.add("reset_after")
    run = ended("toy", some_tasks(account, 1))
    (usage,) = usage_of(run)
    assert errors_of(run) == ["lost"]
    assert (usd(run), run.unpriced_calls, usage.cost_usd) == (None, 3, None)
    told = {(call.cost, call.cost_breakdown["why"]) for call in calls_of(run)}
    assert told == {(None, "no answer came, and it may have been paid for")}
    assert list(differences()) == []


def test_a_lost_call_counts_beside_the_one_that_was_answered(account, toy, sandbox, at_once):
    sandbox.script.add("reset_after first=1")
    run = ended("toy", some_tasks(account, 1))
    (item,) = items_of(run)
    assert (states_of(run), run.unpriced_calls, item.unpriced_calls) == (["SUCCESS"], 1, 1)
    assert run.cost == calls_of(run)[1].cost
    assert list(differences()) == []


@pytest.mark.parametrize(("fault", "unpriced"), [("reset_after first=1", 0), ("reset_after", 1)])
def test_where_a_question_is_paid_once_a_lost_call_counts_only_if_nothing_came(
    fault, unpriced, account, sandbox, at_once
):
    set_image_config(account, {"provider": "runware"})
    sandbox.script.add(fault)
    run = ended("generate_images", [an_image(account)])
    assert len(calls_of(run)) > 1
    assert (run.unpriced_calls, bool(run.cost)) == (unpriced, not unpriced)
    assert list(differences()) == []


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


def dies(monkeypatch, run, part, place):
    """A worker that dies when it comes to a method of one of the engine's parts."""

    def plug(*given):
        raise PulledPlug

    with monkeypatch.context() as patched:
        patched.setattr(part, place, plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)


@pytest.mark.parametrize(
    ("place", "fault", "unpriced"),
    [
        ((Dispatch, "_submit"), "", 1),
        ((Recourse, "after_call"), "reset_after first=1", 1),
        ((Recourse, "after_call"), "", 0),
    ],
)
def test_what_a_dead_worker_had_sent_is_in_the_books_of_the_next(
    place, fault, unpriced, account, toy, sandbox, at_once, monkeypatch
):
    if fault:
        sandbox.script.add(fault)
    run = begun("toy", some_tasks(account, 1))
    dies(monkeypatch, run, *place)
    worked(run)
    (usage,) = usage_of(run)
    assert (states_of(run), run.unpriced_calls) == (["SUCCESS"], unpriced)
    assert run.cost == usage.cost_usd == calls_of(run)[-1].cost
    assert list(differences()) == []


def test_an_item_that_ends_before_it_is_asked_again_keeps_its_costs(
    account, toy, sandbox, monkeypatch
):
    run = begun("toy", some_tasks(account, 1))
    dies(monkeypatch, run, Recourse, "after_call")
    AITaskItem.unscoped.filter(run=run).update(crashes=3)
    worked(run)
    (item,), (usage,) = items_of(run), usage_of(run)
    assert errors_of(run) == ["worker_crashed"]
    assert item.cost == usage.cost_usd == run.cost == calls_of(run)[0].cost > 0
    assert item.attempts == 1
    assert list(differences()) == []


def test_a_call_of_unknown_price_is_null_in_every_book(account, toy, monkeypatch):
    monkeypatch.setattr(toy, "get_model", lambda self: "a-model-nobody-knows")
    run = ended("toy", some_tasks(account, 1))
    (call,), (usage,) = calls_of(run), usage_of(run)
    assert (call.cost, call.cost_breakdown["basis"]) == (None, "unknown")
    assert (usage.cost_usd, usd(run), run.unpriced_calls) == (None, None, 1)


# --- the books agree ---------------------------------------------------------------------------


def test_the_books_of_a_run_with_failures_repeats_and_a_retry_agree(account, toy, sandbox):
    sandbox.script.add(["nth=1 status=500", "nth=2 truncate", "nth=4 usage=missing"])
    sandbox.script.add("contains=<task-005> refusal")
    run = ended("toy", some_tasks(account, 8))
    sandbox.script.clear()
    again = worked(retry(run))
    assert (run.state, run.items_failed, again.items_done) == ("SUCCESS", 1, 1)
    assert sum(call.cost for call in calls_of(run) if call.cost) == run.cost
    assert run.unpriced_calls == 1
    assert list(differences()) == []


def test_a_difference_in_any_book_is_found(account, toy):
    run = ended("toy", some_tasks(account, 2))
    assert list(differences()) == []
    call = calls_of(run)[0]
    ProviderCall.unscoped.filter(pk=call.pk).update(cost=call.cost + 1)
    (said,) = differences()
    assert f"run {run.pk}" in said
    ProviderCall.unscoped.filter(pk=call.pk).update(cost=call.cost)
    usage = CreditUsageLog.unscoped.filter(task_id=run.pk)
    usage.update(unpriced_calls=1)
    assert len(list(differences())) == 1
    usage.update(unpriced_calls=0, cost_usd=None)
    assert len(list(differences())) == 1


MODELS = ["gpt-4o", "gpt-6-luna", "gpt-6.1-terra", "gpt-5.6-luna", "gpt-6-sol", "nobody-knows"]


class RandomRun:
    """A run whose items ask, fail, repeat and end as chance has it, written as the engine does."""

    def __init__(self, run, rows, chance):
        self.run, self.chance = run, chance
        self.function = registry.get_function_instance(run.function_name)
        self.tracker = ProgressTracker(run, Claim(run.pk, run.fence))
        self.works = [Work(row, request=self._request()) for row in rows]
        for work in self.works:
            work.resume([])

    def ask(self):
        """Some of its items make a call; the worker may die before the answers, or after them."""
        works = [work for work in self.works if work.is_counted and self.chance.random() < 0.5]
        for work in works:
            work.purpose = self.chance.choice([Purpose.FIRST, Purpose.RETRY, Purpose.REASK])
        calls = [work.open_call(1.0, self.run.fence) for work in works]
        self.tracker.commit(lambda: journal.open_calls(calls))
        if self.chance.random() < 0.1:
            return self._restart()
        for work in works:
            work.close_call(self._outcome(work), self.tracker.costs)
            if work.failure:
                work.note(work.failure)
        self.tracker.commit(lambda: journal.close_calls(calls))
        if self.chance.random() < 0.1:
            self._restart()

    def _restart(self):
        """The next worker begins from the run, its items and the journal as they are kept."""
        self.run.refresh_from_db()
        self.tracker = ProgressTracker(self.run, self.tracker.claim)
        rows = AITaskItem.unscoped.filter(run=self.run).order_by("seq")
        requests = [work.request for work in self.works]
        self.works = [Work(row, request=one) for row, one in zip(rows, requests, strict=True)]
        calls = journal.calls_of([row.pk for row in rows])
        for work in self.works:
            # One in ten ends before it is looked at.
            if self.chance.random() < 0.9:
                work.resume(calls.get(work.item.pk, []))
                work.answer = None

    def end(self):
        for work in self.works:
            work.write_off(self.tracker.costs)
            self.tracker.commit(lambda work=work: self._end(work))
        self.tracker.commit(lambda: self.tracker.finish({"state": RunState.SUCCESS}))

    def _end(self, work):
        if self.chance.random() < 0.7:
            return items.succeed(work, self.run, self.function, {})
        state = self.chance.choice([ItemState.FAILURE, ItemState.CANCELLED])
        items.fail(work, self.run, self.function, state, BadResponse("by chance"))

    def _request(self):
        request = a_request(self.chance.choice(MODELS), account_id=self.run.account_id)
        provider = self.chance.choice(["openai", "runware"])
        return request.again(endpoint=replace(request.endpoint, provider=provider))

    def _outcome(self, work):
        answer = self._answer()
        work.failure = self._failure(answer) if self.chance.random() < 0.4 else None
        return Outcome(1, None if work.failure else answer, work.failure)

    def _failure(self, answer):
        """Free, lost, or made and paid for and of no use."""
        kind = self.chance.choice([Kind.SERVER, Kind.LOST, Kind.REFUSED, Kind.UNREADABLE])
        has_bill = kind in {Kind.SERVER, Kind.UNREADABLE} and self.chance.random() < 0.5
        return failed(kind, paid=answer if has_bill else None)

    def _answer(self):
        sent = self.chance.choice([0, 1, 999, 271_999, 272_001, self.chance.randint(0, 10**6)])
        details = {
            "cached_tokens": self.chance.choice([0, 0, sent // 3, sent * 2]),
            "cache_write_tokens": self.chance.choice([0, 0, sent // 7]),
        }
        told = {"prompt_tokens": sent, "completion_tokens": self.chance.randint(0, 10**5)}
        if self.chance.random() < 0.2:
            told.pop(self.chance.choice(SENT_AND_RECEIVED))
        usage = usage_told({**told, "prompt_tokens_details": details}, *SENT_AND_RECEIVED)
        stated = self.chance.choice([None, None, None, D(str(self.chance.random()))])
        return Answer(body=b"{}", usage=usage, stated_cost=stated)


def unknown_by_run():
    """How many calls of each run are of unknown cost, counted anew from what was sent."""
    calls = ProviderCall.unscoped.select_related("item").order_by("item", "question_id")
    unknown = Counter()
    for (run, provider, _), some in groupby(
        calls.iterator(2000), lambda call: (call.item.run_id, call.provider, call.question_id)
    ):
        some = list(some)
        told = [call for call in some if call.usage]
        lost = [call for call in some if not call.usage and call.state in {"intent", "unknown"}]
        unknown[run] += sum(call.cost is None for call in told)
        unknown[run] += len(lost) if provider == "openai" else bool(lost and not told)
    return unknown


def test_journal_run_and_usage_agree_over_thousands_of_random_runs(account, monkeypatch):
    monkeypatch.setattr(GenerateContentFunction, "reflect", lambda *given: None)
    chance, name = random.Random(20261126), "generate_content"
    runs = AITaskLog.unscoped.bulk_create(
        AITaskLog(account=account, function_name=name, state=RunState.PROGRESS) for _ in range(2000)
    )
    rows = AITaskItem.unscoped.bulk_create(
        AITaskItem(
            account=account,
            run=run,
            seq=seq,
            function_name=name,
            target_type="task",
            target_id=2 * number + seq,
            payload={"ids": [1]},
            state=ItemState.PROGRESS,
        )
        for number, run in enumerate(runs)
        for seq in (1, 2)[: chance.randint(1, 2)]
    )
    for run, its_rows in groupby(rows, key=lambda row: row.run):
        played = RandomRun(run, list(its_rows), chance)
        for _ in range(chance.randint(1, 2)):
            played.ask()
        played.end()
    calls = Counter(ProviderCall.unscoped.values_list("state", flat=True))
    assert calls.total() > 2000
    assert min(calls[state] for state in CallState) > 100
    assert ProviderCall.unscoped.filter(state="error", cost__gt=0).count() > 100
    assert ProviderCall.unscoped.filter(state="ok", cost=None).count() > 100
    told = AITaskLog.unscoped.values_list("pk", "unpriced_calls")
    assert Counter(dict(told)) == unknown_by_run()
    assert list(differences()) == []
