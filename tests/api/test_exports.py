"""What the lists show, taken away as CSV or XLSX."""

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from igny8_core.core.sites import default_site
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from igny8_core.writer.tasks import create_task
from tests.world import a_site, error

ROOMS = {
    "planner/keywords/": "keywords",
    "planner/clusters/": "clusters",
    "planner/ideas/": "ideas",
    "writer/tasks/": "tasks",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def table(world):
    """The rows of an export, each by its header."""

    def read(path, **query):
        response = world.vera.api.get(f"{path}export/", query)
        assert response.status_code == 200, response.content
        return list(csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig"))))

    return read


@pytest.fixture
def sheet(world):
    """The cells of an exported workbook."""

    def read(path, **query):
        response = world.vera.api.get(f"{path}export/", {**query, "format": "xlsx"})
        assert response["Content-Type"] == XLSX
        return [list(row) for row in load_workbook(BytesIO(response.getvalue())).active]

    return read


def fill(account, number):
    cluster = create_cluster(account, name=f"Cluster {number}", head_keyword="shoes")
    create_keyword(account, keyword=f"shoes {number}", volume=number, cluster=cluster)
    create_idea(account, title=f"Idea {number}", cluster=cluster)
    create_task(account, title=f"Task {number}", cluster=cluster)


def test_a_keyword_is_exported_with_its_numbers_and_its_cluster(world, table):
    cluster = create_cluster(world.account, name="Footwear")
    create_keyword(world.account, keyword="shoes", volume=5, cpc="1.5", cluster=cluster)
    create_keyword(world.account, keyword="hats")
    shoes, hats = table("planner/keywords/")
    assert shoes == {
        **{"Keyword": "shoes", "Language": "en", "Country": "", "Volume": "5", "Difficulty": ""},
        **{"CPC": "1.5", "Currency": "", "Intent": "", "Status": "clustered"},
        **{"Cluster": "Footwear", "Similarity": "", "Volume max": "", "Volume source": ""},
        **{"Intent inferred": "", "Parent topic": "", "Position": "", "URL": "", "SERP URLs": ""},
        **{"Import": "", "Source file": ""},
    }
    assert (hats["Volume"], hats["CPC"], hats["Status"], hats["Cluster"]) == ("", "", "new", "")


def test_a_cluster_is_exported_with_its_counts(world, table):
    fill(world.account, 7)
    (row,) = table("planner/clusters/")
    assert (row["Cluster"], row["Keywords"], row["Volume"]) == ("Cluster 7", "1", "7")
    assert (row["Difficulty"], row["Cohesion"]) == ("", "")


def test_a_cluster_is_exported_with_how_hard_it_is_and_how_well_it_holds(world, table):
    cluster = create_cluster(world.account, name="Footwear")
    for text, difficulty, similarity in (("shoes", 10, 0.9), ("boots", 25, 0.6), ("hats", None, 0)):
        keyword = create_keyword(
            world.account, keyword=text, difficulty=difficulty, cluster=cluster
        )
        Keyword.unscoped.filter(pk=keyword.pk).update(similarity=similarity or None)
    (row,) = table("planner/clusters/")
    assert (row["Difficulty"], row["Cohesion"]) == ("17.5", "0.75")


def test_an_idea_and_a_task_are_exported_with_outline_and_names(world, table):
    outline = [
        {"level": 2, "heading": "Sizes", "notes": "Both systems"},
        {"level": 3, "heading": "EU", "notes": ""},
    ]
    cluster = create_cluster(world.account, name="Footwear")
    idea = create_idea(
        world.account,
        title="Which shoe fits",
        outline=outline,
        target_keywords=["shoe size", "=shoes"],
        cluster=cluster,
    )
    (row,) = table("planner/ideas/")
    assert row["Outline"] == "## Sizes\nBoth systems\n### EU"
    assert (row["Target keywords"], row["Cluster"]) == ("shoe size, =shoes", "Footwear")
    create_task(
        world.account,
        title="Write it",
        idea=idea,
        outline=outline,
        assignee=world.bob.user,
        due_on=date(2026, 12, 24),
        prompt_override="Secret",
    )
    (row,) = table("writer/tasks/")
    assert row["Outline"].startswith("## Sizes")
    assert (row["Idea"], row["Assignee"]) == ("Which shoe fits", "bob@example.com")
    assert (row["Due on"], row["Status"]) == ("2026-12-24", "pending")
    assert "Secret" not in str(row)


def test_an_export_is_filtered_searched_and_ordered_as_the_list_is(world, table):
    for number, text in enumerate(["red shoes", "hats", "blue shoes", "old shoes"]):
        create_keyword(world.account, keyword=text, volume=number)
    create_keyword(world.account, keyword="shoes there", site=a_site(world.account), volume=9)
    put_in_trash(create_keyword(world.account, keyword="shoes gone", volume=9))

    def found(**query):
        listed = world.vera.api.get("planner/keywords/", query).json()["results"]
        exported = [row["Keyword"] for row in table("planner/keywords/", **query)]
        assert exported == [row["keyword"] for row in listed]
        return exported

    asked = {"search": "shoes", "volume__gte": 2, "site": world.site.pk}
    assert found(**asked, ordering="-volume") == ["old shoes", "blue shoes"]
    assert found(**asked, ordering="keyword") == ["blue shoes", "old shoes"]
    assert found(trashed="true") == ["shoes gone"]
    bad = world.vera.api.get("planner/keywords/export/", {"volume__gte": "x"})
    assert bad.status_code == 400


@pytest.mark.parametrize("path", ROOMS)
def test_nothing_of_another_account_is_exported(world, table, path):
    fill(world.charlie.account, 1)
    charlie_s = default_site(world.charlie.account)
    assert len(world.charlie.api.get(path, {"site": charlie_s.pk}).json()["results"]) == 1
    assert table(path) == []
    assert table(path, site=charlie_s.pk) == []


@pytest.mark.parametrize("path", ROOMS)
def test_the_file_carries_the_day_in_its_name(world, path):
    today = timezone.now().date()
    for format in ("csv", "xlsx"):
        response = world.vera.api.get(f"{path}export/", {"format": format})
        assert response.status_code == 200
        name = f'attachment; filename="{ROOMS[path]}-{today}.{format}"'
        assert response["Content-Disposition"] == name
        assert response.getvalue()
    response = world.vera.api.get(f"{path}export/", {"format": "pdf"})
    assert (response.status_code, error(response)["attr"]) == (400, "format")


@pytest.mark.parametrize("path", ROOMS)
def test_a_long_export_takes_no_more_queries_than_a_short_one(
    world, table, path, django_assert_num_queries
):
    for number in range(20):
        fill(world.account, number)
    # The token, the ids in their order, the rows of these.
    world.vera.api.get(path)
    with django_assert_num_queries(3):
        assert len(table(path)) == 20


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_of_several_pieces_keeps_order_and_passes_over_what_goes_meanwhile(
    world, monkeypatch, format
):
    monkeypatch.setattr("igny8_core.core.bulk.in_turn.__defaults__", (2,))
    rows = [create_keyword(world.account, keyword=f"k{n}", volume=n) for n in range(5)]
    query = {"ordering": "-volume", "format": format}
    response = world.vera.api.get("planner/keywords/export/", query)
    put_in_trash(rows[1])
    assert keywords_in(response, format) == ["k4", "k3", "k2", "k0"]


def keywords_in(response, format):
    if format == "csv":
        rows = csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig")))
        return [row["Keyword"] for row in rows]
    (header, *texts), *_ = load_workbook(BytesIO(response.getvalue())).active.columns
    assert header.value == "Keyword"
    return [cell.value for cell in texts]


def test_a_workbook_has_numbers_as_numbers_and_no_formula(world, sheet):
    create_keyword(world.account, keyword="=1+1", volume=5, difficulty=0.5, cpc="1.5")
    header, row = sheet("planner/keywords/")
    cells = {name.value: cell for name, cell in zip(header, row, strict=False)}
    assert cells["Keyword"].value == "'=1+1"
    assert {cells[name].data_type for name in ("Volume", "Difficulty", "CPC")} == {"n"}
    assert [cells[name].value for name in ("Volume", "Difficulty", "CPC")] == [5, 0.5, 1.5]
    assert {cell.data_type for cell in row} <= {"s", "n"}
