"""Starting a function: every check of the contract, in its order, over the real thing."""

import pytest

from igny8_core.ai.models import AITaskLog
from igny8_core.billing import ledger
from igny8_core.planner.keywords import create_keyword
from igny8_core.sandbox import Sandbox
from tests.ai.runs import a_content, a_task, ids_of, some_keywords, some_tasks
from tests.world import a_run, a_site, error

RUN = "ai/functions/generate_content/run/"
CLUSTER = "ai/functions/auto_cluster/run/"


@pytest.fixture
def api(world):
    """Bob's, whose account has 1000 credits."""
    ledger.grant(world.account, 1000, key="test")
    return world.bob.api


def runs(world) -> list[AITaskLog]:
    return list(AITaskLog.objects.for_account(world.account).order_by("created_at"))


def refused(response, status, code):
    """The only error of an answer that refuses."""
    found = error(response)
    assert (response.status_code, found["code"]) == (status, code), found
    return found


def accepted(response) -> str:
    """The id in an answer that begins a run."""
    assert response.status_code == 202, response.content
    assert set(response.json()) == {"task_id"}
    return response.json()["task_id"]


def keyed(api, path, body, key="k"):
    return api.send("POST", path, body, headers={"idempotency-key": key})


# --- shape, count and existence ---------------------------------------------------------------
@pytest.mark.parametrize(
    "ids",
    [None, [], "1", 7, {"1": 1}, ["1"], [True], [1.5], [None], [2**63], [10**30], [-1], [0], [[1]]],
)
def test_ids_of_another_shape_are_a_400_on_ids(ids, world, api):
    for body in ({"ids": ids}, {"ids": ids, "all": True}):
        response = api.post(RUN, body)
        assert response.status_code == 400
        assert error(response)["attr"] == "ids"
    assert runs(world) == []


@pytest.mark.parametrize("body", [[], 7, "x", None, [1]])
def test_a_body_that_is_no_object_is_a_400(body, world, api):
    assert api.post(RUN, body or b"[]").status_code == 400
    assert runs(world) == []


@pytest.mark.parametrize("query", ["dry_run=maybe", "again=2", "mode=online"])
def test_a_parameter_nobody_understands_is_never_a_guess(query, world, api):
    response = api.post(f"{RUN}?{query}", {"ids": ids_of(some_tasks(world.account, 1))})
    assert response.status_code == 400
    assert error(response)["attr"] == query.split("=")[0]
    assert runs(world) == []


def test_more_ids_than_the_function_takes_are_a_400_before_anybody_looks_for_them(world, api):
    found = refused(api.post(RUN, {"ids": list(range(1, 52))}), 400, "max_length")
    assert found["attr"] == "ids"


def test_unknown_and_foreign_ids_are_the_same_400_and_nothing_begins(world, api):
    mine, theirs = a_task(world.account), a_task(world.charlie.account)
    for pk in (theirs.pk, 10**12):
        found = refused(api.post(RUN, {"ids": [mine.pk, pk]}), 400, "does_not_exist")
        assert (found["attr"], found["detail"]) == ("ids", f"Unknown ids: {pk}.")
    assert runs(world) == []


def test_ids_of_two_sites_are_a_400(world, api):
    here = a_task(world.account)
    there = a_task(world.account)
    type(there).objects.for_account(world.account).filter(pk=there.pk).update(
        site=a_site(world.account)
    )
    refused(api.post(RUN, {"ids": [here.pk, there.pk]}), 400, "several_sites")


def test_ids_given_twice_count_once_and_keep_their_order(world, api):
    one, two = ids_of(some_tasks(world.account, 2))
    task_id = accepted(api.post(f"{RUN}?again=true", {"ids": [two, one, two]}))
    (run,) = runs(world)
    assert str(run.pk) == task_id
    assert (run.function_name, run.requested_by) == ("generate_content", world.bob.user)
    assert (run.payload["ids"], run.payload["again"]) == ([two, one], True)
    assert ledger.balance(world.account) == ledger.Balance(980, 20)


