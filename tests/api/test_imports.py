"""Keyword files over HTTP, in and out."""

import csv
from io import StringIO
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from tests.planner.intake.files import a_workbook
from tests.world import a_site, error

CSV = b"Term,Volume\nshoes,100\nhats,many\n"


def upload(person, data=CSV, *, query="", name="shoes.csv", **form):
    file = {} if data is None else {"file": SimpleUploadedFile(name, data)}
    return person.api.client.post(f"/api/v1/planner/keywords/import/{query}", {**file, **form})


def test_a_file_is_imported_and_its_bad_rows_are_named(world):
    response = upload(world.bob)
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {
        *("import_id", "imported", "updated", "skipped", "errors", "format", "evidence")
    }
    assert (body["imported"], body["updated"], body["skipped"]) == (1, 0, 0)
    assert [row["row"] for row in body["errors"]] == [3]


def test_a_preview_shows_rows_and_stores_nothing(world):
    body = upload(world.bob, query="?preview=true").json()
    assert [(row["keyword"], row["volume"]) for row in body["rows"]] == [("shoes", 100)]
    assert body["import_id"] is None
    assert not Keyword.unscoped.exists()


def test_atomic_refuses_all_for_one_bad_row(world):
    response = upload(world.bob, query="?atomic=true")
    assert response.status_code == 400
    assert error(response)["rows"][0]["row"] == 3
    assert not Keyword.unscoped.exists()


def test_site_and_mapping_are_taken_from_the_form(world):
    site = a_site(world.account)
    response = upload(
        world.bob, b"A,B\nshoes,5\n", site=site.pk, mapping='{"keyword": "A", "volume": "B"}'
    )
    assert response.status_code == 200
    assert Keyword.unscoped.get(site=site).volume == 5


def test_the_site_may_stand_in_the_address(world):
    site, foreign = a_site(world.account), a_site(world.charlie.account)
    upload(world.bob, b"Keyword\nshoes\n", query=f"?site={site.pk}")
    assert Keyword.unscoped.get().site == site
    for wrong in (foreign.pk, "x"):
        answer = upload(world.bob, b"Keyword\nhats\n", query=f"?site={wrong}")
        assert (answer.status_code, error(answer)["attr"]) == (400, "site")


def test_a_mapping_may_stand_in_the_address(world):
    query = "?preview=true&mapping=" + quote('{"keyword": "A", "volume": "B"}')
    body = upload(world.bob, b"A,B,C\nshoes,5,6\n", query=query).json()
    assert (body["rows"][0]["keyword"], body["rows"][0]["volume"]) == ("shoes", 5)
    assert body["evidence"]["used"] == {"keyword": "A", "volume": "B"}
    assert body["evidence"]["ignored"] == {"C": "not needed"}


def test_a_preview_has_twenty_rows_with_all_that_was_read(world):
    header = b"Keyword,Volume,serp_urls,Intent,Parent Topic,Position,URL,Trend\n"
    row = b"word %d,10-100,https://a.example/,Commercial,topic,3.5,https://b.example/,up\n"
    data = header + b"".join(row % number for number in range(30))
    rows = upload(world.bob, data, query="?preview=true").json()["rows"]
    assert len(rows) == 20
    assert rows[0] == {
        "row": 2, "keyword": "word 0", "language": "", "country": "", "volume": 10,
        "volume_max": 100, "volume_source": "range", "difficulty": None, "cpc": None,
        "cpc_currency": "", "intent": "commercial", "intents": ["commercial"],
        "parent_topic": "topic", "position": 3.5, "url": "https://b.example/",
        "serp_urls": ["https://a.example/"], "extra": {"trend": "up"},
    }  # fmt: skip


def test_a_workbook_is_told_by_its_bytes(world):
    data = a_workbook(A=[["Keyword", "Volume"], ["shoes", 5]])
    body = upload(world.bob, data, name="keywords.csv").json()
    assert (body["imported"], body["evidence"]["encoding"]) == (1, "XLSX")


def test_a_file_that_is_larger_than_what_is_kept_in_memory_is_read(world, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    assert upload(world.bob).json()["imported"] == 1


@pytest.mark.parametrize(
    ("attr", "form"),
    [
        ("file", {"data": b"PK\x03\x04"}),
        ("file", {"data": b"%PDF-1.7"}),
        ("mapping", {"query": "?mapping=%7B"}),
        ("mapping", {"mapping": '{"colour": "Term"}'}),
        ("mapping", {"mapping": '{"volume": "Nowhere"}'}),
        ("file", {"data": None}),
        ("file", {"data": b""}),
        ("file", {"data": b"Color,Size\nred,5\n"}),
        ("site", {"site": 10**12}),
        ("site", {"site": "x"}),
        ("mapping", {"mapping": "{"}),
        ("mapping", {"mapping": "[" * 9_000}),
        ("mapping", {"mapping": '{"keyword": 5}'}),
        ("preview", {"query": "?preview=perhaps"}),
    ],
)
def test_what_is_wrong_is_a_400_on_its_field(world, attr, form):
    response = upload(world.bob, **form)
    assert response.status_code == 400
    assert error(response)["attr"] == attr


def test_a_strangers_site_answers_like_an_unknown_one(world):
    foreign = upload(world.bob, site=a_site(world.charlie.account).pk)
    assert (foreign.status_code, error(foreign)["attr"]) == (400, "site")


def test_a_file_beyond_the_limit_is_a_413(world, settings):
    settings.IGNY8_IMPORT_MAX_BYTES = 1_000
    for lines in (1_000, 100_000):
        response = upload(world.bob, b"Keyword\n" + b"x\n" * lines)
        assert response.status_code == 413
        assert error(response)["attr"] == "file"


def test_a_mapping_that_leaves_no_keyword_is_what_is_wrong(world):
    response = upload(world.bob, mapping='{"keyword": ""}')
    assert response.status_code == 400
    assert error(response)["attr"] == "mapping"


def test_a_viewer_imports_nothing(world):
    assert upload(world.vera).status_code == 403


def test_what_was_exported_is_imported_again(world):
    create_keyword(world.account, keyword="=shoes", volume=5, country="US")
    create_keyword(world.charlie.account, keyword="charlie")
    response = world.vera.api.get("planner/keywords/export/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    data = response.getvalue()
    rows = list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))
    assert [(row["Keyword"], row["Volume"]) for row in rows] == [("'=shoes", "5")]
    site = a_site(world.account)
    assert upload(world.bob, data, site=site.pk).json()["imported"] == 1
