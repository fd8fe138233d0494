"""The folder a pipeline leaves can be opened and read, whatever the articles are called."""

import json

import pytest

from igny8_core.cli.output import OutputFolder, Picture, Written
from igny8_core.core.errors import InvalidPayload

FEATURED = Picture(b"big", "webp", "A boot", 1536, 1024, True, 0, preview=b"small")
BELOW = Picture(b"more", "png", "A sole", 1536, 1024, False, 1)
HTML = "<p>First.</p>\n<h2>Soles</h2>\n<p>Under the sole.</p>\n<h2>More</h2>\n<p>Last.</p>"


def test_pictures_lie_beside_the_article_and_stand_in_their_places(tmp_path):
    OutputFolder(tmp_path).add(Written("Boots", HTML, slug="boots", pictures=(FEATURED, BELOW)))
    folder = tmp_path / "articles" / "boots"
    assert (folder / "featured.webp").read_bytes() == b"big"
    assert (folder / "preview.webp").read_bytes() == b"small"
    assert (folder / "picture-1.png").read_bytes() == b"more"
    for name in ("index.html", "article.md"):
        text = (folder / name).read_text()
        places = [text.index(each) for each in ("featured.webp", "Soles", "picture-1.png", "Last.")]
        assert places == sorted(places)


def test_articles_of_the_same_or_of_a_wild_name_have_folders_of_their_own(tmp_path):
    folder = OutputFolder(tmp_path)
    for slug in ("same", "same", "../../etc/passwd", ""):
        folder.add(Written("Same", "<p>Text.</p>", slug=slug))
    folder.finish(REPORT)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("index.html"))
    assert len(found) == 5
    assert all(path == "index.html" or path.count("/") == 2 for path in found)
    assert not (tmp_path.parent / "etc").exists()


def test_names_are_text_on_every_page(tmp_path):
    folder = OutputFolder(tmp_path)
    folder.add(Written("<script>alert(1)</script>", "<p>Text.</p>", meta_description='"><u>'))
    folder.finish(REPORT | {"site": "<i>Site</i>"})
    for page in tmp_path.rglob("index.html"):
        text = page.read_text()
        assert "<script>" not in text
        assert "<u>" not in text
        assert "<i>" not in text


def test_the_report_is_json_and_the_overview_shows_what_failed(tmp_path):
    folder = OutputFolder(tmp_path)
    failure = {"object": "task 7: Boots", "cause": "No answer.", "next_step": "Run again."}
    folder.finish(REPORT | {"failures": [failure]})
    assert json.loads((tmp_path / "report.json").read_text())["failures"] == [failure]
    overview = (tmp_path / "index.html").read_text()
    assert all(text in overview for text in failure.values())


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InvalidPayload, match="is a file"):
        OutputFolder(tmp_path / "out")


REPORT = {
    "site": "Shop",
    "file": "keywords.csv",
    "started_at": "2026-11-23T10:00:00+00:00",
    "seconds": 3.2,
    "sandbox": True,
    "counts": {"keywords": 2, "articles": 1},
    "every_keyword_has_one_cluster": True,
    "keywords_without_cluster": [],
    "failures": [],
    "stages": [],
}
