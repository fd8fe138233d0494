"""Sites through the door."""

import pytest

from igny8_core.core.models import Site
from igny8_core.planner.models import Cluster
from tests.world import a_site, error, errors

FIELDS = {"id", "name", "domain", "language", "country", "guidelines", "is_default", "created_at"}


def create(world, **values):
    return world.alice.api.post("sites/", {"name": "Shop", **values})


def test_only_a_name_is_required(world):
    body = create(world).json()
    assert set(body) == FIELDS
    assert (body["language"], body["country"], body["guidelines"]) == ("en", "", {})
    assert body["is_default"] is False
    assert error(world.alice.api.post("sites/"))["attr"] == "name"


@pytest.mark.parametrize(
    "language", ["en", "pt-BR", "zh-Hant-TW", "sr-Latn-RS", "es-419", "de-CH-1996"]
)
def test_a_language_is_a_bcp_47_tag(language, world):
    assert create(world, language=language).json()["language"] == language


@pytest.mark.parametrize("language", ["english", "e", "en_US", "en-", "", "x" * 36, "12"])
def test_what_is_no_language_is_a_400(language, world):
    response = create(world, language=language)
    assert response.status_code == 400
    assert error(response)["attr"] == "language"


def test_a_country_is_iso_3166_in_capitals_or_empty(world):
    assert create(world, country="de").json()["country"] == "DE"
    assert create(world, country="").json()["country"] == ""
    for wrong in ("XX", "UK", "DEU", "1"):
        assert error(create(world, country=wrong))["attr"] == "country"


def test_guidelines_have_a_shape(world):
    guidelines = {"audience": "founders", "facts": ["made in 2026"], "never_say": []}
    assert create(world, guidelines=guidelines).json()["guidelines"] == guidelines
    wrong = {"audiense": "x", "facts": "one", "tone": 3, "must_say": [1]}
    found = {one["attr"] for one in errors(create(world, guidelines=wrong))}
    assert found == {
        "guidelines.audiense",
        "guidelines.facts",
        "guidelines.tone",
        "guidelines.must_say.0",
    }
    for wrong in ([], "text", None, 1):
        assert error(create(world, guidelines=wrong))["attr"] == "guidelines"


def test_a_new_default_takes_the_place_of_the_old_one(world):
    old = world.site
    new = create(world, is_default=True).json()
    assert new["is_default"]
    assert world.site.pk == new["id"]
    back = world.alice.api.patch(f"sites/{old.pk}/", {"is_default": True})
    assert back.status_code == 200
    assert world.site.pk == old.pk


def test_there_is_always_a_default(world):
    response = world.alice.api.patch(f"sites/{world.site.pk}/", {"is_default": False})
    assert response.status_code == 409


def test_the_default_and_a_site_with_objects_stay(world):
    assert world.alice.api.delete(f"sites/{world.site.pk}/").status_code == 409
    full = a_site(world.account)
    Cluster.objects.create(account=world.account, site=full, name="Shoes")
    response = world.alice.api.delete(f"sites/{full.pk}/")
    assert response.status_code == 409
    assert error(response)["code"] == "conflict"
    assert Site.objects.for_account(world.account).count() == 2


def test_what_is_ours_cannot_be_set(world):
    before = world.site
    body = {
        "id": 1,
        "account": world.charlie.account.pk,
        "account_id": world.charlie.account.pk,
        "created_at": "2001-01-01T00:00:00Z",
        "name": "Mine",
    }
    changed = world.alice.api.patch(f"sites/{before.pk}/", body)
    made = world.alice.api.post("sites/", {**body, "id": before.pk})
    assert changed.status_code == 200
    assert made.status_code == 201
    after = world.site
    assert (after.pk, after.account_id, after.created_at) == (
        before.pk,
        before.account_id,
        before.created_at,
    )
    new = Site.objects.for_account(world.account).exclude(pk=before.pk).get()
    assert new.created_at.year > 2001
    assert not Site.objects.for_account(world.charlie.account).filter(name="Mine").exists()


def test_lists_come_in_pages_in_a_total_order(world, django_assert_max_num_queries):
    for _ in range(120):
        a_site(world.account, name="Same")
    api = world.vera.api
    api.get("sites/")
    with django_assert_max_num_queries(3):
        first = api.get("sites/", {"ordering": "-name"}).json()
    assert first["count"] == 121
    assert len(first["results"]) == 50
    assert first["previous"] is None
    seen = [one["id"] for one in first["results"]]
    following = first
    while following["next"]:
        following = api.client.get(following["next"]).json()
        seen += [one["id"] for one in following["results"]]
    assert len(seen) == len(set(seen)) == 121
    assert len(api.get("sites/", {"page_size": 10**9}).json()["results"]) == 121


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": 10**30}, 404),
        ({"page": "x"}, 404),
        ({"page_size": -1}, 200),
        ({"ordering": "account__name"}, 200),
        ({"account": 1, "account__id": 1}, 200),
        ({"search": "a\0b"}, 400),
        ({"search": "%_\\"}, 200),
    ],
)
def test_odd_queries_do_no_harm(query, status, world):
    response = world.alice.api.get("sites/", query)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("written", "language"),
    [
        *(("EN", "en"), ("pt-br", "pt-BR"), ("ZH-hant-tw", "zh-Hant-TW"), ("en-X-AB", "en-x-ab")),
        *(("DE-ch-1996", "de-CH-1996"), ("zh-YUE-hk", "zh-yue-HK")),
    ],
)
def test_a_language_is_kept_in_its_usual_case(written, language, world):
    assert create(world, language=written).json()["language"] == language
