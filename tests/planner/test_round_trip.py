"""What a site exports and imports again, there or elsewhere, is what it was."""

from decimal import Decimal

import pytest

from igny8_core.core.spreadsheet import csv_lines
from igny8_core.core.workbook import xlsx_pieces
from igny8_core.planner.export import keyword_table
from igny8_core.planner.imports import import_keywords, preview
from igny8_core.planner.keywords import change_keyword, create_keyword
from igny8_core.planner.models import Keyword, KeywordImport
from tests.world import a_site

#: All that an import can teach, and the keyword itself.
FIELDS = [
    *("keyword", "folded", "language", "country", "volume", "volume_max", "volume_source"),
    *("difficulty", "cpc", "cpc_currency", "intent", "intents", "intent_inferred", "parent_topic"),
    *("position", "url", "serp_urls"),
]
FILES = [
    b"Keyword,Volume\nranged,1K - 10K\nat most,<10\nat least,1M+\nround,500\nnothing,-\n",
    b"Top queries,Clicks,Impressions,CTR,Position\nseen,1,300,1%,4.25\n",
    b'Keyword,Volume,KD,CPC (EUR),Intent\nall,7,12.5,1.2345,"Commercial, Transactional"\n',
    b"Keyword,Parent Topic,Position,URL,SERP URLs\n"
    b'page,=topic,2.5,https://a.example/x?a=1;b=2,"https://b.example/ https://c.example/d,e"\n',
    b"Keyword,Country,Language,Volume\nabroad,de,pt-BR,0\nabroad,at,de,1\n",
]


def as_csv(table):
    return "".join(csv_lines(*table)).encode()


def as_xlsx(table):
    return b"".join(xlsx_pieces(*table))


@pytest.fixture(params=[as_csv, as_xlsx])
def exported(request):
    def export(site):
        return request.param(keyword_table(Keyword.unscoped.filter(site=site).order_by("pk")))

    return export


def a_full_site(world):
    """Keywords of every kind: from files of each tool, and as people write them."""
    site = a_site(world.account, country="US")
    for data in FILES:
        import_keywords(site, data)
    create_keyword(world.account, site=site, keyword="typed", volume=5, intent="navigational")
    create_keyword(world.account, site=site, keyword="of no country", country="", volume=6)
    create_keyword(world.account, site=site, keyword="typed", language="de", country="")
    create_keyword(
        world.account, site=site, keyword="large", volume=10**12, cpc=Decimal("99999999.9999")
    )
    for text in ("=1+1", "a;=1+1;", "'tis", "''=x", "tab\u2003or, not", '"quoted" ;', "+1 shoe"):
        create_keyword(world.account, site=site, keyword=text, difficulty=99.75)
    return site


def rows(site):
    return list(Keyword.unscoped.filter(site=site).order_by("pk").values(*FIELDS))


def test_what_a_site_exports_changes_nothing_when_it_comes_back(world, exported):
    site = a_full_site(world)
    before = list(Keyword.unscoped.filter(site=site).order_by("pk").values())
    data = exported(site)
    looked = preview(site, data)
    result = import_keywords(site, data)
    assert (result.imported, result.updated, result.errors) == (0, 0, [])
    assert (result.imported, result.skipped) == (looked.imported, looked.skipped)
    assert list(Keyword.unscoped.filter(site=site).order_by("pk").values()) == before


def test_an_empty_site_becomes_what_was_exported(world, exported):
    site, other = a_full_site(world), a_site(world.account, country="FR", language="fr")
    result = import_keywords(other, exported(site))
    assert (result.imported, result.errors) == (Keyword.unscoped.filter(site=site).count(), [])
    assert rows(other) == rows(site)


def test_an_intent_that_was_inferred_is_not_taken_for_a_file_s(world, exported):
    keyword = create_keyword(world.account, keyword="buy shoes")
    Keyword.unscoped.filter(pk=keyword.pk).update(intent="transactional", intent_inferred=True)
    assert import_keywords(world.site, exported(world.site)).updated == 0
    keyword.refresh_from_db()
    assert (keyword.intent, keyword.intent_inferred) == ("transactional", True)
    other = a_site(world.account)
    import_keywords(other, exported(world.site))
    assert Keyword.unscoped.get(site=other).intent is None


def test_a_better_volume_still_replaces_one_that_came_back(world, exported):
    other = a_site(world.account)
    import_keywords(world.site, b"Keyword,Volume\nshoes,1K - 10K\n")
    import_keywords(other, exported(world.site))
    import_keywords(other, b"Keyword,Volume\nshoes,10K - 100K\n")
    shoes = Keyword.unscoped.get(site=other)
    assert (shoes.volume, shoes.volume_max, shoes.volume_source) == (10_000, 100_000, "range")


def test_an_export_names_the_file_that_taught_a_keyword(world):
    result = import_keywords(world.site, b"Keyword\nshoes\n", filename="shoes.csv")
    create_keyword(world.account, keyword="hats")
    header, table = keyword_table(Keyword.unscoped.order_by("pk"))
    shoes, hats = (dict(zip(header, row, strict=True)) for row in table)
    assert (shoes["Import"], shoes["Source file"]) == (result.import_id, "shoes.csv")
    assert (hats["Import"], hats["Source file"]) == (None, None)


@pytest.mark.parametrize(
    ("cells", "volume"),
    [
        ("1500,range,10000", (1500, 10_000, "range")),
        ("10-100,,", (10, 100, "range")),
        ("70,exact,10000", (70, None, "exact")),
        ("70,Impressions,", (70, None, "impressions")),
        ("70,guess,", (70, None, "exact")),
        (",range,10000", (None, None, "")),
        ("70", (70, None, "")),
    ],
)
def test_a_volume_that_a_person_changed_in_an_export_is_read_with_its_kind(world, cells, volume):
    data = f"Keyword,Volume,Volume source,Volume max\nshoes,{cells}\n".encode()
    import_keywords(world.site, data)
    shoes = Keyword.unscoped.get()
    assert (shoes.volume, shoes.volume_max, shoes.volume_source) == volume


def test_an_empty_country_is_none_in_an_export_and_the_site_s_in_any_other_file(world):
    site = a_site(world.account, country="US")
    import_keywords(site, b"Keyword,Country,Volume source\nshoes,,\n")
    import_keywords(site, b"Keyword,Volume source\nhats,\n")
    import_keywords(site, b"Keyword,Country,Volume\nboots,,5\n")
    found = dict(Keyword.unscoped.values_list("keyword", "country"))
    assert found == {"shoes": "", "hats": "US", "boots": "US"}


def test_a_changed_keyword_goes_out_as_a_person_s(world, exported):
    import_keywords(world.site, b"Keyword,Volume\nshoes,1K - 10K\n")
    change_keyword(Keyword.unscoped.get(), volume=70)
    other = a_site(world.account)
    import_keywords(other, exported(world.site))
    shoes = Keyword.unscoped.get(site=other)
    assert (shoes.volume, shoes.volume_max, shoes.volume_source) == (70, None, "")
    assert KeywordImport.unscoped.count() == 2
