"""Requests at the same moment: nothing twice, nothing overdrawn, nothing but clear refusals.

The 1,000 pairs of a release:
`.venv/bin/python -m pytest tests/ai/test_parallel.py --hypothesis-profile=release`.
"""

import time
from collections import Counter

import pytest
from django.db import IntegrityError, connection

from igny8_core.ai import books, tasks
from igny8_core.ai.models import AITaskItem, AITaskLog
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry
from tests.ai.runs import a_content, ids_of, some_keywords, some_tasks, states_of
from tests.machines import in_depth
from tests.parallel import in_threads, side_by_side

pytestmark = pytest.mark.django_db(transaction=True)

RUN = "ai/functions/generate_content/run/"
TOY = "ai/functions/toy/run/"
CLUSTER = "planner/keywords/auto_cluster/"
PRICE = 10


@pytest.fixture
def api(world, monkeypatch):
    """Bob's, whose account has no credits yet and no limit on actions."""
    monkeypatch.setattr("igny8_core.api.throttling.ACTIONS", 10**9)
    assert world.bob.token
    return world.bob.api


def posted(api, path, ids, key=None):
    headers = {"idempotency-key": key} if key else {}
    return api.send("POST", path, {"ids": ids}, headers=headers)


def told(responses) -> Counter:
    """How often each status came, with the code of what was refused."""
    return Counter(
        (one.status_code, one.json()["errors"][0]["code"] if one.status_code >= 400 else "")
        for one in responses
    )


def the_id(response) -> str:
    assert response.status_code == 202, response.content
    return response.json()["task_id"]


def problem(response) -> dict:
    return response.json()["errors"][0]


def spent(world) -> ledger.Balance:
    assert books.reconcile() == []
    return ledger.balance(world.account)


def test_the_books_are_read_as_of_one_moment(world, monkeypatch):
    """Credits are granted between two of the questions that reconciling asks."""
    ledger.grant(world.account, 5, key="before")
    before = CreditEntry.unscoped.count()

    def granted_meanwhile():
        in_threads(1, granted)
        yield f"{CreditEntry.unscoped.count()} lines"

    def granted(n):
        if connection.vendor == "sqlite":  # Its rollback journal keeps writers out meanwhile.
            connection.cursor().execute("PRAGMA busy_timeout = 50")
        ledger.grant(world.account, 7, key="meanwhile")

    monkeypatch.setattr(ledger, "_wrong_signs", granted_meanwhile)
    assert books.reconcile() == [f"{before} lines"]


# --- beginning ---------------------------------------------------------------------------------
@pytest.mark.parametrize(("lost", "status"), [(1, 202), (4, 202), (5, 409)])
def test_whoever_loses_races_looks_again_a_few_times(lost, status, world, api, monkeypatch):
    ledger.grant(world.account, 100, key="test")
    begin, races = tasks._try_to_begin, iter([True] * lost)

    def raced(*given):
        if next(races, False):
            raise IntegrityError("another was faster")
        return begin(*given)

    monkeypatch.setattr(tasks, "_try_to_begin", raced)
    assert posted(api, RUN, ids_of(some_tasks(world.account, 1))).status_code == status


def test_whoever_lost_a_race_to_the_same_request_is_told_its_run(world, api, monkeypatch):
    """First a constraint stands in the way, then the object is at work: both by the same key."""
    ledger.grant(world.account, 100, key="test")
    begin, races = tasks._try_to_begin, iter([True])
    ids = ids_of(some_tasks(world.account, 1))
    first = the_id(posted(api, RUN, ids, "k"))

    def raced(*given):
        if next(races, False):
            raise IntegrityError("another was faster")
        with monkeypatch.context() as patched:
            # The run of the same key was not there yet at the look before the checks.
            patched.setattr(tasks._Key, "find", lambda *given: None)
            return begin(*given)

    monkeypatch.setattr(tasks, "_try_to_begin", raced)
    assert the_id(posted(api, RUN, ids, "k")) == first


# --- credits ----------------------------------------------------------------------------------
def test_32_threads_that_want_four_times_too_much_begin_exactly_what_is_paid_for(world, api):
    ledger.grant(world.account, 325, key="test")
    ids = ids_of(some_tasks(world.account, 128))
    rounds = in_threads(32, lambda n: [posted(api, RUN, [pk]) for pk in ids[4 * n : 4 * n + 4]])
    found = [response for one in rounds for response in one]
    assert told(found) == {(202, ""): 32, (402, "insufficient_credits"): 96}
    refused = [problem(one) for one in found if one.status_code == 402]
    assert all(one["needed"] == PRICE > one["available"] for one in refused)
    assert spent(world) == ledger.Balance(5, 320)
    assert AITaskLog.unscoped.count() == AITaskItem.unscoped.count() == 32


