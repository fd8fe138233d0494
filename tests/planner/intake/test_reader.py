import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.planner.intake import IntakeError, limits, read_keywords
from igny8_core.planner.intake.reader import TOLD

AHREFS = (
    "#,Keyword,Country,Difficulty,Volume,CPC,CPS,Parent Keyword,Last Update,SERP Features,"
    "Global volume,Traffic potential,Global traffic potential,First seen,Intents\n"
    '1,camping tents,us,41,5400,1.60,0.64,tents,2025-07-04 03:48:18,"People also ask,Thumbnail",'
    '176000,50000,163000,2015-10-27,"Branded,Informational,Commercial,Non-local"\n'
    "2,tent pegs,us,,90,,,,,,,,,2016-01-01,\n"
)
SEMRUSH = (
    "Keyword,Intent,Volume,Trend,Keyword Difficulty,CPC (USD),Competitive Density,SERP Features,"
    "Number of Results\n"
    'camping tents,"Informational, Commercial",5400,"1.00,0.67,0.56",25,0.35,0.09,'
    '"Sitelinks, Image",39000000\n'
    'tent pegs,,0,"0.00,0.00,0.00",,0.00,0.00,,\n'
)
SEMRUSH_API = """\
Keyword;Search Volume;CPC;Competition;Number of Results;Keyword Difficulty Index;Intents
camping tents;5400;1.25;0.9;39000;72.55;1,0
buy tents;900;2;1;100;3;3
acme shop;10;;;;;2
"""
PLANNER = (
    "Keyword Stats 2026-06-09 at 21_25_18\n"
    '"May 1, 2025 - April 30, 2026"\n'
    "Keyword\tCurrency\tAvg. monthly searches\tThree month change\tCompetition\t"
    "Competition (indexed value)\tTop of page bid (low range)\tTop of page bid (high range)\n"
    "\tEUR\t1M - 10M\t0%\t\t\t\t\n"
    "camping tents\tEUR\t1K - 10K\t0%\tHigh\t88\t0.35\t1.20\n"
    "tent pegs\tEUR\t10 – 100\t0%\tLow\t\t\t\n"
    "guy ropes\tEUR\t320\t0%\tLow\t\t\t\n"
    "bivy\tEUR\t\t\t\t\t\t\n"
)
SEARCH_CONSOLE = """\
Top queries,Clicks,Impressions,CTR,Position
camping tents,856,18196,4.7%,2.77
tent pegs,1,20,5%,11
"""


def read(text: str, **options):
    return read_keywords(text.encode(), **options)


def only(text: str, **options):
    (row,) = read(text, **options).rows
    return row


def test_ahrefs_is_read_with_the_country_s_volume():
    intake = read(AHREFS, filename="google_us_tents_matching-terms_2025-07-08_20-05-24.csv")

    tents, pegs = intake.rows
    assert intake.format == "ahrefs"
    assert (tents.row, tents.keyword, tents.volume, tents.volume_source) == (
        2, "camping tents", 5400, "exact",
    )  # fmt: skip
    assert (tents.difficulty, tents.cpc, tents.country) == (41, Decimal("1.60"), "US")
    assert tents.intents == ("informational", "commercial")
    assert tents.intent == "informational"
    assert tents.parent_topic == "tents"
    assert tents.extra["global volume"] == "176000"
    assert (pegs.difficulty, pegs.cpc, pegs.intents, pegs.intent) == (None, None, (), None)
    assert (intake.evidence.country, intake.evidence.date) == ("US", "2025-07-08")
    assert intake.evidence.used["volume"] == "Volume"
    assert "worldwide" in intake.evidence.ignored["Global volume"]


def test_semrush_is_read_with_its_currency_and_unknown_difficulty():
    intake = read(SEMRUSH, filename="tents_broad-match_us_2025-11-06.csv")

    tents, pegs = intake.rows
    assert intake.format == "semrush"
    assert (tents.intent, tents.cpc, tents.cpc_currency) == (
        "informational", Decimal("0.35"), "USD",
    )  # fmt: skip
    assert (tents.volume, tents.difficulty) == (5400, 25)
    assert (pegs.volume, pegs.difficulty, pegs.intent, pegs.cpc) == (0, None, None, Decimal("0.00"))
    assert (intake.evidence.country, intake.evidence.date) == ("US", "2025-11-06")


def test_semrush_with_columns_switched_off_and_another_currency_is_read():
    intake = read("Keyword,Volume,CPC (EUR),Keyword Difficulty\ntents,20,1.10,7\n")

    assert intake.format == "semrush"
    assert intake.rows[0].cpc_currency == "EUR"
    assert intake.rows[0].intent is None


