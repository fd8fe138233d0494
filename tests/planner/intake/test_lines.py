"""Records over several lines, and quotes that are never closed."""

import pytest

from igny8_core.planner.intake import read_keywords
from igny8_core.planner.intake.lines import (
    LINES_WITHOUT_PATIENCE,
    MAX_RECORD,
    PATIENCE,
    Lines,
    Records,
)


def read(text):
    return read_keywords(text.encode())


def keywords(text):
    return [row.keyword for row in read(text).rows]


def test_a_header_with_a_line_break_in_a_name_is_one_header():
    intake = read('Report\nKeyword,"Search\nVolume"\nshoes,100\nhats,200\n')

    assert [(row.row, row.keyword, row.volume) for row in intake.rows] == [
        (4, "shoes", 100), (5, "hats", 200),
    ]  # fmt: skip
    assert intake.evidence.used == {"keyword": "Keyword", "volume": "Search Volume"}
    assert intake.evidence.header_row == 2


@pytest.mark.parametrize("lines", [2, 25, 500])
def test_a_note_of_many_lines_is_part_of_its_row(lines):
    note = "\n".join(f"line {n}, and more" for n in range(lines))
    intake = read(f'Keyword,Tags,Volume\nred,"{note}",5\nhats,x,6\n')

    assert [(row.row, row.keyword, row.volume) for row in intake.rows] == [
        (2, "red", 5), (2 + lines, "hats", 6),
    ]  # fmt: skip
    assert intake.rows[0].extra["tags"] == note[:1_000]


def test_a_row_over_two_lines_that_lacks_cells_is_a_row_without_them():
    intake = read('Keyword,Notes,Volume\nred,"please check\nbuy"\nhats,x,5\n')

    assert [(row.keyword, row.volume) for row in intake.rows] == [("red", None), ("hats", 5)]
    assert intake.errors == []


def test_a_row_over_two_lines_with_too_many_cells_is_one_bad_row():
    intake = read('Keyword,Notes\nred,"please check\nbuy",5,6\nhats,x\n')

    assert [row.keyword for row in intake.rows] == ["hats"]
    assert [(error.row, error.detail) for error in intake.errors] == [
        (2, "4 cells under a header of 2"),
    ]  # fmt: skip


def test_a_keyword_over_two_lines_may_look_like_a_row():
    assert keywords('keyword,volume\n"which tent, big\nor small",3\nnext,5\n') == [
        "which tent, big or small", "next",
    ]  # fmt: skip


def test_a_stray_quote_ends_where_the_next_one_does_not_end_a_cell():
    rows = "".join(f'word {n},"a, b",1\n' for n in range(50))
    intake = read(f'keyword,tags,volume\n"open,x,1\n{rows}')

    assert len(intake.rows) == 50
    assert [error.row for error in intake.errors] == [2]


def test_a_stray_quote_takes_no_row_with_it_however_long_the_file():
    intake = read('keyword,volume\n"open,1\n' + "some word,1\n" * (MAX_RECORD // 6))

    assert [row.keyword for row in intake.rows] == ["some word"]
    assert [error.row for error in intake.errors] == [2]


class Counted(Lines):
    """Tells how often a line was read, again or for the first time."""

    turns = 0

    def __next__(self):
        self.turns += 1
        return super().__next__()


def test_many_stray_quotes_use_up_the_patience_with_long_records():
    line, number = 'a","b\n', 50_000
    lines = Counted([line] * number)
    broken = [first for first, cells in Records(lines, ",") if cells is None]

    assert broken == list(range(1, number))
    assert lines.turns < (PATIENCE + MAX_RECORD) / len(line) + (LINES_WITHOUT_PATIENCE + 2) * number
