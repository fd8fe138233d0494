"""What would compete with a site's own pages, seen before anything is paid for."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core.billing import ledger
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Page
from igny8_core.planner.pages import create_page
from igny8_core.writer.content import create_content
from igny8_core.writer.queueing import queue_ideas
from igny8_core.writer.tasks import create_task
from tests.world import a_site, error

SITEMAP = b"<urlset><url><loc>https://example.com/trail-shoes</loc></url></urlset>"
TABLE = b"url,title,keyword\nhttps://example.com/trail-shoes,Trail shoes,trail shoes\nmailto:x,,\n"


def upload(person, data=SITEMAP, *, query="", **form):
    file = {} if data is None else {"file": SimpleUploadedFile("pages", data)}
    return person.api.client.post(f"/api/v1/planner/pages/import/{query}", {**file, **form})


@pytest.fixture
def overlap(world):
    """The verdict that a viewer is shown on one object."""

    def ask(path, row):
        body = world.vera.api.get(f"{path}{row.pk}/", {"overlap": "true"}).json()
        listed = world.vera.api.get(path, {"overlap": "true"}).json()["results"]
        assert body in listed
        return body["overlap"]

    return ask


# --- the pages a site has ---------------------------------------------------------------------
def test_a_file_of_pages_is_taken_in_and_its_bad_rows_are_named(world):
    body = upload(world.bob, TABLE).json()
    assert set(body) == {"imported", "updated", "skipped", "errors", "format"}
    assert (body["imported"], body["updated"], body["skipped"]) == (1, 0, 0)
    assert [row["row"] for row in body["errors"]] == [3]
    assert world.vera.api.get("planner/pages/").json()["results"][0] == {
        **{"id": Page.unscoped.get().pk, "site": world.site.pk, "title": "Trail shoes"},
        **{"url": "https://example.com/trail-shoes", "keyword": "trail shoes"},
        "created_at": Page.unscoped.get().created_at.isoformat().replace("+00:00", "Z"),
    }


def test_what_a_file_does_not_say_of_a_page_stays(world):
    bodies = [upload(world.bob, data).json() for data in (SITEMAP, TABLE, SITEMAP, TABLE)]
    counts = [(body["imported"], body["updated"], body["skipped"]) for body in bodies]
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1)]
    assert Page.unscoped.get().title == "Trail shoes"


def test_a_preview_shows_pages_and_stores_none(world):
    body = upload(world.bob, TABLE, query="?preview=true").json()
    assert (body["imported"], [row["title"] for row in body["rows"]]) == (1, ["Trail shoes"])
    assert not Page.unscoped.exists()


@pytest.mark.parametrize(
    ("attr", "form"),
    [
        ("file", {"data": None}),
        ("file", {"data": b""}),
        ("file", {"data": b"<!DOCTYPE x><urlset/>"}),
        ("file", {"data": b"name\nshoes\n"}),
        ("site", {"site": 10**12}),
        ("preview", {"query": "?preview=perhaps"}),
    ],
)
def test_what_is_wrong_is_a_400_on_its_field(world, attr, form):
    response = upload(world.bob, **form)
    assert (response.status_code, error(response)["attr"]) == (400, attr)


def test_a_file_beyond_the_limit_is_a_413(world, settings):
    settings.IGNY8_IMPORT_MAX_BYTES = 1_000
    assert upload(world.bob, b"url\n" + b"x" * 1_000).status_code == 413
    assert upload(world.bob, b"url\n" + b"x" * 100_000).status_code == 413


def test_pages_go_where_they_are_sent_and_nowhere_else(world):
    foreign = upload(world.bob, site=a_site(world.charlie.account).pk)
    assert (foreign.status_code, error(foreign)["attr"]) == (400, "site")
    assert upload(world.vera).status_code == 403
    site = a_site(world.account)
    upload(world.bob, site=site.pk)
    assert Page.unscoped.get().site == site
    assert world.charlie.api.get("planner/pages/").json()["count"] == 0


def test_a_page_is_there_once_and_comes_back_from_the_trash_into_its_place_alone(world):
    api = world.bob.api
    url = {"url": "https://example.com/shoes#top"}
    page = api.post("planner/pages/", url).json()
    assert page["url"] == "https://example.com/shoes"
    again = api.post("planner/pages/", url)
    assert (again.status_code, error(again)["code"], error(again)["attr"]) == (400, "unique", "url")
    for wrong in ("shoes", "javascript:alert(1)", "https://", "https://a b", "http://[::1"):
        refused = api.post("planner/pages/", {"url": wrong})
        assert (refused.status_code, error(refused)["attr"]) == (400, "url")
    path = f"planner/pages/{page['id']}/"
    assert api.patch(path, {"title": "Shoes"}).json()["title"] == "Shoes"
    api.delete(path)
    assert api.post("planner/pages/", url).status_code == 201
    assert api.post(f"{path}restore/").status_code == 409


# --- verdicts ---------------------------------------------------------------------------------
def test_without_a_wish_for_it_nothing_is_compared(world):
    cluster = create_cluster(world.account, name="Trail shoes")
    body = world.vera.api.get(f"planner/clusters/{cluster.pk}/").json()
    assert "overlap" not in body
    response = world.vera.api.get("planner/clusters/", {"overlap": "perhaps"})
    assert (response.status_code, error(response)["attr"]) == (400, "overlap")


@pytest.mark.parametrize("path", ["planner/clusters/", "planner/ideas/", "writer/tasks/"])
def test_a_page_that_is_too_long_to_be_compared_is_refused_with_the_cure(world, path):
    ask = world.vera.api.get
    for size in (101, 500, 10_000):
        response = ask(path, {"overlap": "true", "page_size": size})
        assert (response.status_code, error(response)["attr"]) == (400, "page_size")
        assert "page_size=100" in error(response)["detail"]
        assert ask(path, {"overlap": "false", "page_size": size}).status_code == 200
    for size in (100, 0, "many"):
        assert ask(path, {"overlap": "true", "page_size": size}).status_code == 200


def test_a_cluster_whose_page_is_there_is_to_refresh_it(world, overlap):
    upload(world.bob)
    cluster = create_cluster(world.account, name="Off the road", head_keyword="trail shoes")
    page = Page.unscoped.get()
    assert overlap("planner/clusters/", cluster) == {
        "verdict": "refresh",
        "other": {"type": "page", "id": page.pk, "name": page.url},
        "score": 1.0,
        "words": ["shoe", "trail"],
    }


def test_an_idea_that_a_task_is_queued_for_is_to_be_merged_with_it(world, overlap):
    task = create_task(world.account, title="Choosing", keywords="trail shoes, hiking shoes")
    idea = create_idea(world.account, title="Anything", target_keywords=["Trail Shoes"])
    found = overlap("planner/ideas/", idea)
    assert (found["verdict"], found["other"]["type"], found["other"]["id"]) == (
        *("merge", "task"),
        task.pk,
    )


def test_a_task_that_is_a_part_of_an_article_is_to_be_narrowed(world, overlap):
    content = create_content(
        world.account, user=world.bob.user, title="Trail shoes for winter and summer"
    )
    task = create_task(world.account, title="Trail shoes for winter")
    found = overlap("writer/tasks/", task)
    assert (found["verdict"], found["other"]["id"]) == ("narrow", content.pk)
    assert set(found["words"]) == {"trail", "shoe", "winter"}


def test_what_is_new_says_so(world, overlap):
    upload(world.bob)
    idea = create_idea(world.account, title="Garden chairs")
    new = {"verdict": "new", "other": None, "score": 0.0, "words": []}
    assert overlap("planner/ideas/", idea) == new


def test_a_thing_does_not_compete_with_its_own_line(world, overlap):
    cluster = create_cluster(world.account, name="Trail shoes")
    idea = create_idea(world.account, title="Trail shoes", cluster=cluster)
    (task_id,) = queue_ideas(world.account, [idea.pk])
    task = type(create_task(world.account, title="Chairs")).unscoped.get(pk=task_id)
    create_content(world.account, user=world.bob.user, title="Trail shoes", task=task)
    for path, row in (
        ("planner/clusters/", cluster),
        ("planner/ideas/", idea),
        ("writer/tasks/", task),
    ):
        assert overlap(path, row)["verdict"] == "new"
    other = create_idea(world.account, title="Trail shoes", cluster=cluster)
    assert overlap("planner/ideas/", other)["verdict"] == "refresh"


def test_only_the_living_of_the_same_site_and_account_are_compared(world, overlap):
    create_page(world.charlie.account, url="https://example.net/trail-shoes")
    create_page(world.account, site=a_site(world.account), url="https://example.com/trail-shoes")
    put_in_trash(create_page(world.account, url="https://example.com/trail-shoes"))
    idea = create_idea(world.account, title="Trail shoes")
    assert overlap("planner/ideas/", idea)["verdict"] == "new"


@pytest.mark.parametrize("path", ["planner/clusters/", "planner/ideas/", "writer/tasks/"])
def test_a_long_list_is_compared_in_no_more_queries_than_a_short_one(world, path):
    for number in range(12):
        site = a_site(world.account)
        create_cluster(world.account, site=site, name=f"Shoes {number}")
        create_idea(world.account, site=site, title=f"Shoes {number}")
        create_task(world.account, site=site, title=f"Shoes {number}")
        create_page(world.account, site=site, url=f"https://example.com/{number}")

    def queries(**query):
        with CaptureQueriesContext(connection) as captured:
            assert world.vera.api.get(path, {**query, "overlap": "true"}).status_code == 200
        return len(captured)

    queries()
    # Beside the page itself: what is asked about, and a site's pages, articles, tasks, clusters.
    assert queries(page_size=12) == queries(page_size=1) == 3 + 5


# --- the dry run ------------------------------------------------------------------------------
def test_a_dry_run_names_what_would_compete_before_anything_is_paid(world, settings):
    settings.OPENAI_API_KEY = "sk-never-sent"
    ledger.grant(world.account, 1_000, key="grant")
    page = create_page(world.account, url="https://example.com/trail-shoes")
    clusters = [create_cluster(world.account, name=name) for name in ("Trail shoes", "Chairs")]
    for cluster in clusters:
        create_keyword(world.account, keyword=cluster.name, cluster=cluster)
    tasks = [create_task(world.account, title=name) for name in ("Trail shoes", "Oak tables")]
    for path, rows in (
        ("planner/clusters/auto_generate_ideas/", clusters),
        ("writer/tasks/auto_generate_content/", tasks),
    ):
        ids = {"ids": [row.pk for row in rows]}
        response = world.bob.api.post(f"{path}?dry_run=true", ids)
        assert response.status_code == 200, response.content
        (found,) = response.json()["overlaps"]
        assert (found["id"], found["verdict"]) == (rows[0].pk, "refresh")
        assert found["other"] == {"type": "page", "id": page.pk, "name": page.url}
