"""Keyword files merged into what a site knows."""

from decimal import Decimal

import pytest

from igny8_core.core.errors import InvalidPayload, TooLarge
from igny8_core.core.trash import put_in_trash
from igny8_core.planner import imports, learning
from igny8_core.planner.imports import import_keywords, preview, read_file
from igny8_core.planner.keywords import change_keyword, create_keyword
from igny8_core.planner.learning import keyword_ids
from igny8_core.planner.models import Keyword, KeywordImport
from tests.planner.intake.files import a_workbook, a_zip
from tests.world import a_site

EXACT = b"Keyword,Volume,Keyword Difficulty,CPC (USD),Intent\n"
PLANNER = b"Keyword,Currency,Avg. monthly searches\n"
CONSOLE = b"Top queries,Clicks,Impressions,CTR,Position\n"


def known(text="shoes"):
    return Keyword.unscoped.get(folded=text)


def counts(result):
    return result.imported, result.updated, result.skipped


def test_a_file_becomes_keywords_with_where_they_came_from(world):
    site = a_site(world.account, language="de", country="AT")
    data = EXACT + b'Red  Shoes,100,5,1.25,"Commercial, Transactional"\nhats,,,,\n'
    result = import_keywords(site, data, filename="shoes.csv", user=world.bob.user)
    assert (counts(result), result.format, result.errors) == ((2, 0, 0), "semrush", [])
    shoes = known("red shoes")
    assert (shoes.language, shoes.country, shoes.site) == ("de", "AT", site)
    assert (shoes.volume, shoes.volume_source, shoes.difficulty) == (100, "exact", 5)
    assert (shoes.cpc, shoes.cpc_currency) == (Decimal("1.25"), "USD")
    assert (shoes.intent, shoes.intents) == ("commercial", ["commercial", "transactional"])
    hats = known("hats")
    assert (hats.volume, hats.difficulty, hats.cpc, hats.intent) == (None, None, None, None)
    record = KeywordImport.unscoped.get(pk=result.import_id)
    assert (record.filename, record.created_by, record.imported) == ("shoes.csv", world.bob.user, 2)
    assert record.evidence["used"]["keyword"] == "Keyword"
    assert shoes.source == record


def test_the_same_file_again_changes_nothing(world):
    data = EXACT + b"shoes,100,5,1.25,Commercial\nshoes,100,,,\n"
    assert counts(import_keywords(world.site, data)) == (1, 0, 1)
    assert counts(import_keywords(world.site, data)) == (0, 0, 2)


def test_what_is_unknown_never_replaces_what_is_known(world):
    import_keywords(world.site, EXACT + b"shoes,100,5,1.25,Commercial\n")
    assert counts(import_keywords(world.site, EXACT + b"shoes,,,,\n")) == (0, 0, 1)
    assert counts(import_keywords(world.site, EXACT + b"SHOES,200,,,\n")) == (0, 1, 0)
    shoes = known()
    assert (shoes.keyword, shoes.volume, shoes.difficulty) == ("shoes", 200, 5)
    assert (shoes.cpc, shoes.intent) == (Decimal("1.25"), "commercial")


def test_a_better_volume_replaces_a_worse_one_and_never_the_other_way_round(world):
    steps = [
        (CONSOLE + b"shoes,1,900,1%,3\n", (900, None, "impressions")),
        (PLANNER + b"shoes,EUR,1K - 10K\n", (1000, 10000, "range")),
        (CONSOLE + b"shoes,1,950,1%,3\n", (1000, 10000, "range")),
        (EXACT + b"shoes,1500,,,\n", (1500, None, "exact")),
        (PLANNER + b"shoes,EUR,1K - 10K\n", (1500, None, "exact")),
        (EXACT + b"shoes,1400,,,\n", (1400, None, "exact")),
    ]
    for data, expected in steps:
        import_keywords(world.site, data)
        shoes = known()
        assert (shoes.volume, shoes.volume_max, shoes.volume_source) == expected


