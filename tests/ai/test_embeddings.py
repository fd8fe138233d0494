"""A provider's `/embeddings` as what keywords are likened by, in the run's books like any call."""

import json
from array import array
from decimal import Decimal

import pytest

from igny8_core.ai import catalogue, embedding
from igny8_core.ai.books import reconcile
from igny8_core.ai.calls import Calls
from igny8_core.ai.failures import CallFailed
from igny8_core.ai.leftovers import KEPT, purge_leftovers
from igny8_core.ai.models import AITaskLog, ProviderCall
from igny8_core.ai.orders import take_order
from igny8_core.ai.providers.embeddings import rows
from igny8_core.ai.quotes import quote_of
from igny8_core.ai.tasks import retry
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.billing.ceilings import set_ceilings
from igny8_core.cli.models_in_use import models_in_use
from igny8_core.core.errors import Unavailable
from igny8_core.planner.models import Keyword
from igny8_core.system.services import set_integration
from tests.ai.runs import begun, ended, ids_of, items_of, some_keywords, usage_of, worked

MODEL = "text-embedding-3-small"
TEXTS = [f"{kind} {thing}" for thing in ("gas stove", "hiking boots") for kind in "abc"]


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    """Prompts of three keywords, requests of two texts."""
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 3)
    monkeypatch.setattr(embedding, "_PER_REQUEST", 2)


@pytest.fixture
def keywords(account, sandbox):
    choose(account)
    return some_keywords(account, *TEXTS)


def choose(account, **config):
    values = {"config": {"embedding_model": MODEL, **config}}
    set_integration(account, "openai", values, functions=["auto_cluster"])


def embedded(sandbox) -> list:
    return [one for one in sandbox.ledger.entries() if one.kind == "embeddings"]


def own_calls(run) -> list[ProviderCall]:
    return list(ProviderCall.unscoped.filter(run=run).order_by("pk"))


def step_of(run, name="Embeddings") -> dict:
    (step,) = [one for one in run.request_steps if one["name"] == name]
    return step


def in_clusters(account) -> int:
    return Keyword.objects.for_account(account).exclude(cluster=None).count()


def test_keywords_are_put_together_by_the_model_that_the_account_has_chosen(
    account, keywords, sandbox
):
    run = ended("auto_cluster", keywords)

    assert run.state == "SUCCESS"
    groups = [sorted(item.payload["ids"]) for item in items_of(run)]
    assert sorted(groups) == [ids_of(keywords[:3]), ids_of(keywords[3:])]
    assert {item.payload["told"] for item in items_of(run)} == {"Grouped by provider."}
    assert step_of(run)["status"] == "success"
    assert len(embedded(sandbox)) == 3
    assert in_clusters(account) == 6


def test_its_calls_carry_the_run_s_name_and_ask_for_short_rows(account, keywords, sandbox):
    run = ended("auto_cluster", keywords)

    (call, *_) = embedded(sandbox)
    assert (call.function, call.task_id, call.model) == ("auto_cluster", str(run.pk), MODEL)
    (plan_, *_) = own_calls(run)
    assert plan_.purpose == "embed"
    assert catalogue.find(MODEL).dimensions == 512


def test_what_embeddings_cost_stands_in_every_book(account, keywords, sandbox):
    run = ended("auto_cluster", keywords)

    calls = own_calls(run)
    own = sum(call.cost for call in calls)
    used, *_ = sorted(usage_of(run), key=lambda row: row.item or 0)
    assert own == Decimal("0.02") / 1_000_000 * sum(call.tokens_input for call in calls) > 0
    assert (used.cost_usd, used.model, used.credits_used) == (own, MODEL, 0)
    assert run.cost == own + sum(item.cost for item in items_of(run))
    assert reconcile() == []


def test_rows_are_kept_no_longer_than_it_takes_to_make_groups_of_them(account, keywords):
    assert {call.raw for call in own_calls(ended("auto_cluster", keywords))} == {None}


def test_offline_and_few_keywords_ask_nobody(account, keywords, sandbox):
    ended("auto_cluster", keywords[:3])
    ended("auto_cluster", keywords, mode="offline")
    assert embedded(sandbox) == []


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_provider_that_fails_leaves_the_installed_model_and_says_why_without_the_key(
    status, account, keywords, sandbox, settings
):
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = f"{sandbox.url}/v1", "sk-a-secret"
    sandbox.script.add({"kind": "embeddings", "status": status})

    run = ended("auto_cluster", keywords)

    assert (run.state, in_clusters(account)) == ("SUCCESS", 6)
    told = items_of(run)[0].payload["told"]
    assert "No embeddings from the provider: " in told
    assert "provider." not in told.split("No embeddings")[0]
    assert step_of(run)["status"] == "error"
    assert "secret" not in told + json.dumps(run.request_steps)
    assert reconcile() == []


def test_the_first_failure_keeps_back_what_waits(account, keywords, sandbox, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.fanout.Lane.room", 1)
    monkeypatch.setattr(Calls, "patience", lambda self, most: 10.0)
    sandbox.script.add({"kind": "embeddings", "status": 401})

    ended("auto_cluster", keywords)

    assert len(embedded(sandbox)) == 1


def test_a_ceiling_that_leaves_no_room_leaves_the_installed_model(account, keywords, sandbox):
    set_ceilings(account, {"daily_usd": "0"})

    run = ended("auto_cluster", keywords)

    assert embedded(sandbox) == []
    assert own_calls(run) == []
    assert "ceiling of" in step_of(run)["message"]
    assert "ceiling of" in items_of(run)[0].payload["told"]


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


def pulled(*given):
    raise PulledPlug


def dies(run, monkeypatch, place, name) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(place, name, pulled)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)


