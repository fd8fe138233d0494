"""Workbooks that go out while they are written."""

import re
from io import BytesIO
from itertools import count
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from igny8_core.core import workbook
from igny8_core.core.spreadsheet import safe_cell
from igny8_core.core.workbook import xlsx_pieces


def opened(header, rows):
    """The workbook, as others read it."""
    return load_workbook(BytesIO(b"".join(xlsx_pieces(header, rows))))


def values(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def as_shown(text):
    """What a spreadsheet makes of signs that are written by number; openpyxl leaves them."""
    return re.sub("_x([0-9A-F]{4})_", lambda sign: chr(int(sign[1], 16)), text)


def test_it_holds_texts_and_numbers_and_no_formula():
    rows = [["=1+1", 7, None], ["http://x.example/", "{=1}", ""], [None, 0.1, 10**12]]
    sheet = opened(["a", "b", "c"], rows).active
    assert values(sheet) == [
        ["a", "b", "c"],
        ["'=1+1", 7, None],
        ["http://x.example/", "{=1}", None],
        [None, 0.1, 10**12],
    ]
    assert {cell.data_type for row in sheet for cell in row if cell.value} == {"s", "n"}


def test_an_empty_table_is_its_header():
    assert values(opened(["a", "b"], []).active) == [["a", "b"]]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_back_as_it_was(text):
    ((found,),) = values(opened(["h"], [[text]]).active)[1:]
    assert as_shown(found or "") == safe_cell(text)


@pytest.mark.parametrize(
    "text",
    [
        " around ",
        "line\nbreak\r\n",
        "tab\there",
        "\x00\x01\x0b\x1f\x7f\ufffe\uffff",
        "_x0041_ and _x00e4_ and _x_",
        "<b>&amp;</b> ]]>",
        "emoji \U0001f600",
    ],
)
def test_signs_that_xml_minds_come_back(text):
    ((found,),) = values(opened(["h"], [[text]]).active)[1:]
    assert as_shown(found) == text


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (" around", '<t xml:space="preserve">'),
        ("around\n", '<t xml:space="preserve">'),
        ("a b", "<t>"),
    ],
)
def test_spaces_around_a_text_are_marked_as_part_of_it(text, tag):
    with ZipFile(BytesIO(b"".join(xlsx_pieces(["h"], [[text]])))) as archive:
        assert f"{tag}{text}</t>" in archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [("x" * 40_000, 32_767), ("\U0001f600" * 20_000, 16_383), ("x" * 32_767, 32_767)],
)
def test_a_text_is_cut_at_what_a_cell_holds(text, kept):
    ((found,),) = values(opened(["h"], [[text]]).active)[1:]
    assert found == text[:kept]


def test_columns_go_on_behind_z():
    header = [str(number) for number in range(1, 800)]
    (row,) = opened(header, []).active.iter_rows()
    assert [row[place].coordinate for place in (0, 25, 26, 701, 702)] == [
        *("A1", "Z1", "AA1", "ZZ1", "AAA1")
    ]


def test_a_full_sheet_is_followed_by_another(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    sheets = opened(["a"], [[n] for n in range(5)]).worksheets
    assert [values(sheet) for sheet in sheets] == [
        [["a"], [0], [1]],
        [["a"], [2], [3]],
        [["a"], [4]],
    ]
    assert len(opened(["a"], [[n] for n in range(4)]).worksheets) == 2


def test_a_sheet_of_very_long_texts_is_full_sooner(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_BYTES", 100_000)
    sheets = opened(["a"], [["x" * 1_000] for _ in range(500)]).worksheets
    assert len(sheets) > 1
    assert sum(sheet.max_row - 1 for sheet in sheets) == 500


def test_bytes_go_out_while_rows_are_read():
    read = count()
    pieces = xlsx_pieces(["a"], ([f"row {next(read)}"] for _ in range(100_000)))
    assert next(pieces).startswith(b"PK")
    assert next(read) < 1_000
    sizes = [len(piece) for piece in pieces]
    assert len(sizes) > 5
    assert min(sizes) > 0
    assert max(sizes) < 100_000


def test_a_reader_who_leaves_early_is_let_go():
    pieces = xlsx_pieces(["a"], ([number] for number in count()))
    next(pieces)
    pieces.close()


def test_the_archive_is_sound():
    with ZipFile(BytesIO(b"".join(xlsx_pieces(["a"], [["b"]])))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-1] == "[Content_Types].xml"