def test_what_a_person_says_counts_as_exact(world):
    keyword = create_keyword(world.account, keyword="shoes")
    change_keyword(keyword, volume=70)
    import_keywords(world.site, CONSOLE + b"shoes,1,900,1%,3\n")
    assert known().volume == 70


def test_impressions_stay_beside_a_better_volume(world):
    import_keywords(world.site, CONSOLE + b"shoes,7,900,1%,3\n")
    import_keywords(world.site, EXACT + b"shoes,1500,,,\n")
    shoes = known()
    assert (shoes.volume, shoes.volume_source, shoes.position) == (1500, "exact", 3)
    assert shoes.extra == {"clicks": "7", "impressions": "900", "ctr": "1%"}


def test_the_top_results_are_kept_and_renewed(world):
    first, second = (f"https://{letter}.example/" for letter in "ab")
    for cell, kept in ((f"{first} {second}", [first, second]), ("", [first, second]),
                       (second, [second])):  # fmt: skip
        import_keywords(world.site, f"Keyword,serp_urls\nshoes,{cell}\n".encode())
        assert known().serp_urls == kept


def test_a_row_that_names_no_market_is_of_the_site_s(world):
    site = a_site(world.account, language="de", country="AT")
    data = b"Keyword,Country,Volume\nshoes,,10-100\nshoes,at,70\nshoes,us,5\n"
    assert counts(import_keywords(site, data)) == (2, 0, 1)
    assert known_in("AT").volume == 70
    assert known_in("US").volume == 5


@pytest.mark.parametrize("between", [0, 30])
def test_a_market_that_is_left_out_is_the_site_s_before_rows_are_merged(
    world, monkeypatch, between
):
    monkeypatch.setattr(imports, "BATCH", 10)
    site = a_site(world.account, country="US")
    rows = [b"shoes,5,10,", *(b"word %d,1,1," % n for n in range(between)), b"shoes,6,20,US", b""]
    data = b"Keyword,Volume,KD,Country\n" + b"\n".join(rows)
    looked = preview(site, data)
    assert counts(looked) == (1 + between, 0, 1)
    assert counts(import_keywords(site, data)) == counts(looked)
    assert (known().volume, known().difficulty) == (5, 10)
    assert (looked.rows[0].volume, len(looked.rows)) == (5, min(1 + between, 20))
    assert counts(import_keywords(site, data)) == (0, 0, 2 + between)


def test_a_limit_counts_rows_and_not_the_keywords_that_are_left_out(world):
    data = EXACT + b"shoes,1,,,\nhats,2,,,\ngloves,3,,,\n"
    assert counts(import_keywords(world.site, data, limit=2)) == (2, 0, 0)


@pytest.mark.parametrize(
    ("language", "country"), [("EN", "us"), ("nan", "ZZ"), ("English", "USA"), ("", "")]
)
def test_a_market_is_written_in_one_way_or_is_the_site_s(world, language, country):
    site = a_site(world.account, language="en", country="US")
    create_keyword(world.account, site=site, keyword="shoes")
    data = f"Keyword,Volume,Language,Country\nshoes,5,{language},{country}\n".encode()
    assert counts(import_keywords(site, data)) == (0, 1, 0)


def known_in(country):
    return Keyword.unscoped.get(folded="shoes", country=country)


def test_a_keyword_that_somebody_adds_in_this_moment_learns_like_any_other(world, monkeypatch):
    keys = learning._keys

    def and_somebody_adds(site, rows):
        found = keys(site, rows)
        create_keyword(world.account, keyword="shoes")
        return found

    monkeypatch.setattr(learning, "_keys", and_somebody_adds)
    data = EXACT + b"shoes,100,,,\nhats,5,,,\n"
    assert counts(import_keywords(world.site, data)) == (1, 1, 0)
    assert (known().volume, known("hats").volume) == (100, 5)