def test_a_worker_that_dies_with_the_rows_in_its_hands_costs_no_second_call(
    account, keywords, sandbox, monkeypatch
):
    run = begun("auto_cluster", keywords)
    dies(run, monkeypatch, embedding, "_read")

    worked(run)

    assert len(embedded(sandbox)) == len(own_calls(run)) == 3
    assert items_of(run)[0].payload["told"] == "Grouped by provider."
    assert reconcile() == []


def test_calls_that_a_dead_worker_had_sent_are_of_unknown_cost(
    account, keywords, sandbox, monkeypatch
):
    run = begun("auto_cluster", keywords)
    dies(run, monkeypatch, Calls, "ask")

    worked(run)

    assert (run.state, run.unpriced_calls) == ("SUCCESS", 3)
    assert len(embedded(sandbox)) == 3
    assert reconcile() == []


def test_a_call_that_was_lost_is_of_unknown_cost(account, keywords, sandbox):
    sandbox.script.add("kind=embeddings reset_after first=1")

    run = ended("auto_cluster", keywords)

    assert (run.state, run.unpriced_calls) == ("SUCCESS", 1)
    assert reconcile() == []


def test_a_retry_goes_on_with_the_rows_of_a_run_that_made_no_groups(
    account, keywords, sandbox, monkeypatch
):
    def died(*terms, embed, **given):
        embed(sorted(TEXTS))
        raise Unavailable("The clusterer died.")

    with monkeypatch.context() as patched:
        patched.setattr("igny8_core.planner.finding.group_keywords", died)
        first = ended("auto_cluster", keywords)
    assert (first.state, items_of(first)) == ("FAILURE", [])
    assert [row.cost_usd for row in usage_of(first)] == [first.cost]
    assert first.cost > 0

    again = worked(retry(first))

    assert again.state == "SUCCESS"
    assert own_calls(again) == []
    assert len(embedded(sandbox)) == 3
    assert reconcile() == []


def test_rows_that_no_retry_comes_for_are_let_go_of(account, keywords, monkeypatch):
    run = begun("auto_cluster", keywords)
    dies(run, monkeypatch, embedding, "_read")
    made = own_calls(run)[0].created_at

    purge_leftovers(made + KEPT / 2)
    assert None not in {call.raw for call in own_calls(run)}
    purge_leftovers(made + KEPT * 2)
    assert {call.raw for call in own_calls(run)} == {None}


def test_another_account_pays_for_its_own_rows(account, keywords, world, sandbox, monkeypatch):
    run = begun("auto_cluster", keywords)
    dies(run, monkeypatch, embedding, "_read")
    theirs = world.charlie.account
    choose(theirs)

    ledger.grant(theirs, 10, key="test")
    ended("auto_cluster", some_keywords(theirs, *TEXTS))

    assert len(embedded(sandbox)) == 6


def test_a_dry_run_counts_what_would_be_embedded_and_sends_nothing(account, keywords, sandbox):
    def quote():
        return quote_of(take_order("auto_cluster", {"ids": ids_of(keywords)}, account))

    with_them = quote()
    choose(account, embedding_model=None)
    without = quote()

    assert sandbox.ledger.entries() == []
    assert with_them["tokens_input"] > without["tokens_input"]
    expected = [Decimal(one["cost_usd"]["expected"]) for one in (with_them, without)]
    assert expected[0] > expected[1]
    assert with_them["tokens_output_max"] == without["tokens_output_max"]


def test_a_model_of_unknown_price_is_counted_as_unpriced(account, keywords, sandbox):
    choose(account, embedding_model="nomic-embed-text")

    run = ended("auto_cluster", keywords)

    assert (run.state, run.unpriced_calls) == ("SUCCESS", 3)
    assert reconcile() == []


def test_doctor_names_the_model_that_accounts_embed_by(account, keywords):
    told = [finding.state for finding in models_in_use()]
    assert f"{MODEL} (set by 1 account)" in told


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b'{"data": []}',
        b'{"data": [{"index": 1, "embedding": [1.0]}]}',
        b'{"data": [{"index": 0, "embedding": "????"}]}',
        b'{"data": [{"index": 0, "embedding": ["a"]}]}',
        b'{"data": [{"index": 0}]}',
    ],
)
def test_an_answer_that_is_not_one_row_for_each_text_is_unreadable(answer):
    with pytest.raises(CallFailed, match="unreadable"):
        rows(answer, 1)


def test_an_unreadable_answer_is_paid_for_and_leaves_the_installed_model(
    account, keywords, sandbox
):
    body = {
        "data": [{"index": 0, "embedding": "????"}],
        "usage": {"prompt_tokens": 5, "total_tokens": 5},
    }
    sandbox.script.add({"kind": "embeddings", "raw": json.dumps(body), "billed": True})

    run = ended("auto_cluster", keywords)

    assert run.state == "SUCCESS"
    assert "unreadable" in step_of(run)["message"]
    assert "{" not in step_of(run)["message"]
    assert sum(call.tokens_input for call in own_calls(run)) == 15
    assert reconcile() == []


def test_plain_numbers_are_read_as_well_as_packed_ones():
    plain = {"data": [{"index": 1, "embedding": [3, 4.5]}, {"index": 0, "embedding": [1, 2]}]}

    assert rows(json.dumps(plain).encode(), 2) == [array("f", [1, 2]), array("f", [3, 4.5])]
