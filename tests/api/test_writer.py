"""The writer's routes."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from igny8_core.writer.content import create_content
from igny8_core.writer.images import create_image, save_picture
from igny8_core.writer.models import Content
from igny8_core.writer.tasks import create_task
from tests.world import a_site, error


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.fixture
def content(world):
    return create_content(world.account, user=world.bob.user, title="T", html="<p>one</p>")


def test_a_task_has_the_contracts_fields_but_no_prompt_for_viewers(world):
    body = world.bob.api.post(
        "writer/tasks/",
        {"title": "T", "prompt_override": "Write.", "assignee": world.vera.user.pk},
    ).json()
    fields = {
        *("id", "site", "title", "description", "brief", "outline", "keywords", "idea"),
        *("cluster", "content_type", "content_structure", "tone", "word_count"),
        *("prompt_override", "assignee", "due_on", "status"),
    }
    assert set(body) == fields
    assert (body["status"], body["assignee"]) == ("pending", world.vera.user.pk)
    seen = world.vera.api.get(f"writer/tasks/{body['id']}/").json()
    assert set(seen) == fields - {"prompt_override"}
    assert "prompt_override" not in results(world.vera.api.get("writer/tasks/"))[0]


def test_a_placeholder_nobody_would_replace_is_refused_with_all_of_them(world):
    response = world.bob.api.post(
        "writer/tasks/", {"title": "T", "prompt_override": "[IGNY8_IDEA] [IGNY8_A] [IGNY8_B]"}
    )
    assert error(response)["attr"] == "prompt_override"
    assert "[IGNY8_A], [IGNY8_B]" in error(response)["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("word_count", -1),
        ("word_count", 2**63),
        ("due_on", "tomorrow"),
        ("status", "lost"),
        ("assignee", 10**12),
        ("idea", "x"),
        ("outline", 5),
        ("keywords", ["a"]),
    ],
)
def test_a_senseless_value_is_a_400_on_its_field(world, field, value):
    response = world.bob.api.post("writer/tasks/", {"title": "T", field: value})
    assert response.status_code == 400
    assert error(response)["attr"] == field


def test_an_article_has_the_contracts_fields_and_versions(world):
    api = world.bob.api
    body = api.post("writer/content/", {"title": "A title", "html": "<p>one two</p>"}).json()
    assert set(body) == {
        *("id", "site", "task", "title", "html", "meta_title", "meta_description", "slug"),
        *("language", "primary_keyword", "secondary_keywords", "tags", "categories"),
        *("word_count", "status", "version"),
    }
    assert (body["task"], body["slug"], body["word_count"]) == (None, "a-title", 2)
    assert (body["language"], body["status"], body["version"]) == ("en", "draft", 1)
    path = f"writer/content/{body['id']}/"
    changed = api.patch(path, {"html": "<p>three</p>", "version": 1}).json()
    assert (changed["version"], changed["word_count"]) == (2, 1)
    stale = api.patch(path, {"html": "<p>four</p>", "version": 1})
    assert (stale.status_code, error(stale)["code"]) == (409, "stale_version")

    newest, oldest = results(api.get(f"{path}versions/"))
    assert set(newest) == {
        *("number", "title", "html", "meta_title", "meta_description", "source", "state"),
        *("author", "created_at"),
    }
    assert (oldest["number"], oldest["state"], oldest["author"]) == (1, "past", world.bob.user.pk)
    restored = api.post(f"{path}versions/1/restore/").json()
    assert (restored["number"], restored["source"], restored["state"]) == (3, "restore", "current")
    assert api.get(path).json()["html"] == "<p>one two</p>"
    assert api.post(f"{path}versions/99/restore/").status_code == 404


def test_a_new_article_begins_at_1_whatever_is_said(world):
    body = world.bob.api.post(
        "writer/content/", {"title": "T", "version": 9, "word_count": 9}
    ).json()
    assert (body["version"], body["word_count"]) == (1, 0)


def test_an_article_belongs_to_the_site_of_its_task(world):
    task = create_task(world.account, title="T", site=a_site(world.account))
    body = world.bob.api.post("writer/content/", {"title": "T", "task": task.pk}).json()
    assert (body["site"], body["task"]) == (task.site_id, task.pk)
    taken = world.bob.api.post("writer/content/", {"title": "U", "task": task.pk})
    assert error(taken)["attr"] == "task"
    other = world.bob.api.post(
        "writer/content/", {"title": "U", "task": task.pk, "site": world.site.pk}
    )
    assert error(other)["attr"] == "task"
    assert Content.unscoped.count() == 1


def test_a_picture_s_prompt_has_at_most_32000_characters(world, content):
    body = {"content": content.pk, "placement": "featured"}
    response = world.bob.api.post("writer/images/", {**body, "prompt": "x" * 32_001})
    assert response.status_code == 400
    assert error(response)["attr"] == "prompt"
    response = world.bob.api.post("writer/images/", {**body, "prompt": "x" * 32_000})
    assert response.status_code == 201


def test_a_place_without_a_picture_has_no_address(world, content):
    body = world.bob.api.post(
        "writer/images/", {"content": content.pk, "placement": "featured", "prompt": "A cat"}
    ).json()
    assert set(body) == {
        *("id", "site", "content", "placement", "position", "prompt", "alt_text", "url"),
        *("variants", "provider", "model", "width", "height", "format", "status", "error"),
    }
    assert (body["url"], body["variants"], body["status"]) == (None, {}, "prompted")
    again = world.bob.api.post("writer/images/", {"content": content.pk, "placement": "featured"})
    assert (again.status_code, error(again)["attr"]) == (400, "position")
    missing = world.bob.api.post("writer/images/", {"placement": "featured"})
    assert error(missing)["attr"] == "content"


def test_a_picture_is_seen_by_its_address_alone(world, content, settings, tmp_path, nobody):
    settings.MEDIA_ROOT = tmp_path
    image = create_image(world.account, content=content, placement="featured", prompt="A cat")
    folder = f"pictures/{world.account.pk}"
    paths = [default_storage.save(f"{folder}/{n}.png", ContentFile(b"png")) for n in "ab"]
    variants = {"mobile": {"path": paths[1], "width": 1, "height": 2}}
    save_picture(
        image,
        path=paths[0],
        checksum="c",
        variants=variants,
        provider="openai",
        model="m",
        width=3,
        height=4,
        format="png",
    )
    body = world.vera.api.get(f"writer/images/{image.pk}/").json()
    assert (body["status"], body["width"], body["variants"]["mobile"]["height"]) == (
        *("generated", 3, 2),
    )
    for address in (body["url"], body["variants"]["mobile"]["url"]):
        assert nobody.client.get(address).getvalue() == b"png"
        assert nobody.client.get(address.partition("?")[0]).status_code == 404


def test_pictures_go_and_come_back_with_their_article(world, content):
    api = world.bob.api
    image = create_image(world.account, content=content, placement="featured")
    assert api.delete(f"writer/content/{content.pk}/").status_code == 204
    assert api.get(f"writer/images/{image.pk}/").status_code == 404
    assert api.post(f"writer/images/{image.pk}/restore/").status_code == 409
    assert api.post(f"writer/content/{content.pk}/restore/").status_code == 200
    assert api.get(f"writer/images/{image.pk}/").status_code == 200


@pytest.mark.parametrize("room", ["tasks", "content", "images", "content/{}/versions"])
def test_a_long_list_takes_no_more_queries_than_a_short_one(
    world, content, room, django_assert_max_num_queries
):
    for number in range(20):
        task = create_task(world.account, title="T", assignee=world.bob.user)
        create_content(world.account, user=world.bob.user, title="T", task=task)
        create_image(world.account, content=content, placement="in_article", position=number)
    api = world.vera.api
    api.get("writer/tasks/")
    # The token, for versions the article, the number of rows, the rows.
    with django_assert_max_num_queries(4):
        assert results(api.get(f"writer/{room.format(content.pk)}/"))
