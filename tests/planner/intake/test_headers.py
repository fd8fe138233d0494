"""Every header that a keyword tool is known to write, with rows made up."""

from decimal import Decimal

import pytest

from igny8_core.planner.intake import read_keywords

AHREFS_2026 = (
    "#,Keyword,Languages,Country,Difficulty,Volume,SV trend (last 12 months),"
    "SV Forecasting trend (next 12 months),CPC,CPS,Parent Keyword,Last Update,SERP Features,"
    "Global volume,Traffic potential,Global traffic potential,First seen,Intents,Category"
)
AHREFS_2020 = (
    "#,Keyword,Country,Difficulty,Volume,CPC,Clicks,CPS,Return Rate,Parent Keyword,Last Update,"
    "SERP Features"
)
STRATEGY = (
    "Database,Keyword,Seed keyword,Page,Topic,Page type,Tags,Volume,Keyword Difficulty,CPC (USD),"
    "Competitive Density,Number of Results,Intent,SERP Features,Trend,Click potential,"
    "Content references,Competitors"
)
POSITIONS = (
    "Keyword,Position,Previous position,Search Volume,Keyword Difficulty,CPC,URL,Traffic,"
    "Traffic (%),Traffic Cost,Competition,Number of Results,Trends,Timestamp,"
    "SERP Features by Keyword,Keyword Intents,Position Type"
)
MONTHS = [
    *(f"Searches: {month} 2025" for month in ("May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")),
    *("Searches: Dec 2025", "Searches: Jan 2026", "Searches: Feb 2026", "Searches: Mar 2026"),
    "Searches: Apr 2026",
]
PLANNER = [
    *("Keyword", "Currency", "Segmentation", "Avg. monthly searches", "Three month change"),
    *("YoY change", "Competition", "Competition (indexed value)"),
    *("Top of page bid (low range)", "Top of page bid (high range)", "Ad impression share"),
    *("Organic impression share", "Organic average position", "In account?", "In plan?"),
    *MONTHS,
]


def line(header, **cells):
    """A row under the header; its columns are named with underscores for spaces."""
    named = {name.replace("_", " "): text for name, text in cells.items()}
    columns = header.split(",")
    assert named.keys() <= set(columns)
    return ",".join(named.get(column, "") for column in columns)


def read(header, *rows, **options):
    return read_keywords("\n".join([header, *rows]).encode(), **options)


def planner(*rows):
    """The file as Keyword Planner writes it: keyword, volume, and the volumes of its months."""
    head = ["Keyword Stats 2026-06-09 at 21_25_18", '"May 1, 2025 - April 30, 2026"']
    lines = [*head, "\t".join(PLANNER)]
    for keyword, volume, months in rows:
        cells = [keyword, "EUR", "", volume, "0%", "0%", "High", "88", "0,35", "1,20"]
        lines.append("\t".join([*cells, *[""] * 5, *[months] * 12]))
    name = "Keyword Stats 2026-06-09 at 21_25_18.csv"
    return read_keywords("\n".join(lines).encode("utf-16"), filename=name)


def test_ahrefs_of_2026():
    row = line(
        AHREFS_2026, Keyword="tents", Country="us", Difficulty="41", Volume="5400", CPC="1.6"
    )
    intake = read(AHREFS_2026, row)

    (tents,) = intake.rows
    assert (intake.format, tents.volume, tents.difficulty, tents.country) == (
        "ahrefs", 5400, 41, "US",
    )  # fmt: skip
    assert intake.evidence.ignored["Category"] == "not needed"


def test_ahrefs_of_2020():
    row = line(AHREFS_2020, Keyword="tents", Volume="90", Clicks="70", Parent_Keyword="camping")
    intake = read(AHREFS_2020, row)

    (tents,) = intake.rows
    assert (intake.format, tents.volume, tents.parent_topic) == ("ahrefs", 90, "camping")
    assert tents.extra == {"clicks": "70"}


