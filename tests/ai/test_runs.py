"""Beginning, cancelling, retrying and claiming runs: one run per request, one worker per run."""

import threading
from datetime import timedelta
from decimal import Decimal
from math import ceil

import pytest
from django.db import connection
from django.utils import timezone

from igny8_core.ai import books, claims, fanout, registry
from igny8_core.ai.claims import claim, due, heartbeat, take_from_the_dead
from igny8_core.ai.engine import AIEngine
from igny8_core.ai.functions.auto_cluster import AutoClusterFunction
from igny8_core.ai.items import succeed
from igny8_core.ai.models import AITaskItem, AITaskLog
from igny8_core.ai.progress import progress_payload
from igny8_core.ai.requests import Answer
from igny8_core.ai.tasks import cancel, enqueue, quote, retry, run_ai_task
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry, CreditUsageLog
from igny8_core.core.errors import (
    Conflict,
    InsufficientCredits,
    InvalidPayload,
    Mismatch,
    NotInAccount,
)
from igny8_core.planner.models import Keyword
from igny8_core.system.services import set_image_config
from igny8_core.writer.models import Tasks
from tests.ai.runs import (
    a_content,
    a_task,
    an_image,
    begun,
    calls_of,
    claimed_by_a_process_that_died,
    ended,
    errors_of,
    ids_of,
    items_of,
    some_keywords,
    some_tasks,
    states_of,
    worked,
)
from tests.parallel import in_threads
from tests.world import a_site

# --- idempotency and the order of checks -------------------------------------------------------


def asked(account, objects, key="k", digest="d", function="toy", **payload):
    return enqueue(
        function,
        {"ids": ids_of(objects), **payload},
        account=account,
        idempotency_key=key,
        request_digest=digest,
    )


def test_the_same_key_and_request_give_the_same_run(account, toy):
    made = some_tasks(account, 2)
    first = asked(account, made)
    assert asked(account, made).pk == first.pk
    worked(first)
    assert asked(account, made).pk == first.pk
    assert AITaskLog.unscoped.count() == 1
    assert ledger.balance(account) == ledger.Balance(994, 0)


def test_the_same_key_with_another_request_is_refused(account, toy):
    made = some_tasks(account, 2)
    asked(account, made)
    with pytest.raises(Mismatch) as refused:
        asked(account, made, digest="other")
    assert (refused.value.status, refused.value.attr) == (422, "Idempotency-Key")


def test_a_key_is_forgotten_after_seven_days(account, toy):
    made = some_tasks(account, 1)
    first = worked(asked(account, made))
    AITaskLog.unscoped.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=8))
    assert asked(account, made, digest="other").pk != first.pk


def test_a_key_belongs_to_one_account(account, world, toy):
    ledger.grant(world.charlie.account, 100, key="test")
    mine = asked(account, some_tasks(account, 1))
    theirs = asked(world.charlie.account, some_tasks(world.charlie.account, 1))
    assert mine.pk != theirs.pk


def test_a_refused_request_is_not_remembered(account, toy):
    made = some_tasks(account, 1)
    with pytest.raises(InvalidPayload):
        asked(account, [*made, Tasks(pk=10**9)])
    assert asked(account, made, digest="other").pk


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_with_one_key_begin_one_run(account, toy):
    made = some_tasks(account, 3)
    found = in_threads(20, lambda n: asked(account, made).pk)
    assert len(set(found)) == 1, found
    assert AITaskItem.unscoped.count() == 3
    assert ledger.balance(account) == ledger.Balance(991, 9)


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_without_a_key_begin_one_run(account, toy):
    made = some_tasks(account, 3)

    def post(n):
        return begun("toy", made if n % 2 else made[::-1]).pk

    found = in_threads(20, post)
    runs = [one for one in found if not isinstance(one, Exception)]
    assert len(runs) == 1, found
    refused = [one for one in found if isinstance(one, Exception)]
    assert all(isinstance(one, Conflict) for one in refused), refused
    assert {one.extra["task_id"] for one in refused} == {str(runs[0])}
    assert ledger.balance(account) == ledger.Balance(991, 9)


