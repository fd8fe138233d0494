"""Keywords as people write them."""

from importlib import import_module

import pytest
from django.apps import apps

from igny8_core.core.errors import InvalidPayload
from igny8_core.core.trash import put_in_trash
from igny8_core.planner import clusters, keywords
from igny8_core.planner.models import Keyword
from igny8_core.writer.content import create_content
from tests.world import a_site


def test_language_and_country_are_the_sites_where_they_are_not_given(world):
    site = a_site(world.account, language="de", country="AT")
    keyword = keywords.create_keyword(world.account, site=site, keyword="schuhe")
    assert (keyword.language, keyword.country) == ("de", "AT")
    abroad = keywords.create_keyword(world.account, site=site, keyword="schuhe", country="ch")
    assert (abroad.language, abroad.country) == ("de", "CH")


@pytest.mark.parametrize("again", ["Blue Shoes", "  blue   SHOES ", "ｂｌｕｅ shoes"])
def test_a_keyword_is_one_keyword_however_it_is_written(world, again):
    keywords.create_keyword(world.account, keyword="blue shoes")
    with pytest.raises(InvalidPayload) as refused:
        keywords.create_keyword(world.account, keyword=again)
    assert refused.value.attr == "keyword"


def test_the_same_text_in_another_country_is_another_keyword(world):
    first = keywords.create_keyword(world.account, keyword="shoes", country="US")
    second = keywords.create_keyword(world.account, keyword="shoes", country="GB")
    with pytest.raises(InvalidPayload):
        keywords.change_keyword(second, country=first.country)


@pytest.mark.parametrize("text", ["", "\u00a0", "\u200b", "\u200d \u2060", "\ufdfa" * 20, "a\7"])
def test_a_text_that_folds_to_nothing_or_to_too_much_is_refused(world, text):
    with pytest.raises(InvalidPayload) as refused:
        keywords.create_keyword(world.account, keyword=text)
    assert refused.value.attr == "keyword"
    keyword = keywords.create_keyword(world.account, keyword="shoes")
    with pytest.raises(InvalidPayload) as refused:
        keywords.change_keyword(keyword, keyword=text)
    assert refused.value.attr == "keyword"
    assert Keyword.unscoped.get().keyword == "shoes"


def test_what_pasting_leaves_in_a_keyword_does_not_make_it_another(world):
    keyword = keywords.create_keyword(world.account, keyword="\ufeffblue\u200b shoes")
    assert keyword.keyword == "blue shoes"


def test_who_moves_a_keyword_by_hand_signs_for_it(world):
    keyword = keywords.create_keyword(world.account, keyword="shoes")
    Keyword.unscoped.update(similarity=0.5, assigned_by="offline")
    cluster = clusters.create_cluster(world.account, name="Shoes")
    keywords.change_keyword(keyword, cluster=cluster)
    keyword.refresh_from_db()
    assert (keyword.assigned_by, keyword.similarity) == ("person", None)
    keywords.change_keyword(keyword, cluster=None)
    keyword.refresh_from_db()
    assert (keyword.cluster_id, keyword.assigned_by, keyword.status) == (None, None, "new")


def test_who_leaves_a_keyword_where_it_is_does_not_sign_for_it(world):
    cluster = clusters.create_cluster(world.account, name="Shoes")
    keyword = keywords.create_keyword(world.account, keyword="shoes")
    Keyword.unscoped.update(cluster=cluster, assigned_by="ai")
    keyword.refresh_from_db()
    keywords.change_keyword(keyword, cluster=cluster, volume=5)
    assert Keyword.unscoped.get().assigned_by == "ai"


def test_a_cluster_of_another_site_or_in_the_trash_is_refused(world):
    keyword = keywords.create_keyword(world.account, keyword="shoes")
    elsewhere = clusters.create_cluster(world.account, site=a_site(world.account), name="Shoes")
    gone = clusters.create_cluster(world.account, name="Gone")
    put_in_trash(gone)
    for cluster in (elsewhere, gone):
        with pytest.raises(InvalidPayload) as refused:
            keywords.change_keyword(keyword, cluster=cluster)
        assert refused.value.attr == "cluster"


def test_keywords_come_in_the_order_of_the_ids_and_each_once(world):
    rows = [keywords.create_keyword(world.account, keyword=text) for text in "abc"]
    put_in_trash(rows[1])
    ids = [rows[2].pk, rows[1].pk, rows[0].pk, rows[2].pk, 10**12]
    assert keywords.keywords_for(world.account, ids) == [rows[2], rows[0]]
    assert keywords.keywords_for(world.charlie.account, ids) == []


def test_a_language_in_another_case_is_the_same_language(world):
    keywords.create_keyword(world.account, keyword="shoes", language="PT-br")
    with pytest.raises(InvalidPayload):
        keywords.create_keyword(world.account, keyword="shoes", language="pt-BR")


def test_keywords_that_are_stored_in_two_cases_of_a_language_become_one(world):
    site, kinds = a_site(world.account), [("EN", None), ("en", 7), ("En", 5)]
    for language, volume in kinds:
        keyword = keywords.create_keyword(world.account, site=site, keyword=language, volume=volume)
        Keyword.unscoped.filter(pk=keyword.pk).update(language=language, folded="shoes")
    alone = keywords.create_keyword(world.account, site=site, keyword="hats")
    Keyword.unscoped.filter(pk=alone.pk).update(language="PT-br")
    migration = import_module("igny8_core.planner.migrations.0004_languages_in_one_case")
    migration.in_one_case(apps, None)
    living = Keyword.objects.for_account(world.account).order_by("pk")
    assert list(living.values_list("language", "volume")) == [("en", 7), ("pt-BR", None)]
    assert set(Keyword.unscoped.values_list("language", flat=True)) == {"en", "pt-BR"}


@pytest.mark.parametrize("room", ["core", "writer"])
def test_sites_and_articles_have_their_languages_in_one_case_too(world, room):
    site = a_site(world.account)
    article = create_content(world.account, user=world.bob.user, title="Shoes", site=site)
    for row in (site, article):
        type(row).unscoped.filter(pk=row.pk).update(language="DE-at")
    import_module(f"igny8_core.{room}.migrations.0002_languages_in_one_case").in_one_case(
        apps, None
    )
    row = site if room == "core" else article
    row.refresh_from_db()
    assert row.language == "de-AT"