def test_ahrefs_in_utf_16_with_tabs():
    text = AHREFS_2020.replace(",", "\t") + "\n1\tzelt größe\tde\t12\t40" + "\t" * 7
    intake = read_keywords(text.encode("utf-16"))

    (tent,) = intake.rows
    assert (tent.keyword, tent.country, tent.volume) == ("zelt größe", "DE", 40)
    assert (intake.evidence.encoding, intake.evidence.delimiter) == ("UTF-16 LE", "\t")


@pytest.mark.parametrize(
    "header",
    [
        "Keyword,Intent,Volume,Keyword Difficulty,CPC (USD),SERP Features",
        "Keyword,Volume,Trend,Keyword Difficulty,CPC (GBP),Competitive Density",
    ],
)
def test_semrush_with_six_columns(header):
    row = line(header, Keyword="tents", Volume="5400", Keyword_Difficulty="25")
    intake = read(header, row)

    assert (intake.format, intake.rows[0].volume, intake.rows[0].difficulty) == (
        "semrush",
        5400,
        25,
    )


def test_semrush_s_strategy_builder_keeps_page_and_topic():
    row = line(
        STRATEGY, Database="us", Keyword="tents", Page="Tent guide", Topic="camping", Volume="90",
        Intent="Commercial",
    )  # fmt: skip
    (tents,) = read(STRATEGY, row).rows

    assert (tents.country, tents.parent_topic, tents.intent) == ("US", "camping", "commercial")
    assert tents.extra == {"page": "Tent guide"}


def test_semrush_s_positions_are_one_keyword_with_its_best_page():
    rows = [
        f"tents,{rank},9,5400,25,0.35,https://a.example/{rank},10,1,5,0.1,900,,2026-11-01,,"
        "commercial,Organic"
        for rank in (7, 3, 12)
    ]
    intake = read(POSITIONS, *rows)

    (tents,) = intake.rows
    assert (tents.position, tents.url, tents.volume) == (3.0, "https://a.example/3", 5400)
    assert (tents.intent, intake.evidence.merged) == ("commercial", 2)


def test_the_planner_s_months_tell_that_a_round_volume_is_true():
    intake = planner(("", "1000000", "900000"), ("tents", "500", "480"), ("pegs", "50", "40"))

    assert [(row.volume, row.volume_source) for row in intake.rows] == [
        (500, "exact"), (50, "exact"),
    ]  # fmt: skip
    assert (intake.format, intake.evidence.without_keyword) == ("google_keyword_planner", 1)
    assert intake.evidence.date == "2026-06-09"
    assert intake.evidence.ignored["Searches: May 2025"] == "one month; the average is read"


def test_the_planner_s_buckets_are_ranges():
    intake = planner(
        *(("tents", "5000", ""), ("pegs", "50", ""), ("ropes", "", ""), ("poles", "0", "")),
        ("lamps", "500000", ""),
    )
    assert [(row.volume, row.volume_max, row.volume_source) for row in intake.rows] == [
        (1_000, 10_000, "range"), (10, 100, "range"), (None, None, ""), (0, None, "exact"),
        (100_000, 1_000_000, "range"),
    ]  # fmt: skip
    assert intake.evidence.estimates == {"range": 3}


def test_one_true_volume_tells_that_the_round_ones_are_true():
    intake = planner(("tents", "5000", ""), ("pegs", "320", ""))

    assert [(row.volume, row.volume_source) for row in intake.rows] == [
        (5000, "exact"), (320, "exact"),
    ]  # fmt: skip


def test_another_tool_s_round_volumes_are_what_they_say():
    intake = read("keyword,volume", "tents,500", "pegs,50")

    assert [row.volume_source for row in intake.rows] == ["exact", "exact"]


@pytest.mark.parametrize(
    "header",
    [
        "Suchbegriff\tWährung\tDurchschnittl. Suchanfragen pro Monat\tWettbewerb",
        "Palabra clave\tMoneda\tPromedio de búsquedas mensuales\tCompetencia",
        "Mot clé\tDevise\tRecherches mensuelles moyennes\tConcurrence",
        "Palavra-chave\tMoeda\tMédia de pesquisas mensais\tConcorrência",
    ],
)
def test_the_planner_in_other_languages(header):
    text = (
        f"Stats\n01.05.2025\n{header}\nzelt\tEUR\t1.000 – 10.000\tX\nseil\tEUR\t1 mil – 10 mil\tX"
    )
    intake = read_keywords(text.encode("utf-16"))

    assert intake.format == "google_keyword_planner"
    assert {(row.volume, row.volume_max) for row in intake.rows} == {(1_000, 10_000)}
    assert "competition" in intake.rows[0].extra