@pytest.mark.parametrize(
    "header",
    [
        "Keyword,Keyword Difficulty",
        "Keyword,Volume,CPC (USD)",
        "Keyword,Intent,Competitive Density",
        "Keyword,Volume,SERP Features",
        "Keyword,Number of Results",
        "Keyword,Volume,Trend",
        "Keyword;Search Volume;Keyword Difficulty Index",
        "Keyword;Search Volume;CPC;Number of Results",
    ],
)
def test_one_column_that_only_semrush_writes_is_enough(header):
    delimiter = ";" if ";" in header else ","
    cells = delimiter.join(["tents", *["1"] * header.count(delimiter)])
    assert read(f"{header}\n{cells}\n").format == "semrush"


@pytest.mark.parametrize(
    ("header", "tool"),
    [
        ("Keyword,Volume,CPC", "generic"),
        ("Keyword,Intent,Volume", "generic"),
        ("Query,Trend,Volume", "generic"),
        ("#,Keyword,Country,Difficulty,Volume,Last Update,SERP Features", "ahrefs"),
        ("Keyword,Volume,Parent Keyword,SERP Features", "ahrefs"),
    ],
)
def test_columns_that_several_tools_write_do_not_make_it_semrush(header, tool):
    cells = ",".join("1" for _ in header.split(","))
    assert read(f"{header}\n{cells}\n").format == tool


def test_the_semrush_api_variant_is_read_with_intent_codes():
    intake = read(SEMRUSH_API)

    assert intake.format == "semrush"
    assert [row.intent for row in intake.rows] == ["informational", "transactional", "navigational"]
    assert intake.rows[0].intents == ("informational", "commercial")
    assert [row.difficulty for row in intake.rows] == [72.55, 3, None]
    assert intake.evidence.delimiter == ";"


def test_the_keyword_planner_is_read_as_it_is_written():
    intake = read_keywords(PLANNER.encode("utf-16"))

    tents, pegs, ropes, bivy = intake.rows
    assert intake.format == "google_keyword_planner"
    assert (tents.row, tents.volume, tents.volume_max, tents.volume_source) == (
        5, 1000, 10_000, "range",
    )  # fmt: skip
    assert (pegs.volume, pegs.volume_max, pegs.volume_source) == (10, 100, "range")
    assert (ropes.volume, ropes.volume_max, ropes.volume_source) == (320, None, "exact")
    assert (bivy.volume, bivy.volume_source) == (None, "")
    assert tents.difficulty is None
    assert intake.errors == []
    evidence = intake.evidence
    assert (evidence.encoding, evidence.delimiter, evidence.header_row) == ("UTF-16 LE", "\t", 3)
    assert (evidence.without_keyword, evidence.estimated) == (1, 2)
    assert "ads" in evidence.ignored["Competition (indexed value)"]


def test_search_console_impressions_are_marked():
    intake = read(SEARCH_CONSOLE)

    assert intake.format == "search_console"
    assert [(row.volume, row.volume_source, row.position) for row in intake.rows] == [
        (18196, "impressions", 2.77), (20, "impressions", 11.0),
    ]  # fmt: skip
    assert intake.evidence.estimated == 2


@pytest.mark.parametrize("column", ["Keyword", "QUERY", " term ", "Search  term", "keywords"])
def test_any_table_with_a_keyword_column_is_read(column):
    intake = read(f"{column},KD %,Search Volume\ntents,12,1.2K\n")

    assert intake.format == "generic"
    assert (intake.rows[0].difficulty, intake.rows[0].volume) == (12, 1200)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_detected(delimiter, encoding, newline):
    lines = ["Report of June", "", delimiter.join(["Keyword", "Volume"])]
    lines += [delimiter.join(["café crème", "30"]), delimiter.join(["thé", ""]), ""]

    intake = read_keywords(newline.join(lines).encode(encoding))

    assert [(row.row, row.keyword, row.volume) for row in intake.rows] == [
        (4, "café crème", 30), (5, "thé", None),
    ]  # fmt: skip
    assert (intake.evidence.header_row, intake.evidence.delimiter) == (3, delimiter)


def test_the_header_may_stand_in_line_forty_but_not_below():
    table = "keyword,volume\ntents,1\n"

    assert only("note\n" * 39 + table).row == 41
    with pytest.raises(IntakeError):
        read("note\n" * 40 + table)


def test_a_list_of_keywords_alone_may_hold_commas():
    intake = read('keyword\ntents, cheap and good\n"pegs, steel"\n')

    assert [row.keyword for row in intake.rows] == ["tents, cheap and good", "pegs, steel"]
    assert intake.evidence.delimiter == ""


