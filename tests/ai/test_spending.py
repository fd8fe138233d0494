"""An account's ceilings in USD: held by all its runs together, and never in the way for nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from igny8_core.ai import books, engine, fanout, notices, spending
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.claims import claim
from igny8_core.ai.expectations import highest_cost
from igny8_core.ai.models import LIVE, AITaskLog, CallState, ProviderCall
from igny8_core.ai.registry import get_function_instance
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.billing.ceilings import set_ceilings
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration
from tests.ai.runs import (
    an_image,
    begun,
    calls_of,
    ended,
    errors_of,
    some_tasks,
    states_of,
    worked,
)
from tests.parallel import in_threads
from tests.world import error


class PulledPlug(BaseException):
    """A worker that dies."""


def pulled(*given):
    raise PulledPlug


@pytest.fixture
def dear(account, toy, sandbox):
    """Each call costs 0.01 USD, and may cost 0.06: 1,000 of at most 6,000 tokens of gpt-4o."""
    openai = IntegrationSettings.Type.OPENAI
    set_integration(
        account, openai, {"config": {"model": "gpt-4o", "max_tokens": 6000}}, functions=[]
    )
    usage = {"prompt_tokens": 0, "completion_tokens": 1000}
    message = {"role": "assistant", "content": '{"title": "Maps"}'}
    answers(sandbox, message, usage)
    return account


def answers(sandbox, message, usage):
    body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}
    sandbox.script.add({"raw": json.dumps(body), "billed": True})


def spent(account) -> Decimal:
    return sum((call.cost or 0 for call in ProviderCall.objects.for_account(account)), Decimal())


def test_no_more_is_spent_than_the_ceiling_and_it_is_used_up(dear, sandbox):
    set_ceilings(dear, {"daily_usd": "0.2"})
    run = ended("toy", some_tasks(dear, 30))
    states = states_of(run)
    # 0.2 less what one call may cost: behind 0.14 USD there is no room for another.
    assert Decimal("0.13") <= spent(dear) <= Decimal("0.2")
    assert states.count("SUCCESS") == len(sandbox.ledger.entries(billed=True))
    assert set(errors_of(run)) - {None} == {"ceiling_reached"}
    assert ledger.balance(dear) == ledger.Balance(1000 - 3 * states.count("SUCCESS"), 0)
    assert books.reconcile() == []


def test_the_item_says_which_ceiling_and_until_when(dear):
    set_ceilings(dear, {"monthly_usd": "0.05"})
    run = ended("toy", some_tasks(dear, 1))
    assert run.error["code"] == "ceiling_reached"
    assert "monthly ceiling of 0.05 USD" in run.error["detail"]
    assert "press Retry after" in run.error["detail"]
    assert calls_of(run) == []


def test_what_might_cost_too_much_together_waits_and_is_not_refused(dear, sandbox):
    """Twenty calls may cost 1.2 USD and come to 0.2; the ceiling is 0.3."""
    set_ceilings(dear, {"daily_usd": "0.3"})
    run = ended("toy", some_tasks(dear, 20))
    assert states_of(run) == ["SUCCESS"] * 20, errors_of(run)
    assert spent(dear) == Decimal("0.2")


@pytest.mark.django_db(transaction=True)
def test_many_runs_at_once_spend_no_more_together(dear, sandbox):
    set_ceilings(dear, {"daily_usd": "0.3"})
    runs = [begun("toy", some_tasks(dear, 5)) for _ in range(8)]
    in_threads(8, lambda n: work_on(runs[n].pk))
    assert Decimal("0.23") <= spent(dear) <= Decimal("0.3")
    assert len(sandbox.ledger.entries(billed=True)) == spent(dear) / Decimal("0.01")
    assert books.reconcile() == []


def test_another_account_and_another_day_are_not_held(dear, world, sandbox):
    set_ceilings(dear, {"daily_usd": "0.1"})
    ended("toy", some_tasks(dear, 10))
    before = timezone.now() - timedelta(days=1)
    ProviderCall.objects.for_account(dear).update(created_at=before)
    assert states_of(ended("toy", some_tasks(dear, 1))) == ["SUCCESS"]
    other = world.charlie.membership.account
    ledger.grant(other, 100, key="test")
    assert states_of(ended("toy", some_tasks(other, 30))) == ["SUCCESS"] * 30


def test_a_run_that_waits_goes_on_once_the_ceiling_is_raised(dear, monkeypatch):
    """A call of another run is under way, and there is no room beside it."""
    monkeypatch.setattr("igny8_core.ai.calls._LOOK_AGAIN", 0.01)
    monkeypatch.setattr(engine, "_LOOK_UP", 0.01)
    set_ceilings(dear, {"daily_usd": "0.1"})
    assert claim(in_flight(dear, Decimal("0.09"), fence=1).item.run_id)
    run, looks = begun("toy", some_tasks(dear, 2)), iter(range(100))
    while_full = notices.while_full

    def raised(period):
        if next(looks) == 3:
            set_ceilings(dear, {"daily_usd": "5"})
        return while_full(period)

    monkeypatch.setattr(notices, "while_full", raised)
    assert states_of(worked(run)) == ["SUCCESS"] * 2
    assert next(looks) > 3


def in_flight(account, max_cost, **values):
    """A call that another run has written down and sent."""
    call = a_call(begun("toy", some_tasks(account, 1)), max_cost, **values)
    call.save()
    return call


def a_call(run, max_cost, n=0, **values):
    """The row of a call for the n-th item of a run."""
    return ProviderCall(
        account=run.account,
        item=run.items.order_by("seq")[n],
        n=1,
        purpose="first",
        request_id=uuid4(),
        question_id=uuid4(),
        provider="openai",
        model="gpt-4o",
        max_cost=max_cost,
        **values,
    )


def test_what_a_dead_worker_had_sent_counts_as_spent_and_is_not_waited_for(dear):
    set_ceilings(dear, {"daily_usd": "0.1"})
    """Neither while nobody has its run, nor once another worker has it."""
    call = in_flight(dear, Decimal("0.09"), fence=1)
    assert errors_of(ended("toy", some_tasks(dear, 1))) == ["ceiling_reached"]
    AITaskLog.unscoped.filter(pk=call.item.run_id).update(fence=1)
    assert claim(call.item.run_id)
    assert errors_of(ended("toy", some_tasks(dear, 1))) == ["ceiling_reached"]


def test_calls_that_were_sent_before_the_first_ceiling_count(dear, monkeypatch):
    run = begun("toy", some_tasks(dear, 2))
    monkeypatch.setattr(engine.AIEngine, "_take_in", pulled)
    with pytest.raises(PulledPlug):
        work_on(run.pk)
    assert spending.periods(dear.pk, None)[0].spent > Decimal("0.12")


def test_a_call_that_waited_across_midnight_counts_on_the_day_it_is_sent(dear):
    run = begun("toy", some_tasks(dear, 1))
    yesterday = timezone.now() - timedelta(days=1)
    call = a_call(run, Decimal("0.06"), created_at=yesterday)
    set_ceilings(dear, {"daily_usd": "1"})
    with transaction.atomic():
        spending.open_calls(run, [call])
    assert spending.periods(dear.pk, None)[0].spent == Decimal("0.06")


def test_what_fits_is_told_from_what_does_not_also_at_a_second_try(dear):
    """A try that was rolled back has left its rows' keys, which other rows get then."""
    set_ceilings(dear, {"daily_usd": "0.1"})
    run = begun("toy", some_tasks(dear, 2))
    small, big = (a_call(run, Decimal(usd), n) for n, usd in enumerate(("0.05", "0.5")))
    small.pk, big.pk = 2, 1
    with transaction.atomic():
        admission = spending.open_calls(run, [small, big])
    assert admission.refused == {big.item_id}