def test_a_keyword_that_somebody_deletes_in_this_moment_is_new(world, monkeypatch):
    keys = learning._keys
    shoes = create_keyword(world.account, keyword="shoes")

    def and_somebody_deletes(site, rows):
        found = keys(site, rows)
        put_in_trash(shoes)
        return found

    monkeypatch.setattr(learning, "_keys", and_somebody_deletes)
    assert counts(import_keywords(world.site, EXACT + b"shoes,100,,,\n")) == (1, 0, 0)


def test_a_workbook_and_an_archive_are_imported_like_text(world):
    book = a_workbook(A=[["Keyword", "Volume"], ["shoes", 5]])
    archive = a_zip(Queries__csv=CONSOLE + b"hats,1,900,1%,3\n")
    for data, name in ((book, "shoes"), (archive, "hats")):
        assert counts(import_keywords(world.site, data)) == (1, 0, 0)
        assert known(name)


def test_another_account_s_keywords_are_neither_met_nor_taught(world):
    create_keyword(world.charlie.account, keyword="shoes")
    assert counts(import_keywords(world.site, EXACT + b"shoes,100,,,\n")) == (1, 0, 0)
    assert Keyword.unscoped.get(folded="shoes", account=world.charlie.account).volume is None


def test_the_ids_of_a_file_come_in_its_order(world):
    data = EXACT + b"shoes,1,,,\nhats,1,,,\nSHOES,1,,,\n"
    import_keywords(world.site, data)
    rows = read_file(data + b"gloves,1,,,\n").rows
    assert keyword_ids(world.site, rows) == [known().pk, known("hats").pk]


def test_a_keyword_in_the_trash_is_met_anew(world):
    put_in_trash(create_keyword(world.account, keyword="shoes"))
    assert counts(import_keywords(world.site, EXACT + b"shoes,100,,,\n")) == (1, 0, 0)


def test_a_bad_row_is_named_and_the_others_are_imported(world):
    result = import_keywords(world.site, EXACT + b"shoes,100,,,\nhats,many,,,\n")
    assert counts(result) == (1, 0, 0)
    assert [error.row for error in result.errors] == [3]
    assert not Keyword.unscoped.filter(folded="hats").exists()


def test_atomic_stores_nothing_where_a_row_is_bad(world):
    with pytest.raises(InvalidPayload) as refused:
        import_keywords(world.site, EXACT + b"shoes,100,,,\nhats,many,,,\n", atomic=True)
    assert [row["row"] for row in refused.value.extra["rows"]] == [3]
    assert not Keyword.unscoped.exists()
    assert not KeywordImport.unscoped.exists()


def test_a_preview_says_what_would_come_of_it_and_stores_nothing(world, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 10)
    create_keyword(world.account, keyword="k1")
    rows = b"".join(b"k%d,%d,,,\n" % (n % 30, n) for n in range(40))
    result = preview(world.site, EXACT + rows)
    assert len(result.rows) == 20
    assert (result.import_id, Keyword.unscoped.count()) == (None, 1)
    assert counts(import_keywords(world.site, EXACT + rows)) == counts(result)
    assert not KeywordImport.unscoped.exclude(pk=1).filter(imported=0).exists()


def test_a_file_without_keywords_is_refused_with_its_columns(world):
    with pytest.raises(InvalidPayload) as refused:
        import_keywords(world.site, b"Color,Size\nred,5\n")
    assert (refused.value.attr, refused.value.extra["columns"]) == ("file", ["Color", "Size"])
    assert not KeywordImport.unscoped.exists()


def test_a_file_beyond_the_limit_is_refused(world, settings):
    settings.IGNY8_IMPORT_MAX_BYTES = 10
    with pytest.raises(TooLarge):
        import_keywords(world.site, EXACT)


def test_thousands_of_rows_take_few_statements(world, django_assert_max_num_queries):
    data = EXACT + b"".join(b"keyword %d,%d,,,\n" % (n, n) for n in range(2500))
    with django_assert_max_num_queries(30):
        assert import_keywords(world.site, data).imported == 2500