def test_a_keyword_met_twice_is_one_with_the_best_of_both():
    intake = read(
        "keyword,volume,kd,intent\n"
        "Camping  Tents,10-100,,commercial\n"
        "ＣＡＭＰＩＮＧ tents,70,44,informational\n"
        "pegs,5,,\n"
    )

    tents, pegs = intake.rows
    assert (tents.row, tents.keyword, tents.folded) == (2, "Camping Tents", "camping tents")
    assert (tents.volume, tents.volume_max, tents.volume_source) == (70, None, "exact")
    assert (tents.difficulty, tents.intent) == (44, "commercial")
    assert pegs.volume == 5
    assert intake.evidence.merged == 1


def test_a_keyword_in_two_countries_is_two():
    assert len(read("keyword,country\ntents,us\ntents,uk\n").rows) == 2


def test_a_bad_row_is_reported_with_its_line_and_the_rest_is_read():
    intake = read(
        "keyword,volume,kd\n"
        "good,1,2\n"
        "word,abc,\n"
        "hard,1,140\n"
        f"{'x' * 256},1,\n"
        "nul\0,1,\n"
        "\u200b\u200d,1,\n"
        "\n"
        ",5,\n"
        "red, big,1,2\n"
        "minus,-5,\n"
        "also good,,\n"
    )

    assert [row.keyword for row in intake.rows] == ["good", "also good"]
    assert [error.row for error in intake.errors] == [3, 4, 5, 6, 7, 9, 10, 11]
    assert intake.errors[0].detail == "volume: 'abc' is not a number"


def test_a_quote_that_is_never_closed_costs_its_own_row_alone():
    intake = read('keyword,volume\n"open,1\nnext,2\n"shut",3\n"" ,4\nlast,5\n')

    assert [row.keyword for row in intake.rows] == ["next", "shut", "last"]
    assert [error.row for error in intake.errors] == [2, 5]


def test_a_quote_that_is_never_closed_in_a_huge_file_costs_its_own_row_alone():
    rows = "".join(f"keyword {n},{n}\n" for n in range(10_000))

    intake = read(f'keyword,volume\n"open,1\n{rows}')

    assert len(intake.rows) == 10_000
    assert [error.row for error in intake.errors] == [2]


def test_quotes_that_open_on_every_line_end_soon():
    intake = read("keyword,volume,kd\n" + 'a","b\n' * 3_000)

    assert intake.rows == []
    assert intake.evidence.bad_rows >= 2_999
    assert len(intake.errors) == TOLD


def test_a_keyword_over_two_lines_is_a_keyword():
    intake = read('keyword,volume,kd\n"which tent,\nand why",3,4\nnext,5,6\n')

    assert [(row.row, row.keyword) for row in intake.rows] == [
        (2, "which tent, and why"),
        (4, "next"),
    ]


def test_a_mapping_by_hand_goes_before_detection():
    text = "Begriff,volume,Suchen,kd\nzelt,1,500,30\n"

    row = only(text, mapping={"keyword": "begriff", "volume": "Suchen", "difficulty": ""})

    assert (row.keyword, row.volume, row.difficulty) == ("zelt", 500, None)


@pytest.mark.parametrize(
    ("mapping", "named"), [({"colour": "kd"}, "colour"), ({"volume": "Nowhere"}, "Nowhere")]
)
def test_a_mapping_that_names_nothing_is_refused_by_name(mapping, named):
    with pytest.raises(IntakeError, match=named) as refusal:
        read("keyword,kd\ntents,1\n", mapping=mapping)

    assert refusal.value.columns == ["keyword", "kd"]


def test_a_mapping_that_leaves_no_keyword_is_what_is_wrong():
    with pytest.raises(
        IntakeError, match="leaves the keyword unread; the file has keyword, kd"
    ) as e:
        read("keyword,kd\ntents,1\n", mapping={"keyword": ""})

    assert (e.value.attr, e.value.columns) == ("mapping", ["keyword", "kd"])


def test_what_our_own_export_has_made_safe_comes_back_as_it_was():
    intake = read("keyword\n'=tents\n'tis the season\n''quoted\n")

    assert [row.keyword for row in intake.rows] == ["=tents", "'tis the season", "''quoted"]


def test_a_mapping_that_names_nothing_says_what_there_is():
    with pytest.raises(IntakeError, match="the file has Begriff, kd") as refusal:
        read("Begriff,kd\nzelt,1\n", mapping={"keyword": "Bergriff"})
    assert refusal.value.attr == "mapping"
    with pytest.raises(IntakeError, match="known are keyword, volume"):
        read("Begriff,kd\nzelt,1\n", mapping={"word": "Begriff"})


