"""Starting a function: what is checked at the door, and what is handed on."""

import pytest

from igny8_core.ai import tasks
from igny8_core.ai.models import AITaskLog
from tests.world import a_run, error

RUN = "ai/functions/generate_ideas/run/"


@pytest.fixture
def enqueued(world, monkeypatch):
    """What enqueue was called with; each call makes a run."""
    calls = []

    def enqueue(function_name, payload, **given):
        calls.append({"function_name": function_name, "payload": payload, **given})
        return a_run(world.account)

    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return calls


@pytest.mark.parametrize(
    "ids",
    [None, [], "1", 7, {"1": 1}, ["1"], [True], [1.5], [None], [2**63], [10**30], [-1], [0], [[1]]],
)
def test_ids_of_another_shape_are_a_400_on_ids(ids, world, enqueued):
    for body in ({"ids": ids}, {"ids": ids, "all": True}):
        response = world.bob.api.post(RUN, body)
        assert response.status_code == 400
        assert error(response)["attr"] == "ids"
    assert enqueued == []


@pytest.mark.parametrize("body", [[], 7, "x", None, [1]])
def test_a_body_that_is_no_object_is_a_400(body, world, enqueued):
    assert world.bob.api.post(RUN, body or b"[]").status_code == 400
    assert enqueued == []


@pytest.mark.parametrize("query", ["dry_run=maybe", "again=2", "mode=online"])
def test_a_parameter_nobody_understands_is_never_a_guess(query, world, enqueued):
    response = world.bob.api.post(f"{RUN}?{query}", {"ids": [1]})
    assert response.status_code == 400
    assert error(response)["attr"] == query.split("=")[0]
    assert enqueued == []


def test_the_payload_is_plain(world, enqueued):
    response = world.bob.api.post(f"{RUN}?again=true", {"ids": [3, 1, 3]})
    assert response.status_code == 202
    assert set(response.json()) == {"task_id"}
    (call,) = enqueued
    assert call["function_name"] == "generate_ideas"
    assert call["payload"] == {
        "ids": [3, 1],
        "again": True,
        "mode": "",
        "all": False,
        "site": None,
    }
    assert (call["account"], call["user"]) == (world.account, world.bob.user)
    assert call["idempotency_key"] is None


def test_all_of_a_site_goes_with_offline_alone(world, enqueued):
    path = "ai/functions/auto_cluster/run/"
    assert world.bob.api.post(f"{path}?mode=offline", {"all": True, "site": 5}).status_code == 202
    assert enqueued[0]["payload"] == {
        "ids": [],
        "again": False,
        "mode": "offline",
        "all": True,
        "site": 5,
    }
    assert error(world.bob.api.post(path, {"all": True}))["attr"] == "ids"
    assert error(world.bob.api.post(f"{path}?mode=offline", {"all": 1}))["attr"] == "all"


def test_the_digest_knows_path_query_and_body_and_no_order_of_keys(world, enqueued):
    api = world.bob.api
    requests = [
        (RUN, b'{"ids": [1], "x": {"a": 1, "b": 2}}'),
        (RUN, b'{"x":{"b":2,"a":1},"ids":[1]}'),
        (RUN, b'{"ids": [1]}'),
        (f"{RUN}?again=true", b'{"ids": [1]}'),
        ("ai/functions/generate_content/run/", b'{"ids": [1]}'),
    ]
    for path, raw in requests:
        api.send("POST", path, raw, headers={"idempotency-key": "k"})
    digests = [call["request_digest"] for call in enqueued]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    assert {call["idempotency_key"] for call in enqueued} == {"k"}


def test_a_key_is_at_most_255_characters(world, enqueued):
    for length, status in ((255, 202), (256, 400)):
        response = world.bob.api.post(RUN, {"ids": [1]}, headers={"idempotency-key": "k" * length})
        assert response.status_code == status


def test_a_dry_run_begins_nothing(world, enqueued, monkeypatch):
    monkeypatch.setattr(tasks, "quote", lambda *args, **given: {"items": 1})
    response = world.bob.api.post(f"{RUN}?dry_run=true", {"ids": [1]})
    assert response.status_code == 200
    assert response.json() == {"items": 1}
    assert enqueued == []


def test_an_unknown_function_is_a_404(world):
    for name in ("nothing", "../tasks", "__init__", "%00"):
        assert world.bob.api.post(f"ai/functions/{name}/run/", {"ids": [1]}).status_code == 404


def test_the_601st_action_of_a_minute_waits(world, enqueued, monkeypatch):
    monkeypatch.setattr("igny8_core.api.throttling.ACTIONS", 3)
    statuses = [world.bob.api.post(RUN, {"ids": [1]}).status_code for _ in range(4)]
    assert statuses == [202, 202, 202, 429]
    assert world.alice.api.post(RUN, {"ids": [1]}).status_code == 429
    assert world.charlie.api.post(RUN, {"ids": [1]}).status_code == 202


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
    } == set(functions[0])
    by_name = {one["name"]: one for one in functions}
    assert by_name["generate_content"]["credits"] == 10
    assert by_name["auto_cluster"]["prompt_type"] == "clustering"
    models = world.vera.api.get("ai/models/", {"page_size": 500}).json()["results"]
    assert "gpt-4o-mini" in {one["id"] for one in models}