def test_an_object_at_work_refuses_a_second_run_of_the_same_function(account, toy):
    made = some_tasks(account, 2)
    run = begun("toy", made[:1])
    with pytest.raises(Conflict) as refused:
        begun("toy", made)
    assert (refused.value.code, refused.value.attr) == ("already_running", "ids")
    assert refused.value.extra == {"task_id": str(run.pk)}
    worked(run)
    begun("toy", made)


def test_one_clustering_run_per_site_at_a_time(account, sandbox):
    made = some_keywords(account, "map one", "map two")
    run = begun("auto_cluster", made[:1])
    with pytest.raises(Conflict) as refused:
        begun("auto_cluster", made[1:])
    assert refused.value.extra == {"task_id": str(run.pk)}


def test_the_checks_come_in_the_contract_s_order(account, world, sandbox):
    done, running, free = (a_task(account, name) for name in ("done", "running", "free"))
    foreign = a_task(world.charlie.account, "foreign")
    worked(begun("generate_content", [done]))
    asked(account, [running], function="generate_content")
    ledger.grant(account, -ledger.balance(account).credits, key="poor")

    def refusal(*objects, **more):
        with pytest.raises((InvalidPayload, Mismatch, Conflict, InsufficientCredits)) as refused:
            asked(account, objects, function="generate_content", **more)
        return refused.value.code

    assert refusal() == "required"
    assert refusal(running, foreign) == "does_not_exist"
    assert refusal(running, digest="other") == "idempotency_mismatch"
    assert refusal(done, key=None) == "nothing_to_do"
    assert refusal(done, running, key=None) == "already_running"
    assert refusal(free, key=None) == "insufficient_credits"
    assert AITaskLog.unscoped.count() == 2


def test_credits_are_asked_for_before_anything_is_called(account, toy, sandbox):
    ledger.grant(account, -996, key="poor")
    with pytest.raises(InsufficientCredits) as refused:
        begun("toy", some_tasks(account, 2))
    assert refused.value.extra == {"needed": 6, "available": 4}
    assert AITaskLog.unscoped.count() == AITaskItem.unscoped.count() == 0
    assert ledger.balance(account) == ledger.Balance(4, 0)


def test_another_account_s_objects_are_as_if_not_there(account, world, toy):
    with pytest.raises(InvalidPayload) as refused:
        begun("toy", some_tasks(world.charlie.account, 1), account=account)
    assert (refused.value.code, refused.value.attr) == ("does_not_exist", "ids")


def test_objects_of_two_sites_are_refused(account, toy):
    other = Tasks.objects.create(account=account, site=a_site(account), title="x")
    with pytest.raises(InvalidPayload) as refused:
        begun("toy", [a_task(account), other])
    assert refused.value.attr == "ids"


def test_ids_named_twice_count_once_and_51_are_too_many(account, toy):
    made = some_tasks(account, 51)
    assert begun("toy", [made[0], made[0]]).items_total == 1
    with pytest.raises(InvalidPayload) as refused:
        begun("toy", made)
    assert refused.value.code == "max_length"


def test_a_dry_run_reserves_and_calls_nothing(account, sandbox):
    made = some_tasks(account, 2)
    shown = quote("generate_content", {"ids": ids_of(made)}, account=account)
    assert (shown["items"], shown["credits"], shown["model"]) == (2, 20, "gpt-4o")
    assert shown["tokens_output_max"] == 2 * 8192
    assert shown["tokens_input"] > 500
    assert float(shown["cost_usd"]["max"]) > float(shown["cost_usd"]["expected"]) > 0
    assert AITaskLog.unscoped.count() == 0
    assert sandbox.ledger.entries() == []


def test_a_dry_run_of_pictures_names_what_they_cost_at_most(account, sandbox):
    content = a_content(account)
    made = [an_image(account, content, position=n, placement="in_article") for n in range(2)]
    shown = quote("generate_images", {"ids": ids_of(made)}, account=account)
    assert (shown["model"], shown["unpriced"]) == ("gpt-image-2.6-sunburst", 0)
    assert shown["tokens_output_max"] == 2 * 5488
    prompts = Decimal(5 * shown["tokens_input"]) / 1_000_000
    # 30 USD per million: 1,372 tokens as a rule, 5,488 at most.
    assert Decimal(shown["cost_usd"]["expected"]) == prompts + 2 * Decimal("0.04116")
    pictures = 2 * Decimal("0.16464")
    assert pictures + prompts < Decimal(shown["cost_usd"]["max"]) < pictures + 6 * prompts
    assert 0 < ended("generate_images", made).cost <= Decimal(shown["cost_usd"]["max"])