def test_all_of_a_site_goes_with_offline_alone(world, api):
    keywords = some_keywords(world.account, "maps", "old maps")
    everything = {"all": True, "site": world.site.pk}
    accepted(api.post(f"{CLUSTER}?mode=offline", everything))
    (run,) = runs(world)
    assert sorted(run.payload["ids"]) == sorted(ids_of(keywords))
    assert ledger.balance(world.account) == ledger.Balance(1000, 0)
    assert error(api.post(CLUSTER, {"all": True}))["attr"] == "all"
    assert error(api.post(f"{CLUSTER}?mode=offline", {"all": 1}))["attr"] == "all"
    assert error(api.post(f"{CLUSTER}?mode=offline", {"all": True, "ids": [1]}))["attr"] == "ids"


def test_the_site_may_stand_in_the_address_as_in_lists(world, api):
    other = a_site(world.account)
    made = create_keyword(world.account, keyword="maps", site=other)
    some_keywords(world.account, "old maps")
    accepted(api.post(f"{CLUSTER}?mode=offline&site={other.pk}", {"all": True}))
    assert runs(world)[0].payload["ids"] == [made.pk]
    assert error(api.post(f"{CLUSTER}?mode=offline&site=x", {"all": True}))["attr"] == "site"


def test_an_unknown_function_is_a_404(world):
    for name in ("nothing", "../tasks", "__init__", "%00"):
        assert world.bob.api.post(f"ai/functions/{name}/run/", {"ids": [1]}).status_code == 404


# --- Idempotency-Key --------------------------------------------------------------------------
def test_the_same_key_and_request_give_the_same_run_however_it_is_spelled(world, api):
    (pk,) = ids_of(some_tasks(world.account, 1))
    first = accepted(keyed(api, RUN, b'{"ids": [%d], "x": {"a": 1, "b": 2}}' % pk))
    again = accepted(keyed(api, RUN, b'{"x":{"b":2,"a":1},"ids":[%d]}' % pk))
    assert first == again
    assert len(runs(world)) == 1
    assert ledger.balance(world.account) == ledger.Balance(990, 10)


def test_the_same_key_with_another_body_query_or_path_is_a_422(world, api):
    one, two = ids_of(some_tasks(world.account, 2))
    accepted(keyed(api, RUN, {"ids": [one]}))
    for path, body in (
        (RUN, {"ids": [one, two]}),
        (f"{RUN}?again=true", {"ids": [one]}),
        ("writer/tasks/auto_generate_content/", {"ids": [one]}),
    ):
        found = refused(keyed(api, path, body), 422, "idempotency_mismatch")
        assert found["attr"] == "Idempotency-Key"
    assert len(runs(world)) == 1


def test_only_what_began_is_remembered(world, api):
    (pk,) = ids_of(some_tasks(world.account, 1))
    refused(keyed(api, RUN, {"ids": [10**12]}), 400, "does_not_exist")
    accepted(keyed(api, RUN, {"ids": [pk]}))


def test_a_key_is_at_most_255_characters(world, api):
    (pk,) = ids_of(some_tasks(world.account, 1))
    assert error(keyed(api, RUN, {"ids": [pk]}, "k" * 256))["attr"] == "Idempotency-Key"
    accepted(keyed(api, RUN, {"ids": [pk]}, "k" * 255))


# --- nothing to do, running, paid for ---------------------------------------------------------
def test_what_is_done_is_skipped_and_done_again_on_request(world, api):
    done, new = some_tasks(world.account, 2)
    a_content(world.account, task=done)
    found = refused(api.post(RUN, {"ids": [done.pk]}), 400, "nothing_to_do")
    assert found["attr"] == "ids"
    accepted(api.post(RUN, {"ids": [done.pk, new.pk]}))
    assert runs(world)[0].payload["ids"] == [new.pk]
    accepted(api.post(f"{RUN}?again=true", {"ids": [done.pk]}))


def test_what_is_running_is_a_409_that_names_the_run(world, api):
    one, two = ids_of(some_tasks(world.account, 2))
    task_id = accepted(api.post(RUN, {"ids": [one]}))
    assert refused(api.post(RUN, {"ids": [two, one]}), 409, "already_running")["task_id"] == task_id
    accepted(api.post(RUN, {"ids": [two]}))


