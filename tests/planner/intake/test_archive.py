"""Zip archives of keyword files, as Search Console gives them."""

import zipfile

import pytest

from igny8_core.planner.intake import IntakeError, read_keywords
from tests.planner.intake.files import a_zip, packed

PAGES = "Top pages,Clicks,Impressions,CTR,Position\nhttps://a.example/,3,9,33%,1.5\n"
QUERIES = "Top queries,Clicks,Impressions,CTR,Position\ntents,856,18196,4.7%,2.77\n"


def test_search_console_s_zip_is_read_and_what_is_not_about_keywords_is_named():
    data = a_zip(
        Queries__csv=QUERIES,
        Pages__csv=PAGES,
        Countries__csv="Country,Clicks,Impressions,CTR,Position\nIceland,1,2,50%,3\n",
        Devices__csv="Device,Clicks,Impressions,CTR,Position\nMobile,1,2,50%,3\n",
        Dates__csv="Date,Clicks,Impressions,CTR,Position\n2026-11-20,1,2,50%,3\n",
        Filters__csv="Filter,Value\nSearch type,Web\n",
        Appearance__csv="",
    )
    name = "https___a.example_-Performance-on-Search-2026-11-20.zip"
    intake = read_keywords(data, filename=name)

    (tents,) = intake.rows
    assert intake.format == "search_console"
    assert (tents.volume, tents.volume_source, tents.position) == (18196, "impressions", 2.77)
    assert tents.extra == {"clicks": "856", "impressions": "18196", "ctr": "4.7%"}
    evidence = intake.evidence
    assert [table.name for table in evidence.tables] == ["Queries.csv"]
    assert len(evidence.passed_over) == 6
    assert evidence.passed_over["Appearance.csv"] == "The file is empty."
    assert evidence.date == "2026-11-20"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Suchanfragen.csv", "Häufigste Suchanfragen,Klicks,Impressionen,CTR,Position"),
        ("Requêtes.csv", "Requêtes les plus fréquentes,Clics,Impressions,CTR,Position"),
        ("Consultas.csv", "Consultas principales,Clics,Impresiones,CTR,Posición"),
        ("Query.csv", "Query principali,Clic,Impressioni,CTR,Posizione"),
        ("Consultas.csv", "Principais consultas,Cliques,Impressões,CTR,Posição"),
        ("Zoekopdrachten.csv", "Populairste zoekopdrachten,Klikken,Vertoningen,CTR,Positie"),
        ("クエリ.csv", "上位のクエリ,クリック数,表示回数,CTR,掲載順位"),
    ],
)
def test_search_console_speaks_the_language_of_its_account(name, header):
    data = packed({name: f'{header}\nzelte,3,90,"4,7 %","2,77"\n', "Chart.csv": "Day\n1\n"})
    intake = read_keywords(data)

    (zelte,) = intake.rows
    assert intake.format == "search_console"
    assert (zelte.keyword, zelte.volume, zelte.volume_source) == ("zelte", 90, "impressions")
    assert zelte.position == 2.77
    assert zelte.extra["ctr"] == "4,7 %"
    assert intake.evidence.used["volume"] == header.split(",")[2]


def test_several_keyword_files_in_an_archive_are_all_read():
    data = packed(
        {
            "exports/one.csv": "keyword,volume\ntents,10-100\n",
            "exports/two.tsv": "keyword\tvolume\ntents\t70\npegs\t5\n".encode("utf-16"),
            "readme.pdf": b"%PDF",
            "__MACOSX/exports/._one.csv": b"\0\5",
        }
    )
    intake = read_keywords(data)

    assert [(row.keyword, row.volume) for row in intake.rows] == [("tents", 70), ("pegs", 5)]
    assert [(table.name, table.encoding) for table in intake.evidence.tables] == [
        ("one.csv", "UTF-8"), ("two.tsv", "UTF-16 LE"),
    ]  # fmt: skip


def test_an_archive_without_keywords_is_refused_with_what_was_found():
    with pytest.raises(IntakeError, match="No keyword column") as refused:
        read_keywords(a_zip(Pages__csv=PAGES))
    assert refused.value.columns[0] == "Top pages"
    with pytest.raises(IntakeError, match="no CSV file"):
        read_keywords(a_zip(photo__png=b"\x89PNG"))


def test_a_file_in_an_archive_that_is_no_table_is_passed_over():
    pictures = {"pic.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "page.txt": b"<html>"}
    wide = {"wide.csv": ",".join(map(str, range(1_200)))}
    evidence = read_keywords(packed({**pictures, **wide, "Queries.csv": QUERIES})).evidence

    assert [table.name for table in evidence.tables] == ["Queries.csv"]
    assert evidence.passed_over["pic.csv"].startswith("This is a picture.")
    assert "web page" in evidence.passed_over["page.txt"]
    assert "1,000 columns" in evidence.passed_over["wide.csv"]


def test_what_would_harm_the_server_is_refused_whatever_else_there_is():
    data = packed({"Queries.csv": QUERIES, "zeros.csv": b"0" * 30_000_000})
    with pytest.raises(IntakeError, match="times its size"):
        read_keywords(data)


def test_where_no_table_has_keywords_it_is_said_of_each_what_is_wrong():
    data = packed({"pic.csv": b"\x89PNG\r\n\x1a\n", "Pages.csv": PAGES})
    with pytest.raises(IntakeError, match="^Pages.csv: No keyword column.* pic.csv: This is a pic"):
        read_keywords(data)
    with pytest.raises(IntakeError, match="And 2 more"):
        read_keywords(packed({f"{n}.csv": PAGES for n in range(8)}))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_programs_pack_with_is_read(method):
    """The others would tell of damage by errors of their own."""
    with pytest.raises(IntakeError, match="packed in a way that is not read"):
        read_keywords(packed({"Queries.csv": QUERIES}, method))