def test_a_dry_run_of_pictures_without_a_known_price_counts_them_as_unpriced(account, sandbox):
    set_image_config(account, {"provider": "runware"})
    made = [an_image(account)]
    shown = quote("generate_images", {"ids": ids_of(made)}, account=account)
    assert shown["cost_usd"] == {"expected": None, "max": None}
    assert (shown["unpriced"], shown["tokens_output_max"]) == (1, 0)


def test_an_unknown_function_is_not_there(account):
    with pytest.raises(NotInAccount):
        enqueue("no_such", {"ids": [1]}, account=account)


# --- cancelling --------------------------------------------------------------------------------


def test_a_run_nobody_has_begun_is_cancelled_at_once(account, toy, sandbox):
    run = cancel(begun("toy", some_tasks(account, 2)))
    shown = progress_payload(run)
    assert (shown["state"], shown["meta"]["phase"]) == ("FAILURE", "DONE")
    assert shown["meta"]["percentage"] == 100
    assert shown["meta"]["error"]["code"] == "cancelled"
    assert shown["meta"]["result"]["cancelled"] == 2
    assert states_of(run) == ["CANCELLED"] * 2
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert sandbox.ledger.entries() == []
    assert not work_on(run.pk)


def test_calls_in_flight_are_finished_and_charged_and_the_rest_cancelled(
    account, toy, sandbox, monkeypatch
):
    pool = fanout.Pool(2)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 0.0)
    run = begun("toy", some_tasks(account, 8))
    toy.at_parse = staticmethod(lambda text: cancel(AITaskLog.unscoped.get(pk=run.pk)))
    worked(run)
    states = states_of(run)
    called = len(sandbox.ledger.entries(billed=True))
    assert states.count("SUCCESS") == called < 8
    assert states.count("CANCELLED") == 8 - called
    assert run.state == "SUCCESS"
    assert run.result["cancelled"] == 8 - called
    assert ledger.balance(account) == ledger.Balance(1000 - 3 * called, 0)
    assert ledger.reconcile() == []


def test_a_run_in_back_off_is_cancelled_at_once(account, toy, sandbox, monkeypatch):
    sandbox.script.add("429 retry_after=60")
    run = begun("toy", some_tasks(account, 2))

    def cancelled_once_both_wait(self):
        made = sum(work.calls_made for work in self.desk.works.values())
        if len(self.calls.waiting) == made == 2:
            cancel(AITaskLog.unscoped.get(pk=run.pk))
        look(self)

    look = AIEngine._look_for_cancel
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 0.05)
    monkeypatch.setattr(AIEngine, "_look_for_cancel", cancelled_once_both_wait)
    worked(run)
    assert states_of(run) == ["CANCELLED"] * 2
    assert run.error["code"] == "cancelled"


def test_cancelling_a_finished_run_changes_nothing(account, toy):
    run = ended("toy", some_tasks(account, 1))
    before = progress_payload(run)
    assert progress_payload(cancel(run)) == before


def test_an_offline_run_can_be_cancelled_between_its_batches(account, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_SAVE", 2)
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 0.0)
    made = some_keywords(account, "red shoes", "cheap flights", "pizza dough", "tax return form")
    run = begun("auto_cluster", made, mode="offline")

    def then_cancelled(*given):
        succeed(*given)
        AITaskLog.unscoped.filter(pk=run.pk).update(cancel_requested_at=timezone.now())

    monkeypatch.setattr("igny8_core.ai.items.succeed", then_cancelled)
    worked(run)
    assert states_of(run)[0] == "SUCCESS"
    assert set(states_of(run)[1:]) == {"CANCELLED"}


# --- retrying ----------------------------------------------------------------------------------