def test_clustering_runs_once_at_a_time_in_a_site(world, api):
    one, two = ids_of(some_keywords(world.account, "maps", "shoes"))
    task_id = accepted(api.post(CLUSTER, {"ids": [one]}))
    assert refused(api.post(CLUSTER, {"ids": [two]}), 409, "already_running")["task_id"] == task_id


def test_too_few_credits_are_a_402_that_says_how_many(world):
    ledger.grant(world.account, 15, key="test")
    body = {"ids": ids_of(some_tasks(world.account, 2))}
    found = refused(world.bob.api.post(RUN, body), 402, "insufficient_credits")
    assert (found["needed"], found["available"]) == (20, 15)
    assert runs(world) == []
    assert ledger.balance(world.account) == ledger.Balance(15, 0)


def test_the_checks_come_in_the_contract_s_order(world):
    """Each request would be refused by all later checks too."""
    ledger.grant(world.account, 10, key="test")
    api = world.bob.api
    running, done = ids_of(some_tasks(world.account, 2))
    accepted(keyed(api, RUN, {"ids": [running]}))  # and the account has no credits left
    a_content(world.account, task_id=done)
    refused(keyed(api, RUN, {"ids": [running, done, 10**12]}), 400, "does_not_exist")
    refused(keyed(api, RUN, {"ids": [done]}), 422, "idempotency_mismatch")
    refused(api.post(RUN, {"ids": [done]}), 400, "nothing_to_do")
    refused(api.post(RUN, {"ids": [running, done]}), 409, "already_running")
    refused(api.post(f"{RUN}?again=true", {"ids": [done]}), 402, "insufficient_credits")


# --- the dry run ------------------------------------------------------------------------------
def test_a_dry_run_says_what_it_would_cost_and_begins_nothing(world, api, settings):
    done, new = some_tasks(world.account, 2)
    a_content(world.account, task=done)
    with Sandbox() as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        response = keyed(api, f"{RUN}?dry_run=true", {"ids": [done.pk, new.pk]})
        assert sandbox.ledger.entries() == []
    body = response.json()
    assert response.status_code == 200
    assert (body["items"], body["credits"], body["unpriced"]) == (1, 10, 0)
    assert [one["id"] for one in body["skipped"]] == [done.pk]
    assert body["tokens_input"] > 0
    assert 0 < float(body["cost_usd"]["expected"]) < float(body["cost_usd"]["max"])
    assert runs(world) == []
    assert ledger.balance(world.account) == ledger.Balance(1000, 0)
    accepted(keyed(api, RUN, {"ids": [new.pk]}))  # the key was not taken


def test_a_dry_run_is_refused_as_the_run_would_be(world):
    (pk,) = ids_of(some_tasks(world.account, 1))
    response = world.bob.api.post(f"{RUN}?dry_run=true", {"ids": [pk]})
    refused(response, 402, "insufficient_credits")


def test_the_601st_action_of_a_minute_waits(world, api, monkeypatch):
    monkeypatch.setattr("igny8_core.api.throttling.ACTIONS", 3)
    monkeypatch.setattr("igny8_core.api.throttling.MINUTE", 10**9)  # it does not turn meanwhile
    ids = ids_of(some_tasks(world.account, 4))
    assert [api.post(RUN, {"ids": [pk]}).status_code for pk in ids] == [202, 202, 202, 429]
    assert world.alice.api.post(RUN, {"ids": ids}).status_code == 429
    assert world.charlie.api.post(RUN, {"ids": ids}).status_code == 400


# --- looking at runs --------------------------------------------------------------------------
def test_a_run_shows_what_it_was_and_became(world):
    run = a_run(world.account, site=world.site, requested_by=world.bob.user, payload={"ids": [1]})
    body = world.vera.api.get(f"ai/tasks/{run.pk}/").json()
    assert body["task_id"] == str(run.pk)
    assert body["site"] == world.site.pk
    assert body["requested_by"] == world.bob.user.pk
    assert body["items"] == []
    assert isinstance(body["cost"], str)
    assert "items" in body
    assert world.vera.api.get("ai/tasks/").json()["count"] == 1
    assert world.vera.api.get("ai/tasks/", {"site": 10**30}).json()["count"] == 0
    assert world.vera.api.get("ai/tasks/", {"state": "nothing"}).status_code == 400


