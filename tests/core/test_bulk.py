"""Many rows in few statements."""

from decimal import Decimal

import pytest
from django.db import connection

from igny8_core.core.bulk import among, as_stored, insert_new, write_fields
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword


def values(world, text, **more):
    market = {"account_id": world.account.pk, "site_id": world.site.pk, "language": "en"}
    return {**market, "keyword": text, "folded": text, **more}


def test_rows_are_stored_as_the_orm_would_have_them(world):
    extra = {"trend": "1,2", "größe": "ß 😀"}
    row = values(world, "shoes", cpc=Decimal("1.25"), intents=["commercial"], extra=extra)
    assert insert_new(Keyword, as_stored(Keyword, [row])) == 1

    shoes = Keyword.unscoped.get()
    assert (shoes.cpc, shoes.intents, shoes.extra) == (Decimal("1.25"), ["commercial"], extra)
    assert (shoes.volume, shoes.serp_urls, shoes.country, shoes.intent_inferred) == (
        None, [], "", False,
    )  # fmt: skip
    assert shoes.created_at.tzinfo is not None
    assert list(Keyword.unscoped.filter(extra__trend="1,2", cpc__lt=2)) == [shoes]


def test_a_row_that_is_there_is_left_out_and_the_others_go_in(world):
    there = create_keyword(world.account, keyword="shoes", volume=7)
    market = {"language": there.language, "country": there.country}
    rows = [values(world, text, volume=9, **market) for text in ("hats", "shoes", "gloves", "hats")]

    assert insert_new(Keyword, as_stored(Keyword, rows)) == 2
    assert insert_new(Keyword, []) == 0
    assert Keyword.unscoped.get(folded="shoes").volume == 7
    assert Keyword.unscoped.count() == 3


def test_only_the_fields_that_are_named_are_written(world):
    first, second = (create_keyword(world.account, keyword=text) for text in ("shoes", "hats"))
    for keyword, volume in ((first, 5), (second, 6)):
        keyword.volume, keyword.cpc, keyword.extra = volume, Decimal("1.25"), {"a": "ß"}
        keyword.difficulty = 9.5
    write_fields([first, second], ["volume", "cpc", "extra"])
    write_fields([], ["volume"])

    found = Keyword.unscoped.order_by("pk").values_list("volume", "cpc", "extra", "difficulty")
    assert list(found) == [
        (5, Decimal("1.25"), {"a": "ß"}, None), (6, Decimal("1.25"), {"a": "ß"}, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["shoes", 'it\'s "so"', "größe 😀", "50%", "[a, b]", "back\\slash"]
)
def test_any_text_is_found_among_others(world, text):
    insert_new(Keyword, as_stored(Keyword, [values(world, text), values(world, "other")]))
    wanted = [f"word {number}" for number in range(3_000)]

    found = Keyword.unscoped.filter(among("folded", [*wanted, text]))
    assert [keyword.folded for keyword in found] == [text]
    assert not Keyword.unscoped.filter(among("folded", [])).exists()


def test_a_search_among_texts_is_led_by_the_index_of_keywords(world):
    if connection.vendor != "sqlite":
        return  # PostgreSQL chooses by statistics, which an empty table has none of.
    rows = Keyword.unscoped.filter(site=world.site, deleted_at=None, language="en", country="US")
    assert "keyword_once" in rows.filter(among("folded", ["a", "b"])).explain()