def test_a_retry_runs_only_what_did_not_succeed(account, toy, sandbox):
    sandbox.script.add("contains=<task-002> refusal first=1")
    run = ended("toy", some_tasks(account, 3))
    paid = len(sandbox.ledger.entries(billed=True))
    again = worked(retry(run))
    assert (again.retry_of_id, again.items_total, again.state) == (run.pk, 1, "SUCCESS")
    assert len(sandbox.ledger.entries(billed=True)) == paid + 1
    with pytest.raises(Conflict) as refused:
        retry(again)
    assert refused.value.code == "nothing_to_retry"


def test_a_kept_answer_is_parsed_before_a_new_call_is_made(account, toy, sandbox):
    def bug(text):
        raise KeyError

    toy.at_parse = staticmethod(bug)
    run = ended("toy", some_tasks(account, 2))
    assert errors_of(run) == ["unexpected"] * 2
    toy.at_parse = staticmethod(lambda text: None)
    sandbox.ledger.clear()
    again = worked(retry(run))
    assert again.state == "SUCCESS"
    assert sandbox.ledger.entries() == []
    assert (again.cost, calls_of(again)) == (0, [])
    assert ledger.balance(account) == ledger.Balance(994, 0)


def test_a_kept_answer_survives_two_retries(account, toy, sandbox):
    def bug(text):
        raise KeyError

    toy.at_parse = staticmethod(bug)
    run = worked(retry(ended("toy", some_tasks(account, 1))))
    toy.at_parse = staticmethod(lambda text: None)
    assert worked(retry(run)).state == "SUCCESS"
    assert len(sandbox.ledger.entries(billed=True)) == 1


def test_a_kept_answer_that_is_unfit_is_asked_for_afresh(account, toy, sandbox):
    sandbox.script.add({"content": "no JSON"})
    run = ended("toy", some_tasks(account, 1))
    sandbox.script.clear()
    sandbox.ledger.clear()
    again = worked(retry(run))
    assert again.state == "SUCCESS"
    assert [call.purpose for call in calls_of(again)] == ["first"]


def test_a_failed_group_keeps_its_answer_for_the_retry(account, sandbox, monkeypatch):
    made = some_keywords(account, *(f"map of place {n}" for n in range(120)))
    save = AutoClusterFunction.save_output

    def bug(*given):
        raise KeyError

    monkeypatch.setattr(AutoClusterFunction, "save_output", bug)
    run = ended("auto_cluster", made)
    assert run.state == "FAILURE"
    groups = [item.payload["ids"] for item in items_of(run)]
    monkeypatch.setattr(AutoClusterFunction, "save_output", save)
    sandbox.ledger.clear()
    again = worked(retry(run))
    assert again.state == "SUCCESS"
    assert sandbox.ledger.entries() == []
    assert [item.payload["ids"] for item in items_of(again)] == groups
    assert not Keyword.objects.for_account(account).filter(cluster=None).exists()
    assert ledger.balance(account) == ledger.Balance(998, 0)
    assert ledger.reconcile() == []


def test_a_clustering_run_cancelled_before_it_began_can_be_retried(account, sandbox):
    made = some_keywords(account, "red shoes", "blue shoes")
    run = cancel(begun("auto_cluster", made))
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert worked(retry(run)).state == "SUCCESS"


def test_a_retry_leaves_out_what_was_deleted(account, toy, sandbox):
    sandbox.script.add("refusal")
    made = some_tasks(account, 2)
    run = ended("toy", made)
    sandbox.script.clear()
    Tasks.unscoped.filter(pk=made[0].pk).update(deleted_at=timezone.now())
    again = worked(retry(run))
    assert [item.target_id for item in items_of(again)] == [made[1].pk]
    Tasks.unscoped.filter(pk=made[1].pk).update(deleted_at=timezone.now())
    with pytest.raises(Conflict):
        retry(run)


def test_a_retry_honours_its_idempotency_key(account, toy, sandbox):
    sandbox.script.add("refusal")
    run = ended("toy", some_tasks(account, 1))
    first = retry(run, idempotency_key="r", request_digest="d")
    assert retry(run, idempotency_key="r", request_digest="d").pk == first.pk
    with pytest.raises(Mismatch):
        retry(run, idempotency_key="r", request_digest="other")