def test_runs_are_listed_in_few_queries(world, django_assert_max_num_queries):
    api = world.vera.api
    api.get("ai/tasks/")
    for _ in range(20):
        a_run(world.account)
    with django_assert_max_num_queries(4):
        assert len(api.get("ai/tasks/").json()["results"]) == 20


def test_cancelling_what_has_not_begun_ends_it(world):
    run = a_run(world.account)
    body = world.bob.api.post(f"system/settings/task_progress/{run.pk}/cancel/").json()
    assert set(body) == {"state", "task_id", "meta"}
    assert AITaskLog.objects.for_account(world.account).get().cancel_requested_at


def test_functions_and_models_are_listed(world):
    functions = world.vera.api.get("ai/functions/").json()["results"]
    assert {
        "name",
        "display_name",
        "description",
        "phases",
        "max_items",
        "prompt_type",
        "credits",
        "provider",
        "model",
        "notice",
        "quote_error",
    } == set(functions[0])
    by_name = {one["name"]: one for one in functions}
    assert by_name["generate_content"]["credits"] == 10
    assert by_name["auto_cluster"]["prompt_type"] == "clustering"
    models = world.vera.api.get("ai/models/", {"page_size": 500}).json()["results"]
    by_id = {one["id"]: one for one in models}
    assert by_id["gpt-4o"]["used_by"] == ["generate_content"]
    assert by_id["dall-e-3"]["used_by"] == ["generate_images"]
    assert by_id["dall-e-3"]["notice"].startswith("dall-e-3 was shut down on 2026-05-12")
    assert by_id["gpt-6-luna"]["used_by"] == []


# --- keys and retries, to the letter ----------------------------------------------------------
def a_cancelled_run(api, ids):
    task_id = accepted(api.post(RUN, {"ids": ids}))
    cancelled = api.post(f"system/settings/task_progress/{task_id}/cancel/").json()
    assert (cancelled["state"], cancelled["meta"]["error"]["code"]) == ("FAILURE", "cancelled")
    return task_id


def test_ids_are_looked_at_before_the_key(world, api):
    found = refused(keyed(api, RUN, {"ids": [10**12]}, "k" * 256), 400, "does_not_exist")
    assert found["attr"] == "ids"


def test_a_dry_run_ignores_a_key_of_any_length(world, api, settings):
    ids = ids_of(some_tasks(world.account, 1))
    with Sandbox() as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        response = keyed(api, f"{RUN}?dry_run=true", {"ids": ids}, "k" * 256)
    assert response.status_code == 200


@pytest.mark.parametrize("key", ["a\0b", "\xff", " ", "\u2028".encode().decode("latin-1")])
def test_no_key_makes_a_5xx(key, world, api):
    ids = ids_of(some_tasks(world.account, 1))
    assert keyed(api, RUN, {"ids": ids}, key).status_code in {202, 400}


def test_the_other_order_of_a_query_is_the_same_request(world, api):
    ids = ids_of(some_tasks(world.account, 1))
    first = accepted(keyed(api, f"{RUN}?again=true&dry_run=false", {"ids": ids}))
    assert accepted(keyed(api, f"{RUN}?dry_run=false&again=true", {"ids": ids})) == first


def test_a_retry_s_key_is_checked_like_any_other(world, api):
    one, two = ids_of(some_tasks(world.account, 2))
    path = f"ai/tasks/{a_cancelled_run(api, [one])}/retry/"
    task_id = accepted(keyed(api, path, {}))
    assert accepted(keyed(api, path, {})) == task_id
    refused(keyed(api, path, {"other": 1}), 422, "idempotency_mismatch")
    refused(keyed(api, f"{path}?x=1", {}), 422, "idempotency_mismatch")
    refused(keyed(api, RUN, {"ids": [two]}), 422, "idempotency_mismatch")
    assert error(keyed(api, path, {}, "k" * 256))["attr"] == "Idempotency-Key"
    refused(api.post(path), 409, "already_running")
    assert len(runs(world)) == 2