def test_of_two_batches_that_race_for_the_last_credits_one_begins(world, api):
    ledger.grant(world.account, 300, key="test")
    ids = ids_of(some_tasks(world.account, 40))
    found = in_threads(2, lambda n: posted(api, RUN, ids[20 * n : 20 * n + 20]))
    assert told(found) == {(202, ""): 1, (402, "insufficient_credits"): 1}
    refused = problem(next(one for one in found if one.status_code == 402))
    assert (refused["needed"], refused["available"]) == (200, 100)
    assert AITaskItem.unscoped.count() == 20
    assert spent(world) == ledger.Balance(100, 200)


# --- Idempotency-Key --------------------------------------------------------------------------
def test_20_posts_at_once_with_one_key_are_one_task(world, api):
    ledger.grant(world.account, 100, key="test")
    ids = ids_of(some_tasks(world.account, 2))
    found = in_threads(20, lambda n: posted(api, RUN, ids, "k"))
    assert len({the_id(one) for one in found}) == 1
    assert spent(world) == ledger.Balance(80, 20)
    others = in_threads(20, lambda n: posted(api, RUN, ids[:1], "k"))
    assert told(others) == {(422, "idempotency_mismatch"): 20}


def test_20_posts_at_once_with_one_key_and_two_bodies_are_one_task(world, api):
    ledger.grant(world.account, 100, key="test")
    ids = ids_of(some_tasks(world.account, 2))
    found = in_threads(20, lambda n: posted(api, RUN, [ids[n % 2]], "k"))
    assert told(found) == {(202, ""): 10, (422, "idempotency_mismatch"): 10}
    assert len({the_id(one) for one in found if one.status_code == 202}) == 1
    assert spent(world) == ledger.Balance(90, 10)


def test_20_posts_at_once_without_a_key_are_one_202_and_19_that_name_it(world, api):
    ledger.grant(world.account, 100, key="test")
    ids = ids_of(some_tasks(world.account, 3))
    found = in_threads(20, lambda n: posted(api, RUN, ids if n % 2 else ids[::-1]))
    assert told(found) == {(202, ""): 1, (409, "already_running"): 19}
    task_id = next(the_id(one) for one in found if one.status_code == 202)
    assert {problem(one)["task_id"] for one in found if one.status_code == 409} == {task_id}
    assert spent(world) == ledger.Balance(70, 30)


def test_pairs_with_a_key_each_begin_one_task_each(world, api):
    pairs = 1000 if in_depth() else 40
    ledger.grant(world.account, pairs * PRICE, key="test")
    ids = ids_of(some_tasks(world.account, pairs))
    began = time.monotonic()

    def post(pk):
        return posted(api, RUN, [pk], f"key-{pk}")

    found = side_by_side(20, post, [pk for pk in ids for _ in "ab"])
    task_ids = [the_id(one) for one in found]
    assert task_ids[::2] == task_ids[1::2]
    assert len(set(task_ids)) == AITaskLog.unscoped.count() == pairs
    assert spent(world) == ledger.Balance(0, pairs * PRICE)
    others = side_by_side(20, lambda pk: posted(api, f"{RUN}?again=true", [pk], f"key-{pk}"), ids)
    assert told(others) == {(422, "idempotency_mismatch"): pairs}
    keyless = side_by_side(20, lambda pk: posted(api, RUN, [pk]), ids)
    assert told(keyless) == {(409, "already_running"): pairs}
    assert [problem(one)["task_id"] for one in keyless] == task_ids[::2]
    print(f"{pairs} pairs, {4 * pairs} requests in {time.monotonic() - began:.0f} s")


def test_a_key_older_than_seven_days_begins_one_new_task_however_many_come(world, api):
    ledger.grant(world.account, 100, key="test")
    one, two = ids_of(some_tasks(world.account, 2))
    old = the_id(posted(api, RUN, [one], "k"))
    runs = AITaskLog.objects.for_account(world.account)
    run = runs.get(pk=old)
    runs.filter(pk=old).update(created_at=run.created_at.replace(year=run.created_at.year - 1))
    found = in_threads(10, lambda n: posted(api, RUN, [two], "k"))
    assert len({the_id(answer) for answer in found} - {old}) == 1
    assert spent(world) == ledger.Balance(80, 20)