def test_a_running_run_has_nothing_to_retry(account, toy):
    with pytest.raises(Conflict) as refused:
        retry(begun("toy", some_tasks(account, 1)))
    assert refused.value.code == "nothing_to_retry"


# --- claims ------------------------------------------------------------------------------------


def test_a_run_has_one_worker_at_a_time(account, toy):
    run = begun("toy", some_tasks(account, 1))
    held = claim(run.pk)
    assert held is not None
    assert claim(run.pk) is None
    assert not work_on(run.pk)
    claims.give_back(held)
    assert claim(run.pk).fence > held.fence


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_and_one_gets_the_run(account, toy):
    run = begun("toy", some_tasks(account, 1))
    found = in_threads(20, lambda n: claim(run.pk))
    held = [one for one in found if one is not None]
    assert len(held) == 1, found
    assert held[0].fence == 1


def test_a_second_message_is_a_no_op(account, toy, sandbox):
    run = begun("toy", some_tasks(account, 1))
    message = (run.function_name, run.payload, run.account_id)
    for _ in range(3):
        run_ai_task.apply(message, task_id=str(run.pk))
    run.refresh_from_db()
    assert run.state == "SUCCESS"
    assert len(sandbox.ledger.entries()) == 1
    assert AITaskLog.unscoped.count() == 1


def test_what_a_message_says_beside_the_id_is_not_believed(account, toy, sandbox):
    made = some_tasks(account, 2)
    run = begun("toy", made[:1])
    forged = ("generate_images", {"ids": [10**9], "again": True}, run.account_id)
    run_ai_task.apply(forged, task_id=str(run.pk))
    assert [item.target_id for item in items_of(run)] == [made[0].pk]
    assert states_of(run) == ["SUCCESS"]


def test_a_message_of_another_account_has_no_effect(account, world, toy, sandbox):
    run = begun("toy", some_tasks(account, 1))
    forged = (run.function_name, run.payload, world.charlie.account.pk)
    with pytest.raises(InvalidPayload):
        run_ai_task.apply(forged, task_id=str(run.pk), throw=True)
    run.refresh_from_db()
    assert (run.state, run.fence) == ("PENDING", 0)
    assert AITaskLog.unscoped.count() == 1
    assert sandbox.ledger.entries() == []


def test_called_without_a_run_the_task_begins_one(account, toy, sandbox):
    (made,) = some_tasks(account, 1)
    run_ai_task.apply(("toy", {"ids": [made.pk]}, account.pk), task_id="not a run", throw=True)
    assert AITaskLog.unscoped.get().state == "SUCCESS"


def test_a_lease_that_ran_out_is_taken_over_and_its_owner_writes_no_more(account, toy):
    run = begun("toy", some_tasks(account, 1))
    first = claim(run.pk)
    ran_out(run, owner="another host/0:1.0")
    second = claim(run.pk)
    assert second.crashed
    assert second.fence == first.fence + 1
    claims.give_back(first)
    assert AITaskLog.unscoped.get(pk=run.pk).fence == second.fence


def ran_out(run, **fields):
    past = timezone.now() - timedelta(seconds=1)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=past, **fields)


def test_a_clock_that_jumps_takes_no_run_from_an_owner_that_beats(account, toy):
    run = begun("toy", some_tasks(account, 1))
    claim(run.pk)
    ran_out(run)
    assert claim(run.pk) is None
    assert heartbeat() == 1
    assert run.pk not in due()


def test_an_owner_that_lives_but_stopped_beating_loses_its_run(account, toy, settings):
    run = begun("toy", some_tasks(account, 1))
    first = claim(run.pk)
    ran_out(run)
    settings.IGNY8_LEASE_SECONDS = 0
    assert claim(run.pk).fence == first.fence + 1


def test_a_heartbeat_renews_what_is_at_work_here_and_nothing_else(account, toy):
    mine, theirs, left = (begun("toy", [a_task(account, n)]) for n in "abc")
    claim(mine.pk)
    claims.let_go(claim(left.pk))
    soon = timezone.now() + timedelta(seconds=1)
    runs = AITaskLog.unscoped.filter(pk__in=[mine.pk, theirs.pk, left.pk])
    runs.update(lease_until=soon)
    assert heartbeat() == 1
    for run in (mine, theirs, left):
        run.refresh_from_db()
    assert mine.lease_until > soon
    assert theirs.lease_until == left.lease_until == soon