def test_a_cancelled_run_can_be_retried_without_what_was_deleted(world, api):
    one, two = ids_of(some_tasks(world.account, 2))
    path = f"ai/tasks/{a_cancelled_run(api, [one, two])}/retry/"
    assert api.delete(f"writer/tasks/{one}/").status_code == 204
    task_id = accepted(api.post(path))
    assert [item["id"] for item in api.get(f"ai/tasks/{task_id}/").json()["items"]] == [two]
    assert api.post(f"system/settings/task_progress/{task_id}/cancel/").status_code == 200
    assert api.delete(f"writer/tasks/{two}/").status_code == 204
    refused(api.post(path), 409, "nothing_to_retry")
    assert ledger.balance(world.account) == ledger.Balance(1000, 0)


def test_what_another_run_has_done_meanwhile_is_not_retried(world, api):
    one, two = some_tasks(world.account, 2)
    path = f"ai/tasks/{a_cancelled_run(api, [one.pk, two.pk])}/retry/"
    a_content(world.account, task=one)
    task_id = accepted(api.post(path))
    assert [item["id"] for item in api.get(f"ai/tasks/{task_id}/").json()["items"]] == [two.pk]
    assert api.post(f"system/settings/task_progress/{task_id}/cancel/").status_code == 200
    a_content(world.account, task=two)
    refused(api.post(path), 409, "nothing_to_retry")


def test_a_retry_costs_what_it_costs(world, api):
    path = f"ai/tasks/{a_cancelled_run(api, ids_of(some_tasks(world.account, 2)))}/retry/"
    ledger.grant(world.account, -985, key="poor")
    found = refused(api.post(path), 402, "insufficient_credits")
    assert (found["needed"], found["available"]) == (20, 15)
    assert ledger.balance(world.account) == ledger.Balance(15, 0)


def test_a_viewer_starts_retries_and_cancels_nothing(world, api):
    ids = ids_of(some_tasks(world.account, 1))
    task_id = a_cancelled_run(api, ids)
    for path in (
        RUN,
        f"ai/tasks/{task_id}/retry/",
        f"system/settings/task_progress/{task_id}/cancel/",
    ):
        assert world.vera.api.post(path, {"ids": ids}).status_code == 403
    assert len(runs(world)) == 1


@pytest.mark.parametrize("path", [CLUSTER, "planner/keywords/auto_cluster/"])
@pytest.mark.parametrize(
    "query", ["resolution=0", "resolution=fine", "serp=maybe", "overlap=2", "mode=online"]
)
def test_a_way_of_clustering_that_is_none_is_named(query, path, world):
    response = world.adam.api.post(f"{path}?{query}", {"ids": [1]})
    assert response.status_code == 400
    assert error(response)["attr"] == query.split("=")[0]


@pytest.mark.parametrize("path", [CLUSTER, "planner/keywords/auto_cluster/"])
def test_the_way_of_clustering_is_kept_whichever_door_it_came_by(path, world, api):
    made = some_keywords(world.account, "red shoes")
    accepted(api.post(f"{path}?resolution=0.3&serp=off", {"ids": ids_of(made)}))
    assert runs(world)[0].payload["clusterer"] == {"resolution": 0.3, "serp": "off"}


@pytest.mark.parametrize("body", [{"all": True}, {"all": True, "ids": [1]}])
@pytest.mark.parametrize("path", [CLUSTER, "planner/keywords/auto_cluster/"])
def test_all_of_a_site_is_refused_where_a_model_is_to_be_asked(path, body, world, api):
    found = refused(api.post(path, body), 400, "invalid")
    assert found["attr"] == "all"
    assert "mode=offline" in found["detail"]


def test_a_function_of_single_objects_wants_ids_whatever_is_said_of_all(world, api):
    assert refused(api.post(RUN, {"all": True}), 400, "required")["attr"] == "ids"