@pytest.mark.django_db(transaction=True)
def test_a_ceiling_can_be_changed_while_calls_are_sent(dear, sandbox, settings, caplog):
    settings.IGNY8_MAX_CONCURRENCY = 1  # A transaction for each call.
    set_ceilings(dear, {"daily_usd": "100"})
    runs = [begun("toy", some_tasks(dear, 20)) for _ in range(2)]

    def work_or_set(n):
        if n < len(runs):
            return work_on(runs[n].pk)
        while AITaskLog.objects.for_account(dear).filter(state__in=LIVE).exists():
            set_ceilings(dear, {"daily_usd": "100"})

    assert in_threads(3, work_or_set)[-1] is None
    assert [states_of(run) for run in runs] == [["SUCCESS"] * 20] * 2
    assert "the database does not take" not in caplog.text


@pytest.mark.parametrize("state", [CallState.UNKNOWN, CallState.OK])
def test_a_call_whose_bill_did_not_come_counts_with_the_most_it_may_cost(state, dear):
    in_flight(dear, Decimal("0.09"), state=state)
    day, month = spending.periods(dear.pk, None)
    assert day.spent == month.spent == Decimal("0.09")


def test_a_model_without_a_price_is_let_through_and_counts_nothing(account, toy, sandbox):
    openai = IntegrationSettings.Type.OPENAI
    set_integration(account, openai, {"config": {"model": "a-model-of-ours"}}, functions=[])
    set_ceilings(account, {"daily_usd": "0"})
    run = ended("toy", some_tasks(account, 2))
    assert states_of(run) == ["SUCCESS"] * 2
    assert run.unpriced_calls == 2