def test_a_small_account_is_not_stuck_behind_a_large_one(account, world, toy):
    ledger.grant(world.charlie.account, 100, key="test")
    large = [begun("toy", [a_task(account, f"{n}")]) for n in range(4)]
    small = begun("toy", [a_task(world.charlie.account)])
    assert due()[0] == large[0].pk
    claim(large[0].pk)
    assert due() == [small.pk, *(run.pk for run in large[1:])]


@pytest.mark.django_db(transaction=True)
def test_a_dead_process_on_this_host_is_known_at_once(account, toy, sandbox):
    run = begun("toy", some_tasks(account, 1))
    claimed_by_a_process_that_died(run)
    run.refresh_from_db()
    assert (run.state, run.fence) == ("PROGRESS", 1)
    assert run.owner != claims.process_name()
    assert run.lease_until > timezone.now()
    assert run.pk not in due()
    assert take_from_the_dead() == 1
    assert run.pk in due()
    worked(run)
    assert run.state == "SUCCESS"
    assert run.deaths <= 1


def test_the_living_are_not_taken_for_dead(account, toy):
    claim(begun("toy", some_tasks(account, 1)).pk)
    assert take_from_the_dead() == 0


# --- the pool ----------------------------------------------------------------------------------


def drained(lane, number):
    found = []
    while len(found) < number:
        found += lane.drain(5)
    return found


def test_a_provider_thread_may_not_use_the_database(db):
    def uses_it():
        AITaskLog.unscoped.count()

    def looks_at_it():
        return Answer(body=b"", text=str(connection.connection is None))

    (outcome,) = drained(fanout.fan_out([("x", uses_it)], fanout.Pool(1)), 1)
    assert outcome.failure.kind == "unexpected"
    (outcome,) = drained(fanout.fan_out([("x", looks_at_it)], fanout.Pool(1)), 1)
    assert outcome.answer.text == "True"


def test_the_pool_serves_its_lanes_in_turn():
    pool, order = fanout.Pool(1), []
    gate = threading.Event()

    def job(name):
        def work():
            gate.wait(10)
            order.append(name)
            return Answer(body=b"")

        return work

    large = fanout.fan_out([(n, job("large")) for n in range(6)], pool)
    small = fanout.fan_out([(0, job("small"))], pool)
    gate.set()
    drained(small, 1)
    drained(large, 6)
    assert order.index("small") <= 2


def test_what_no_thread_has_begun_can_be_taken_back():
    pool, gate = fanout.Pool(1), threading.Event()
    lane = fanout.fan_out(
        [(n, lambda: Answer(body=b"" if gate.wait(10) else b"")) for n in range(4)], pool
    )
    while len(lane.waiting) > 3:
        lane.drain(0.001)
    assert lane.withdraw() == [1, 2, 3]
    assert lane.in_flight == 1
    gate.set()
    assert [outcome.key for outcome in drained(lane, 1)] == [0]


def test_a_run_whose_function_was_removed_ends_and_costs_nothing(account, toy, sandbox):
    run = begun("toy", some_tasks(account, 2))
    registry._classes.pop("toy")
    try:
        worked(run)
    finally:
        registry.register_function("toy", toy)
    assert (run.state, run.error["code"]) == ("FAILURE", "unknown_function")
    assert ledger.balance(account).reserved == 0


def test_what_a_retry_has_done_is_not_retried_again(account, toy, sandbox):
    sandbox.script.add("401 first=1")
    run = worked(begun("toy", some_tasks(account, 1)))
    assert run.state == "FAILURE"
    worked(retry(run))
    spent = ledger.balance(account).credits
    with pytest.raises(Conflict) as refused:
        retry(run)
    assert (refused.value.code, ledger.balance(account).credits) == ("nothing_to_retry", spent)


