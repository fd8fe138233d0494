"""What is too much of a workbook, or no workbook at all: refused while reading, and soon."""

import zlib

import pytest

from igny8_core.planner.intake import IntakeError, read_keywords
from igny8_core.planner.intake.workbook import book, styles, texts
from tests.planner.intake.files import raw_workbook, sheet_of, text_cell

HEADER = f"<row>{text_cell('A1', 'keyword')}{text_cell('B1', 'serp_urls')}</row>"
TENTS = f"<row>{text_cell('A2', 'tents')}</row>"
SHARED = f"<row>{text_cell('A2', 'tents')}<c t='s'><v>0</v></c></row>"


def refusal(data, **options):
    with pytest.raises(IntakeError) as refused:
        read_keywords(data, **options)
    return refused.value.detail


def only(data):
    (row,) = read_keywords(data).rows
    return row


def noise(letters):
    """A text that packs too badly to look like a bomb."""
    return "".join(f"{zlib.crc32(b'%d' % n):08x}" for n in range(letters // 8))


def padding():
    return f"<!--{noise(500_000)}-->" * 2


def test_a_row_far_below_a_workbook_s_last_is_refused():
    far = f"<row r='99999999'>{text_cell('A1', 'x')}</row>"
    assert "more rows" in refusal(raw_workbook(HEADER + far))
    many = "".join(f"<row>{text_cell('A1', n)}</row>" for n in range(2_000))
    assert "more than 1,000 rows" in refusal(raw_workbook(HEADER + many), max_rows=1_000)


def test_rows_that_do_not_rise_are_refused():
    for numbers in (("1", "1"), ("1", "3", "2"), ("0",)):
        rows = "".join(f"<row r='{n}'>{text_cell(f'A{n}', f'x{n}')}</row>" for n in numbers)
        assert "not in order" in refusal(raw_workbook(rows.replace(">x1<", ">keyword<")))
    assert "not in order" in refusal(raw_workbook(padding() + "<row r='1'/>" * 1_000_000))


SAME_PLACE = "<c r='A3'><v>1</v></c>" * 16_000


@pytest.mark.parametrize(
    ("tags", "number"),
    [
        ("<row/>", 1_000_000),
        ("<row><c/></row>", 350_000),
        ("<x/>", 1_000_000),
        (f"<row>{'<c/>' * 16_000}</row>", 64),
        (f"<row>{SAME_PLACE}</row>", 16),
        ("\n" * 100, 300_000),
    ],
)
def test_what_says_nothing_is_not_read_to_its_end(tags, number):
    data = raw_workbook(HEADER + TENTS + padding() + tags * number)
    assert "far more empty cells" in refusal(data)


def test_an_honest_sheet_with_many_coloured_cells_is_read():
    row = "<row>{}" + "<c s='1'/>" * 30 + "</row>"
    rows = "".join(row.format(text_cell(f"A{n}", f"tents {n}")) for n in range(2, 10_002))
    coloured = "<row>" + "<c s='1'/>" * 30 + "</row>"
    data = raw_workbook(HEADER + rows + coloured * 5_000)
    assert len(read_keywords(data).rows) == 10_000


def test_entities_are_refused_unread():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    sheet = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
        + sheet_of(f"<sheetData><row>{text_cell('A1', '&l9;')}</row></sheetData>")
    )  # fmt: skip
    assert "entities" in refusal(raw_workbook(sheet))
    outside = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">' + sheet_of("")
    assert "entities" in refusal(raw_workbook(outside))


def test_a_tag_without_end_is_refused_before_it_is_held():
    assert "damaged" in refusal(raw_workbook(f"{HEADER}<!--{noise(2_400_000)}-->"))


def test_ever_new_names_of_tags_are_refused_before_they_are_held():
    names = "".join(f"<x{n} y{n}=''/>" for n in range(5_000))
    assert "damaged" in refusal(raw_workbook(HEADER + names))


def test_a_text_that_is_not_in_the_list_is_a_damaged_workbook():
    for value in ("7", "-1", "x"):
        cell = f"<c t='s'><v>{value}</v></c>"
        assert "damaged" in refusal(raw_workbook(f"<row>{cell}</row>", texts="<si><t>a</t></si>"))
    for cell in ("<c r='7'><v>1</v></c>", "<c>"):
        assert "damaged" in refusal(raw_workbook(f"<row>{cell}</row>"))


@pytest.mark.parametrize(("letters", "urls"), [(32_600, 2), (32_800, 1)])
def test_a_text_is_cut_where_excel_ends_a_cell(letters, urls):
    text = f"https://a.example/ {noise(letters)} https://b.example/"
    inline = SHARED.replace("<c t='s'><v>0</v></c>", text_cell("B2", text))
    for data in (
        raw_workbook(HEADER + SHARED, texts=f"<si><t>{text}</t></si>"),
        raw_workbook(HEADER + inline),
    ):
        assert len(only(data).serp_urls) == urls


def test_a_text_in_very_many_runs_is_read_once():
    runs = "<t>x</t>" * 200_000
    cell = f"<c t='inlineStr'><is>{padding()}{runs}</is></c>"
    data = raw_workbook(f"{HEADER}<row>{cell}</row>{TENTS}")
    assert only(data).keyword == "tents"


def test_one_long_text_in_many_cells_counts_in_each_of_them():
    text = f"<si><t>{noise(30_000)}</t></si>"
    cell = "<c t='s'><v>0</v></c>"
    wide = f"<row>{text_cell('A2', 'tents')}{cell * 40}</row>"
    assert "longer than 1,000,000" in refusal(raw_workbook(HEADER + wide, texts=text))
    many = f"<row>{text_cell('A2', 'tents')}{cell * 30}</row>" * 100
    assert "say more than" in refusal(raw_workbook(HEADER + many, texts=text))


def test_a_text_that_many_cells_have_is_held_once():
    text = f"<si><t>{noise(900)}</t></si>"
    rows = "".join(
        f"<row>{text_cell('A2', f'tents {n}')}<c t='s'><v>0</v></c></row>" for n in range(50)
    )
    header = HEADER.replace("serp_urls", "tags")
    notes = [
        row.extra["tags"] for row in read_keywords(raw_workbook(header + rows, texts=text)).rows
    ]
    assert len(notes) == 50
    assert len({id(note) for note in notes}) == 1


def test_more_texts_than_any_table_has_are_refused(monkeypatch):
    monkeypatch.setattr(texts, "MAX_TEXTS", 1_000)
    many = "".join(f"<si><t>{n}</t></si>" for n in range(1_001))
    assert "1,000 texts" in refusal(raw_workbook(HEADER, texts=many))
    monkeypatch.setattr(texts, "MAX_ALL_TEXTS", 100)
    assert "50 MB" in refusal(raw_workbook(HEADER, texts=f"<si><t>{'x' * 101}</t></si>"))


def test_more_sheets_files_and_styles_than_a_workbook_has_are_refused(monkeypatch):
    monkeypatch.setattr(book, "MAX_SHEETS", 100)
    sheets = "".join(f"<sheet name='{n}' state='hidden'/>" for n in range(101))
    assert "100 sheets" in refusal(raw_workbook(HEADER, book=f"<w><sheets>{sheets}</sheets></w>"))
    files = "".join(f"<Relationship Id='x{n}' Target='x'/>" for n in range(201))
    assert "200 files" in refusal(raw_workbook(HEADER, relations=files))
    monkeypatch.setattr(styles, "MAX_STYLES", 100)
    xfs = f"<cellXfs>{'<xf/>' * 101}</cellXfs>"
    assert "more styles" in refusal(raw_workbook(HEADER, styles=xfs))
    monkeypatch.setattr(styles, "MAX_FORMATS", 100)
    formats = "".join(f"<numFmt numFmtId='{n}' formatCode='0'/>" for n in range(200, 301))
    assert "more styles" in refusal(raw_workbook(HEADER, styles=formats))


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("[Red]0.00%", "50%"),
        ("[" * 200 + "yy", "1899-12-31"),
        ("0" + "%" * 255, "1.5"),
        ("[" * 900_000, "1.5"),
    ],
)
def test_a_format_is_looked_at_once_and_never_longer_than_excel_allows(code, shown):
    formats = f"<numFmt numFmtId='200' formatCode='{code}'/>"
    style = "<xf numFmtId='200'/>"
    xfs = f"<cellXfs>{padding()}{style * 60_000}</cellXfs>"
    cell = f"<c s='0'><v>{0.5 if shown == '50%' else 1.5}</v></c>"
    data = raw_workbook(f"{HEADER}<row>{cell}</row>", styles=formats + xfs)
    assert only(data).keyword == shown