def test_a_picture_s_tokens_are_known_beforehand(account, sandbox):
    set_ceilings(account, {"daily_usd": "0.001"})
    run = ended("generate_images", [an_image(account)])
    assert errors_of(run) == ["ceiling_reached"]
    assert sandbox.ledger.entries() == []


def test_no_text_has_more_tokens_than_bytes(account, toy):
    function = toy()
    core = AICore(account)
    prompt = "ä" * 500_000
    request = core.request(function, prompt, core.plan(function), task_id=uuid4())
    told = (Decimal("0.15") * 1_000_000 + Decimal("0.60") * request.max_tokens) / 10**6
    assert told < highest_cost(request) < told * Decimal("1.001")


def test_the_answers_schema_and_a_dearer_cache_count_too(account, sandbox):
    function = get_function_instance("generate_ideas")
    core = AICore(account)
    request = core.request(function, "maps", core.plan(function), task_id=uuid4())
    request = replace(request, model="gpt-6.2-sol", max_tokens=1)
    assert request.shape
    schema = highest_cost(request) - highest_cost(replace(request, shape=None))
    assert schema == Decimal("2.50") * len(json.dumps(request.shape.schema)) / 10**6


def test_without_a_ceiling_nothing_more_is_asked(account, toy, sandbox, monkeypatch):
    def never(*given):
        raise AssertionError

    monkeypatch.setattr(spending, "open_calls", never)
    assert states_of(ended("toy", some_tasks(account, 2))) == ["SUCCESS"] * 2


def test_a_worker_that_dies_with_calls_under_way_leaves_the_ceiling_held(dear, monkeypatch):
    set_ceilings(dear, {"daily_usd": "0.2"})
    run = begun("toy", some_tasks(dear, 10))

    pool = fanout.Pool(2)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    with monkeypatch.context() as patched:
        patched.setattr(engine.AIEngine, "_take_in", pulled)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    ProviderCall.objects.for_account(dear).update(created_at=timezone.now() - timedelta(hours=1))
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert spent(dear) + 2 * Decimal("0.06") <= Decimal("0.2")


def test_ceilings_are_set_read_back_and_lifted(world):
    adam, vera = world.adam.api, world.vera.api
    shown = adam.put("billing/ceilings/", {"daily_usd": "5", "monthly_usd": 100}).json()
    assert (shown["daily_usd"], shown["monthly_usd"]) == ("5.0000", "100.0000")
    assert Decimal(shown["spent_today"]) == Decimal(shown["spent_this_month"]) == 0
    assert adam.put("billing/ceilings/", {"daily_usd": None}).json()["daily_usd"] is None
    assert vera.get("billing/ceilings/").json()["monthly_usd"] == "100.0000"
    assert vera.put("billing/ceilings/", {"daily_usd": "1"}).status_code == 403
    assert world.charlie.api.get("billing/ceilings/").json()["monthly_usd"] is None


@pytest.mark.parametrize(
    "values",
    [
        {"daily_usd": "-1"},
        {"daily_usd": "NaN"},
        {"daily_usd": "much"},
        {"daily_usd": "0.00001"},
        {"daily_usd": 10**20},
        {"weekly_usd": "1"},
        [],
    ],
)
def test_what_is_no_ceiling_is_named(values, world):
    response = world.adam.api.put("billing/ceilings/", values)
    assert response.status_code == 400, response.content
    assert error(response)["attr"] == (next(iter(values)) if values else None)
