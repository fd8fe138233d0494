"""Tables that are safe to open in a spreadsheet."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.core.spreadsheet import csv_lines, plain_text, safe_cell

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    '"=1',
    "'=1",
    "\u00a0=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(A1)",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=b", "shoes - red", "", "'tis", 5, -1.5, None])
def test_all_else_stays_as_it_is(value):
    assert safe_cell(value) == value


def test_csv_is_read_again_by_every_reader():
    rows = [['quo"te', "new\nline", "com,ma", None, 7], ["=1", "", "", "", ""]]
    text = "".join(csv_lines(["a", "b", "c", "d", "e"], rows))
    assert text.startswith("\ufeff")
    assert list(csv.reader(StringIO(text[1:], newline="")))[1:] == [
        ['quo"te', "new\nline", "com,ma", "", "7"],
        ["'=1", "", "", "", ""],
    ]


@pytest.mark.parametrize("text", ["a;=1+1;", "a\t=1", "a\n=1", "a,b", "plain"])
def test_a_text_is_never_parted_by_what_stands_in_it(text):
    lines = "".join(csv_lines(["a", "b"], [[text, 7]]))
    assert lines == f'\ufeffa,b\r\n"{text}",7\r\n'


def test_an_empty_table_is_its_header():
    assert "".join(csv_lines(["a", "b"], [])) == "\ufeffa,b\r\n"


@given(st.text(alphabet="'=＝+-@\t\r \u00a0\"abc7", max_size=6))
def test_whatever_a_text_was_it_comes_back(text):
    assert plain_text(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["'tis", "'", "''", "rock 'n' roll", "", "=1"])
def test_an_apostrophe_that_guards_nothing_is_part_of_the_text(text):
    assert plain_text(text) == text


def test_a_long_table_is_handed_on_in_pieces():
    pieces = list(csv_lines(["a"], (["x" * 100] for _ in range(2_000))))
    assert 5 < len(pieces) < 10
    assert "".join(pieces).count("\r\n") == 2_001