def test_a_mapping_takes_the_column_that_is_written_so():
    text = "keyword,volume,Search Volume,Suchvolumen\ntents,1,2,3\n"

    for column, volume in (("volume", 1), ("Search Volume", 2), ("Suchvolumen", 3)):
        assert only(text, mapping={"volume": column}).volume == volume


def test_what_was_merged_and_what_was_refused_is_told_row_by_row():
    rows = "".join(f"word {n % 1_500},{'x' if n % 2 else n}\n" for n in range(6_000))
    intake = read(f"keyword,volume\n{rows}")

    evidence = intake.evidence
    assert (evidence.bad_rows, evidence.merged) == (3_000, 2_250)
    assert (len(intake.errors), len(evidence.merges)) == (TOLD, TOLD)
    assert evidence.as_dict()["merges"][0] == {"row": 1502, "into": 2}


def test_a_file_is_read_from_where_it_is_kept(tmp_path):
    path = tmp_path / "keywords.csv"
    path.write_bytes("keyword\ncafé\n".encode("cp1252"))
    with path.open("rb") as file:
        intake = read_keywords(file)
        assert not file.closed

    assert (intake.rows[0].keyword, intake.evidence.encoding) == ("café", "Windows-1252")


def test_one_letter_at_the_end_tells_that_a_file_is_not_utf_8():
    rows = b"".join(b"word %d\n" % n for n in range(60_000))

    assert read_keywords(b"keyword\n" + rows + b"caf\xe9\n").evidence.encoding == "Windows-1252"


def test_a_file_without_a_keyword_column_is_refused_with_what_was_found():
    with pytest.raises(IntakeError, match="No keyword column") as refusal:
        read("Pages of June\nTop pages,Clicks,Parent Keyword\nhttps://a.example/,3,a,b,c\n")

    assert refusal.value.columns == ["Top pages", "Clicks", "Parent Keyword"]


@pytest.mark.parametrize(
    "data", [b"", b"\n \r\n", b"\0\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\n\x00"]
)
def test_an_empty_file_is_refused(data):
    with pytest.raises(IntakeError, match="empty"):
        read_keywords(data)


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_file_of_another_kind_is_refused_with_what_to_do(data):
    with pytest.raises(IntakeError, match="Save it as CSV|Export or save"):
        read_keywords(data)


@pytest.mark.parametrize("data", [b"\xff\xfek\x00e", b"keyword\n\x81\n", b"\x89PNG\r\n\x00"])
def test_a_file_that_is_no_text_is_refused(data):
    with pytest.raises(IntakeError):
        read_keywords(data)


def test_more_rows_than_allowed_are_refused():
    text = "keyword\none\n\ntwo\n"

    assert len(read(text, max_rows=2).rows) == 2
    with pytest.raises(IntakeError, match="more than 1 rows"):
        read(text, max_rows=1)


@pytest.mark.parametrize("line", ["\n", ",\n", '" ", \n'])
def test_blank_lines_are_allowed_but_not_without_end(line, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BLANK", 1_000)
    text = "keyword,volume\n" + line * 998 + "tents,1\n"

    assert only(text).row == 1_000
    with pytest.raises(IntakeError, match="more than 1,000 blank lines"):
        read(text + line * 2)


def test_a_long_note_is_cut_and_its_row_is_read():
    row = only(f"keyword,tags,volume\ntents,{'x' * 5_000},3\n")

    assert (row.volume, row.extra["tags"]) == (3, "x" * 1_000)


def test_texts_that_take_more_memory_than_a_file_may_have_are_refused():
    note = "\N{GRINNING FACE}" + "x" * 900
    text = "keyword,tags\n" + "".join(f"tents {n},{note}\n" for n in range(100))

    assert len(read(text, max_bytes=400_000).rows) == 100
    with pytest.raises(IntakeError, match="too long to be held"):
        read(text, max_bytes=200_000)


def test_the_evidence_is_ready_for_json():
    evidence = read(SEMRUSH).evidence.as_dict()

    assert json.loads(json.dumps(evidence)) == evidence
    assert evidence["tool"] == "Semrush"


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    try:
        read_keywords(b"keyword,volume,cpc,position,kd\n" + data)
        read_keywords(data)
    except IntakeError:
        pass


@given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_no_cells_break_it(cells):
    line = "\t".join(cells)

    intake = read_keywords(f"keyword\tvolume\tcpc\tposition\tkd\n{line}\ntents\t1\t\t\t\n".encode())

    assert "tents" in [row.folded for row in intake.rows]