def test_a_whole_site_with_one_key_is_one_run_also_when_it_is_done(world, account):
    Keyword.objects.create(account=account, site=world.site, keyword="a", folded="a")
    whole = {"all": True, "mode": "offline"}
    run = enqueue("auto_cluster", whole, account=account, idempotency_key="k")
    worked(run)
    assert enqueue("auto_cluster", whole, account=account, idempotency_key="k").pk == run.pk
    with pytest.raises(InvalidPayload) as refused:
        enqueue("auto_cluster", whole, account=account)
    assert refused.value.code == "nothing_to_do"


def test_a_run_that_fails_before_it_has_items_says_why_and_leaves_a_usage_row(
    world, account, sandbox, monkeypatch
):
    keyword = Keyword.objects.create(account=account, site=world.site, keyword="a", folded="a")

    def fail(self, data):
        raise MemoryError

    monkeypatch.setattr(AutoClusterFunction, "split", fail)
    run = worked(enqueue("auto_cluster", {"ids": [keyword.pk]}, account=account))
    assert (run.state, run.error["code"]) == ("FAILURE", "unexpected")
    (usage,) = CreditUsageLog.objects.for_account(account).filter(task_id=run.pk)
    assert (usage.credits_used, usage.item) == (0, None)
    assert ledger.balance(account).reserved == 0


def test_a_grouped_run_that_loses_its_worker_five_times_ends_before_it_groups(
    world, account, sandbox, monkeypatch
):
    keyword = Keyword.objects.create(account=account, site=world.site, keyword="a", folded="a")
    run = enqueue("auto_cluster", {"ids": [keyword.pk]}, account=account)
    monkeypatch.setattr(AutoClusterFunction, "split", lambda self, data: pytest.fail("grouped"))
    AITaskLog.unscoped.filter(pk=run.pk).update(state="PROGRESS", owner="gone", deaths=5)
    worked(run)
    assert (run.state, run.error["code"]) == ("FAILURE", "worker_crashed")
    assert ledger.balance(account).reserved == 0


def test_what_another_retry_of_the_same_run_has_done_is_not_done_twice(account, toy, sandbox):
    sandbox.script.add("refusal")
    run = ended("toy", some_tasks(account, 1))
    failed = worked(retry(run))
    sandbox.script.clear()
    assert worked(retry(run)).state == "SUCCESS"
    for one in (run, failed):
        with pytest.raises(Conflict) as refused:
            retry(one)
        assert refused.value.code == "nothing_to_retry"
    assert ledger.balance(account) == ledger.Balance(997, 0)


def test_groups_settle_so_that_the_sum_is_that_of_all_saved_and_the_rest_is_released(
    account, sandbox, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 60)
    sandbox.script.add("contains=dough refusal")
    kinds = enumerate(("pizza dough", "tax form", "red shoe"))
    texts = [f"{what} {100 * kind + n}" for kind, what in kinds for n in range(60)]
    run = ended("auto_cluster", some_keywords(account, *texts), again=True)
    lines = list(
        CreditEntry.objects.for_account(account)
        .filter(task_id=run.pk)
        .order_by("id")
        .values_list("kind", "amount", "reserved_change", "balance_after")
    )
    states = {item.state: 0 for item in items_of(run)}
    for item in items_of(run):
        states[item.state] += item.size
    assert states.keys() == {"SUCCESS", "FAILURE"}
    assert states["SUCCESS"] + states["FAILURE"] == 180
    settled = [-reserved for kind, _, reserved, _ in lines if kind == "settle"]
    assert sum(settled) == ceil(states["SUCCESS"] / 100)
    rest = 2 - sum(settled)
    assert lines[0] == ("reserve", -2, 2, 998)
    assert [line for line in lines if line[0] == "release"] == (
        [("release", rest, -rest, 998 + rest)] if rest else []
    )
    usage = CreditUsageLog.objects.for_account(account).filter(task_id=run.pk)
    assert usage.count() == run.items_total
    assert sum(row.credits_used for row in usage) == sum(settled)
    assert all(row.credits_used == 0 for row in usage if row.item in failed_items(run))
    assert books.reconcile() == []


def failed_items(run) -> list[int]:
    return [item.pk for item in items_of(run) if item.state == "FAILURE"]
