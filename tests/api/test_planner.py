"""The planner's routes."""

import pytest

from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from tests.world import a_site, error


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_keyword_has_the_contracts_fields(world):
    body = world.bob.api.post("planner/keywords/", {"keyword": "Shoes", "cpc": "1.5"}).json()
    assert set(body) == {
        *("id", "site", "keyword", "language", "country", "volume", "difficulty", "cpc"),
        *("cpc_currency", "intent", "status", "cluster", "assigned_by", "similarity"),
        "created_at",
    }
    assert (body["cpc"], body["volume"], body["status"]) == ("1.5000", None, "new")
    read = world.vera.api.get(f"planner/keywords/{body['id']}/").json()
    assert read == body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("keyword", ""),
        ("keyword", "x" * 256),
        ("keyword", "a\0b"),
        ("keyword", "\u200b\u2060"),
        ("keyword", None),
        ("volume", -1),
        ("volume", 2**63),
        ("volume", 10**30),
        ("volume", "many"),
        ("difficulty", 101),
        ("difficulty", "NaN"),
        ("cpc", "Infinity"),
        ("cpc", "-1"),
        ("cpc_currency", "euro"),
        ("intent", "curious"),
        ("language", "english!"),
        ("country", "XX"),
        ("cluster", 10**30),
        ("cluster", True),
        ("cluster", {}),
        ("site", 10**12),
        ("site", None),
    ],
)
def test_a_senseless_value_is_a_400_on_its_field(world, field, value):
    keyword = create_keyword(world.account, keyword="shoes")
    for response in (
        world.bob.api.post("planner/keywords/", {"keyword": "hats", field: value}),
        world.bob.api.patch(f"planner/keywords/{keyword.pk}/", {field: value}),
    ):
        assert response.status_code == 400, response.content
        assert error(response)["attr"] == field
    assert Keyword.unscoped.count() == 1


def test_a_number_that_json_cannot_say_is_a_400(world):
    response = world.bob.api.post(
        "planner/keywords/", b'{"keyword": "hats", "difficulty": 1e999, "volume": 5}'
    )
    assert error(response)["attr"] == "difficulty"


def test_what_only_we_say_cannot_be_said(world):
    said = {"id": 7, "account": 7, "status": "clustered", "assigned_by": "ai", "similarity": 1}
    body = world.bob.api.post("planner/keywords/", {"keyword": "shoes", **said}).json()
    assert (body["status"], body["assigned_by"], body["similarity"]) == ("new", None, None)
    assert Keyword.unscoped.get().account == world.account


def test_the_site_is_fixed_and_what_is_named_belongs_to_it(world):
    site = a_site(world.account)
    cluster = create_cluster(world.account, site=site, name="Shoes")
    body = world.bob.api.post(
        "planner/keywords/", {"keyword": "shoes", "cluster": cluster.pk}
    ).json()
    assert body["site"] == site.pk
    path = f"planner/keywords/{body['id']}/"
    assert error(world.bob.api.patch(path, {"site": world.site.pk}))["attr"] == "site"
    assert world.bob.api.patch(path, {"site": site.pk}).status_code == 200
    other = create_cluster(world.account, name="Elsewhere").pk
    assert error(world.bob.api.patch(path, {"cluster": other}))["attr"] == "cluster"
    created = world.bob.api.post(
        "planner/keywords/", {"keyword": "hats", "cluster": other, "site": site.pk}
    )
    assert error(created)["attr"] == "cluster"