@pytest.mark.parametrize(
    ("header", "month"),
    [
        (
            "Keyword\tWährung\tDurchschnittl. Suchanfragen pro Monat\tWettbewerb",
            "Suchanfragen: Mai 2025",
        ),
        ("Mot clé\tDevise\tRecherches mensuelles moyennes", "Recherches : mai 2025"),
        ("Palabra clave\tMoneda\tPromedio de búsquedas mensuales", "Búsquedas: may 2025"),
        ("Keyword\tCurrency\tAvg. monthly searches", "検索ボリューム: 2025年5月"),
    ],
)
def test_the_planner_s_months_are_known_in_every_language(header, month):
    start = f"Stats\n01.05.2025\n{header}\t{month}\nzelt\tEUR\t500"
    gap = "\t" * (header.count("\t") - 1)
    true = read_keywords(f"{start}{gap}480\n".encode("utf-16"))
    bucket = read_keywords(f"{start}{gap}\n".encode("utf-16"))

    assert [(row.volume, row.volume_source) for row in true.rows] == [(500, "exact")]
    assert [(row.volume, row.volume_source) for row in bucket.rows] == [(100, "range")]
    assert true.evidence.ignored[month] == "one month; the average is read"


def test_a_year_in_another_tool_s_column_is_no_month():
    evidence = read("keyword,volume,checked 2025", "tents,500,").evidence

    assert evidence.ignored["checked 2025"] == "not needed"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("keyword", ["Query", "Search term", "Term", "Keyword", "KEYWORDS"])
@pytest.mark.parametrize("difficulty", ["KD", "KD %", "SEO Difficulty"])
def test_hand_made_tables(delimiter, keyword, difficulty):
    header = delimiter.join([keyword, "Search Volume", difficulty, "CPC", "Intent", "Parent Topic"])
    cells = ["tents", "1.2K", "40", "$1.25", "Transactional", "camping"]
    unknown = ["pegs", "-", "N/A", "", "-", ""]
    first, second = read(header, delimiter.join(cells), delimiter.join(unknown)).rows

    assert (first.volume, first.difficulty, first.cpc) == (1200, 40, Decimal("1.25"))
    assert (first.cpc_currency, first.intent, first.parent_topic) == (
        "USD", "transactional", "camping",
    )  # fmt: skip
    assert (second.volume, second.difficulty, second.cpc, second.intent) == (None,) * 4


@pytest.mark.parametrize(
    "cell",
    [
        '"https://a.example/x\nhttps://b.example/?a=1,2"',
        "https://a.example/x | https://b.example/?a=1,2",
        '"https://a.example/x, https://b.example/?a=1,2"',
        "https://a.example/x https://b.example/?a=1;2 https://a.example/x nothing",
        '"[""https://a.example/x"", ""https://b.example/""]"',
    ],
)
@pytest.mark.parametrize("column", ["serp_urls", "SERP URLs", "Top 10 URLs"])
def test_the_top_results_are_kept(cell, column):
    quoted = f'"{cell}"' if "," in cell and cell[0] != '"' else cell
    (tents,) = read(f"keyword,{column}", f"tents,{quoted}").rows

    first, second = tents.serp_urls
    assert first == "https://a.example/x"
    assert second.startswith("https://b.example/")


def test_no_more_than_ten_results_are_kept():
    urls = " ".join(f"https://{n}.example/" for n in range(30))
    (tents,) = read("keyword,serp_urls", f"tents,{urls}").rows

    assert tents.serp_urls == [f"https://{n}.example/" for n in range(10)]


def test_a_second_column_of_a_name_is_told():
    evidence = read("keyword,volume,Search Volume,notes,notes", "tents,1,2,,").evidence

    assert evidence.used["volume"] == "volume"
    assert evidence.ignored["Search Volume"] == "volume is read from volume"
