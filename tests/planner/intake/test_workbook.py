"""Excel workbooks, read a row at a time."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from igny8_core.planner.intake import IntakeError, read_keywords
from tests.planner.intake.files import a_workbook, raw_workbook, text_cell

HEADER = ["Keyword", "Volume", "KD %", "CPC"]


def keywords(data, **options):
    return [row.keyword for row in read_keywords(data, **options).rows]


def test_a_workbook_is_read_like_the_csv_of_the_same_table():
    header = ["Keyword", "Intent", "Volume", "Trend", "Keyword Difficulty", "CPC (USD)"]
    tents = ["camping tents", "Informational, Commercial", 5400, "1.00,0.67", 25, 0.35]
    intake = read_keywords(a_workbook(Sheet1=[header, tents, ["tent pegs", "", 0]]))

    row, pegs = intake.rows
    assert intake.format == "semrush"
    assert (row.row, row.keyword, row.volume, row.difficulty) == (2, "camping tents", 5400, 25)
    assert (row.cpc, row.cpc_currency) == (Decimal("0.35"), "USD")
    assert row.intents == ("informational", "commercial")
    assert row.extra["trend"] == "1.00,0.67"
    assert (pegs.volume, pegs.difficulty, pegs.cpc) == (0, None, None)
    assert (intake.evidence.encoding, intake.evidence.header_row) == ("XLSX", 1)


def test_a_workbook_of_openpyxl_is_read_too():
    book, buffer = openpyxl.Workbook(), BytesIO()
    book.active.append(["notes above the header"])
    book.active.append([])
    book.active.append(HEADER)
    book.active.append(["zelt größe", 12.0, 40, 1.5])
    book.save(buffer)

    intake = read_keywords(buffer.getvalue())

    assert [(row.row, row.keyword, row.volume) for row in intake.rows] == [(4, "zelt größe", 12)]
    assert intake.evidence.header_row == 3


def test_every_sheet_with_a_keyword_column_is_read_and_the_others_are_named():
    data = a_workbook(
        Queries=[["Top queries", "Clicks", "Impressions", "CTR", "Position"]]
        + [["tents", 1, 90, 0.2244, 3.5]],
        Pages=[["Top pages", "Clicks"], ["https://a.example/", 5]],
        Ideas=[["Notes of June"], ["Keyword", "Volume"], ["TENTS", 50], ["pegs", "many"]],
        Empty=[],
    )
    intake = read_keywords(data)

    (tents,) = intake.rows
    assert (tents.volume, tents.volume_source, tents.position) == (50, "exact", 3.5)
    assert tents.extra["impressions"] == "90"
    evidence = intake.evidence
    assert [(table.name, table.header_row, table.rows) for table in evidence.tables] == [
        ("Queries", 1, 1), ("Ideas", 2, 2),
    ]  # fmt: skip
    assert set(evidence.passed_over) == {"Pages", "Empty"}
    assert "No keyword column" in evidence.passed_over["Pages"]
    assert (evidence.merged, evidence.merges[0].row, evidence.merges[0].into) == (1, 3, 2)
    assert [(error.row, error.detail[:6]) for error in intake.errors] == [(4, "Ideas:")]


def test_a_hidden_sheet_is_left_alone():
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Seen").write_column(0, 0, ["keyword", "tents"])
        hidden = book.add_worksheet("Hidden")
        hidden.write_column(0, 0, ["keyword", "secret"])
        hidden.hide()

    assert keywords(buffer.getvalue()) == ["tents"]


def test_cells_are_read_as_they_are_shown():
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        share, day = (
            book.add_format({"num_format": "0%"}),
            book.add_format({"num_format": "d-mmm"}),
        )
        money = book.add_format({"num_format": '[$$-409]#,##0.00" a day"'})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [2024, 1.1 * 3])
        sheet.write_number(1, 2, 0.25, share)
        sheet.write_number(1, 3, 0.1 + 0.2, money)
        sheet.write_datetime(2, 0, date(2026, 1, 10), day)
        sheet.write_boolean(3, 0, True)
        sheet.write_formula(4, 0, '="made " & "up"', None, "made up")
        sheet.write_formula(4, 1, "=1/0", None, "#DIV/0!")
    intake = read_keywords(buffer.getvalue())

    year, ten, true, made = intake.rows
    assert (year.keyword, year.volume, year.difficulty) == ("2024", 3, 25)
    assert year.cpc == Decimal("0.3")
    assert (ten.keyword, true.keyword) == ("2026-01-10", "TRUE")
    assert (made.keyword, made.volume) == ("made up", None)


def test_cells_without_a_place_follow_each_other_and_gaps_are_empty():
    sheet = (
        "<row><c t='inlineStr'><is><t>keyword</t></is></c>"
        "<c t='inlineStr'><is><t>kd</t></is></c><c t='inlineStr'><is><t>volume</t></is></c></row>"
        "<row r='7'>" + text_cell("A7", "tents") + "<c r='C7'><v>5E2</v></c></row>"
    )
    (row,) = read_keywords(raw_workbook(sheet)).rows

    assert (row.row, row.keyword, row.difficulty, row.volume) == (7, "tents", None, 500)


def test_texts_in_runs_and_with_readings_are_one_text():
    texts = (
        "<si><t>keyword</t></si><si><r><t>red </t></r><r><t>tents</t></r>"
        "<rPh sb='0' eb='1'><t>reading</t></rPh></si>"
    )
    sheet = "<row><c t='s'><v>0</v></c></row><row><c t='s'><v>1</v></c></row>"

    assert keywords(raw_workbook(sheet, texts=texts)) == ["red tents"]


def test_tags_with_a_prefix_are_the_same_tags():
    data = raw_workbook(
        "<?xml version='1.0'?><x:worksheet xmlns:x='urn:x'><x:sheetData><x:row>"
        "<x:c t='str'><x:v>keyword</x:v></x:c></x:row><x:row><x:c t='str'><x:v>tents</x:v></x:c>"
        "</x:row></x:sheetData></x:worksheet>"
    )
    assert keywords(data) == ["tents"]


def test_rows_of_all_sheets_count_together():
    data = a_workbook(A=[["keyword"], ["one"], ["two"]], B=[["keyword"], ["three"]])

    assert len(keywords(data, max_rows=3)) == 3
    with pytest.raises(IntakeError, match="more than 2 rows"):
        read_keywords(data, max_rows=2)


def test_a_mapping_holds_for_the_sheets_that_have_its_columns():
    data = a_workbook(A=[["Begriff", "Menge"], ["zelt", 5]], B=[["keyword"], ["other"]])
    intake = read_keywords(data, mapping={"keyword": "Begriff", "volume": "Menge"})

    assert [(row.keyword, row.volume) for row in intake.rows] == [("zelt", 5)]
    assert "Begriff" in intake.evidence.passed_over["B"]


def test_a_sheet_that_cannot_be_read_down_to_its_header_is_passed_over():
    data = a_workbook(A=[["Keyword"], ["tents"]], Pivot=[[""] * 1_200 + ["far"]])
    intake = read_keywords(data)

    assert [row.keyword for row in intake.rows] == ["tents"]
    assert "1,000 columns" in intake.evidence.passed_over["Pivot"]


def test_a_workbook_without_keywords_is_refused_with_its_columns():
    with pytest.raises(IntakeError, match="No keyword column") as refused:
        read_keywords(a_workbook(A=[["Colour", "Size"], ["red", 5]]))
    assert refused.value.columns == ["Colour", "Size"]


def test_signs_that_excel_writes_by_number_are_signs_again():
    texts = "<si><t>a _x005F_x0041_ b</t></si><si><t>_x0041_b _xD83D_ _x00_</t></si>"
    sheet = (
        f"<row>{text_cell('A1', 'keyword_x000D_')}</row><row><c t='s'><v>0</v></c></row>"
        f"<row><c t='s'><v>1</v></c></row><row>{text_cell('A4', 'red_x000D_&#10;tents')}</row>"
        "<row><c t='str'><v>_x0063_up</v></c></row>"
    )
    assert keywords(raw_workbook(sheet, texts=texts)) == [
        "a _x0041_ b", "Ab _xD83D_ _x00_", "red tents", "cup",
    ]  # fmt: skip
