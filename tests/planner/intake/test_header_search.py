"""Which line is the header, where others could be taken for one."""

import pytest

from igny8_core.planner.intake import read_keywords
from tests.planner.intake.files import a_workbook


def read(text):
    return read_keywords(text.encode())


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        (
            "Keyword\nbest keyword tool\nseo audit\nterm, keyword, volume\nlocal seo\n",
            ["best keyword tool", "seo audit", "term, keyword, volume", "local seo"],
        ),
        (
            "Search term,Notes\nshoes,a\nhats,b\nkeyword volume,\nkeyword,volume\nboots,\n",
            ["shoes", "hats", "keyword volume", "keyword", "boots"],
        ),
        ("Keyword\nkeyword, search volume\nboots\n", ["keyword, search volume", "boots"]),
        (
            "Keyword\nshoes\n\nkeyword, volume\nboots\n",
            ["shoes", "keyword, volume", "boots"],
        ),
        ("Keyword,Notes\nshoes,a\n\nkeyword,volume\nhats,b\n", ["shoes", "keyword", "hats"]),
    ],
)
def test_a_keyword_that_looks_like_a_header_is_a_keyword(text, keywords):
    intake = read(text)

    assert [row.keyword for row in intake.rows] == keywords
    assert (intake.evidence.header_row, intake.evidence.lines_above) == (1, 0)


@pytest.mark.parametrize(
    ("title", "above"),
    [
        ("Keyword report\n", 1),
        ("Keywords\n", 1),
        ("Keywords\n2026\n\n", 2),
        ("Keyword,report\nDate: 2026\n\n", 2),
        ('Keyword Stats 2026-06-09 at 21_25_18\n"May 1, 2025 - April 30, 2026"\n', 2),
        ("Keyword Magic Tool\nDatabase,us\n", 2),
        ("\n\n", 0),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_titles_above_a_table_are_passed_over_and_counted(title, above, delimiter):
    intake = read(f"{title}Keyword{delimiter}Volume\nshoes{delimiter}5\n")

    assert [(row.keyword, row.volume) for row in intake.rows] == [("shoes", 5)]
    assert intake.evidence.header_row == title.count("\n") + 1
    assert intake.evidence.lines_above == above


def test_a_sheet_keeps_its_first_header_too():
    rows = [["Search term", "Notes"], ["shoes", "a"], ["keyword", "volume"], ["boots", "b"]]
    data = a_workbook(A=rows, B=[["Keywords"], ["2026"], [], ["Keyword", "Volume"], ["hats", 5]])
    intake = read_keywords(data)

    assert [row.keyword for row in intake.rows] == ["shoes", "keyword", "boots", "hats"]
    assert [(table.header_row, table.lines_above) for table in intake.evidence.tables] == [
        (1, 0), (4, 2),
    ]  # fmt: skip


def test_a_name_over_two_lines_of_a_cell_is_known():
    (row,) = read_keywords(a_workbook(A=[["Keyword", "Search\nVolume"], ["tents", 5]])).rows

    assert row.volume == 5


def test_the_header_of_a_sheet_may_lie_below_rows_that_were_never_written():
    data = a_workbook(A=[["Report"], *[[]] * 60, ["Keyword"], ["tents"]])

    assert [row.row for row in read_keywords(data).rows] == [63]