def test_a_dry_run_ignores_the_key_at_any_moment(world, api, sandbox):
    ledger.grant(world.account, 100, key="test")
    ids = ids_of(some_tasks(world.account, 1))

    def post(n):
        return posted(api, f"{RUN}?dry_run=true" if n % 2 else RUN, ids, "k")

    found = in_threads(10, post)
    assert len({the_id(one) for one in found[::2]}) == 1
    assert set(told(found[1::2])) <= {(200, ""), (409, "already_running")}
    assert spent(world) == ledger.Balance(90, 10)


# --- again, clustering ------------------------------------------------------------------------
def test_again_in_parallel_is_one_task(world, api):
    ledger.grant(world.account, 100, key="test")
    (done,) = some_tasks(world.account, 1)
    a_content(world.account, task=done)
    found = in_threads(10, lambda n: posted(api, f"{RUN}?again=true", [done.pk]))
    assert told(found) == {(202, ""): 1, (409, "already_running"): 9}
    assert spent(world) == ledger.Balance(90, 10)


def test_a_site_is_clustered_once_at_a_time_whichever_keywords_are_named(world, api):
    ledger.grant(world.account, 100, key="test")
    ids = ids_of(some_keywords(world.account, *(f"word {n}" for n in range(10))))
    found = in_threads(10, lambda n: posted(api, CLUSTER, [ids[n]]))
    assert told(found) == {(202, ""): 1, (409, "already_running"): 9}
    (run,) = AITaskLog.unscoped.all()
    assert {problem(one)["task_id"] for one in found if one.status_code == 409} == {str(run.pk)}
    assert spent(world) == ledger.Balance(99, 1)


# --- cancel and retry -------------------------------------------------------------------------
def cancelled(api, task_id):
    return api.post(f"system/settings/task_progress/{task_id}/cancel/")


def test_two_who_cancel_at_once_both_hear_how_it_stands(world, api):
    ledger.grant(world.account, 100, key="test")
    task_id = the_id(posted(api, RUN, ids_of(some_tasks(world.account, 5))))
    found = in_threads(2, lambda n: cancelled(api, task_id))
    assert [one.status_code for one in found] == [200, 200]
    shown = cancelled(api, task_id).json()
    assert (shown["state"], shown["meta"]["error"]["code"]) == ("FAILURE", "cancelled")
    assert (shown["meta"]["phase"], shown["meta"]["percentage"]) == ("DONE", 100)
    assert CreditEntry.unscoped.filter(kind="release").count() == 5
    assert spent(world) == ledger.Balance(100, 0)


def test_whoever_is_faster_a_cancelled_run_ends_with_every_item_ended_once(world, api, toy):
    ledger.grant(world.account, 1000, key="test")
    for n in range(3):
        made = some_tasks(world.account, 6)
        task_id = the_id(posted(api, TOY, ids_of(made)))
        calls = [lambda t=task_id: work_on(t), *[lambda t=task_id: cancelled(api, t)] * 3]
        in_threads(4, lambda n, calls=calls: calls[n]())
        run = AITaskLog.unscoped.get(pk=task_id)
        assert run.is_finished, n
        assert set(states_of(run)) <= {"SUCCESS", "CANCELLED"}
    assert spent(world).reserved == 0


def a_failed_run(world, api):
    task_id = the_id(posted(api, RUN, ids_of(some_tasks(world.account, 3))))
    assert cancelled(api, task_id).status_code == 200
    return f"ai/tasks/{task_id}/retry/"


def test_retries_at_once_are_one_task(world, api):
    ledger.grant(world.account, 100, key="test")
    path = a_failed_run(world, api)
    found = in_threads(10, lambda n: api.post(path))
    assert told(found) == {(202, ""): 1, (409, "already_running"): 9}
    assert spent(world) == ledger.Balance(70, 30)


def test_retries_at_once_with_one_key_are_one_task_for_all(world, api):
    ledger.grant(world.account, 100, key="test")
    path = a_failed_run(world, api)
    found = in_threads(10, lambda n: api.send("POST", path, headers={"idempotency-key": "r"}))
    assert len({the_id(one) for one in found}) == 1
    other = a_failed_run(world, api)
    refused = api.send("POST", other, headers={"idempotency-key": "r"})
    assert told([refused]) == {(422, "idempotency_mismatch"): 1}
    assert spent(world) == ledger.Balance(70, 30)