def test_keywords_are_filtered_searched_and_ordered(world):
    cluster = create_cluster(world.account, name="Shoes")
    create_keyword(world.account, keyword="ÄPFEL", volume=5, intent="commercial")
    create_keyword(world.account, keyword="shoes", volume=50, cluster=cluster)
    create_keyword(world.account, keyword="hats", site=a_site(world.account))
    api = world.vera.api

    def found(**query):
        return [row["keyword"] for row in results(api.get("planner/keywords/", query))]

    assert found(ordering="-id") == ["hats", "shoes", "ÄPFEL"]
    assert found(search="äpf") == ["ÄPFEL"]
    assert found(status="clustered") == found(cluster=cluster.pk) == ["shoes"]
    assert found(status="new", site=world.site.pk) == found(intent="commercial") == ["ÄPFEL"]
    assert found(volume__gte=10) == ["shoes"]
    for nothing in (10**30, "x", 0, create_cluster(world.charlie.account, name="C").pk):
        assert found(cluster=nothing) == found(site=nothing) == []
    for senseless in (
        {"status": "old"},
        {"intent": "x"},
        {"volume__gte": "x"},
        {"search": "a " * 1_500},
    ):
        assert api.get("planner/keywords/", senseless).status_code == 400


def test_a_cluster_is_answered_with_its_counts(world):
    api = world.bob.api
    body = api.post("planner/clusters/", {"name": "Shoes"}).json()
    assert set(body) == {
        *("id", "site", "name", "description", "head_keyword", "intent", "keywords_count"),
        *("volume", "locked", "status"),
    }
    create_keyword(world.account, keyword="a", volume=10**12)
    for text in ("shoes", "red shoes"):
        api.post("planner/keywords/", {"keyword": text, "volume": 7, "cluster": body["id"]})
    changed = api.patch(f"planner/clusters/{body['id']}/", {"description": "Footwear"}).json()
    assert (changed["keywords_count"], changed["volume"], changed["locked"]) == (2, 14, True)
    assert results(api.get("planner/clusters/", {"ordering": "-volume"})) == [changed]


def test_the_trash_lists_what_was_deleted_and_gives_it_back(world):
    api = world.bob.api
    keyword = create_keyword(world.account, keyword="shoes")
    path = f"planner/keywords/{keyword.pk}/"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == api.delete(path).status_code == 404
    assert results(api.get("planner/keywords/")) == []
    assert len(results(api.get("planner/keywords/", {"trashed": "true"}))) == 1
    create_keyword(world.account, keyword="SHOES")
    taken = api.post(f"{path}restore/")
    assert (taken.status_code, error(taken)["code"]) == (409, "conflict")
    Keyword.unscoped.filter(deleted_at=None).delete()
    assert api.post(f"{path}restore/").json()["id"] == keyword.pk
    assert api.post(f"{path}restore/").status_code == 404


@pytest.mark.parametrize(
    "outline", ["text", [5], [{"heading": ""}], [{"level": 9, "heading": "x"}], [{}], {"a": 1}]
)
def test_an_outline_of_another_shape_is_refused(world, outline):
    response = world.bob.api.post("planner/ideas/", {"title": "T", "outline": outline})
    assert response.status_code == 400
    assert error(response)["attr"].startswith("outline")


@pytest.mark.parametrize("keywords", ["text", [5, {}], [None], ["x" * 256], {"a": 1}])
def test_a_list_of_texts_is_one(world, keywords):
    response = world.bob.api.post("planner/ideas/", {"title": "T", "target_keywords": keywords})
    assert response.status_code == 400


def test_ideas_are_queued_in_the_order_of_the_ids(world):
    ids = [create_idea(world.account, title=title).pk for title in "ab"]
    first = world.bob.api.post("planner/ideas/queue/", {"ids": [*reversed(ids), ids[0]]})
    assert first.status_code == 201
    tasks = first.json()["tasks"]
    assert len(tasks) == 2
    again = world.bob.api.post("planner/ideas/queue/", {"ids": ids}).json()["tasks"]
    assert again == tasks[::-1]


@pytest.mark.parametrize("ids", [None, [], "x", [0.5], ["x"], [10**30], [10**12], {}])
def test_nothing_senseless_is_queued(world, ids):
    response = world.bob.api.post("planner/ideas/queue/", {"ids": ids})
    assert response.status_code == 400
    assert error(response)["attr"].startswith("ids")
