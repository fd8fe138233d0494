"""A cluster's head keyword and intent, whoever put its keywords there or took them away."""

import pytest

from igny8_core.planner import imports
from igny8_core.planner.clusters import change_cluster
from igny8_core.planner.grouping import GroupToSave, Member, save_groups
from igny8_core.planner.imports import import_keywords
from igny8_core.planner.keywords import (
    change_keyword,
    create_keyword,
    restore_keyword,
    trash_keyword,
)
from igny8_core.planner.models import Cluster

HEADER = "Keyword,Volume,Intents\n"


@pytest.fixture
def shoes(world):
    """A cluster with a head and one that would be next."""
    rows = [
        create_keyword(world.account, keyword="buy shoes", volume=90, intent="transactional"),
        create_keyword(world.account, keyword="shoe sizes", volume=10, intent="informational"),
    ]
    save_groups(world.site, [GroupToSave("Shoes", [Member(row.pk, "ai") for row in rows])])
    for row in rows:
        row.refresh_from_db()
    return rows


def told(keyword_or_pk):
    pk = getattr(keyword_or_pk, "pk", keyword_or_pk)
    found = Cluster.unscoped.get(pk=pk)
    return found.head_keyword, found.intent


def test_a_keyword_that_a_person_moves_away_is_head_no_longer(world, shoes):
    buy, sizes = shoes
    pk = buy.cluster_id
    change_keyword(buy, cluster=None)
    assert told(pk) == ("shoe sizes", "informational")
    change_keyword(sizes, cluster=None)
    assert told(pk) == ("", None)


def test_a_keyword_that_a_person_puts_there_may_be_the_head(world, shoes):
    pk = shoes[0].cluster_id
    more = {"volume": 500, "intent": "commercial", "cluster": shoes[0].cluster}
    create_keyword(world.account, keyword="best shoes", **more)
    assert told(pk) == ("best shoes", "commercial")


def test_a_head_that_is_renamed_or_searched_less_than_was_thought_is_told_anew(shoes):
    buy, _ = shoes
    change_keyword(buy, keyword="buy boots")
    assert told(buy.cluster_id)[0] == "buy boots"
    change_keyword(buy, volume=1)
    assert told(buy.cluster_id)[0] == "shoe sizes"


def test_a_head_in_the_trash_is_none_until_it_comes_back(shoes):
    buy, _ = shoes
    trash_keyword(buy)
    assert told(buy.cluster_id)[0] == "shoe sizes"
    restore_keyword(buy)
    assert told(buy.cluster_id)[0] == "buy shoes"


def test_a_cluster_that_again_takes_its_head_from_names_another(world, shoes):
    buy, sizes = shoes
    before = buy.cluster_id
    save_groups(world.site, [GroupToSave("Buying", [Member(buy.pk, "ai")])], again=True)
    assert told(before) == ("shoe sizes", "informational")


def test_what_a_person_has_said_of_a_cluster_stays(world, shoes):
    buy, _ = shoes
    change_cluster(buy.cluster, head_keyword="shoes and boots")
    pk = buy.cluster_id
    change_keyword(buy, cluster=None)
    assert told(pk)[0] == "shoes and boots"


def test_a_head_is_named_anew_by_the_volumes_and_intents_that_a_file_brings(world, shoes):
    pk = shoes[0].cluster_id
    for row in ("shoe sizes,500,", "shoe sizes,,", "hats,900,transactional"):
        import_keywords(world.site, f"{HEADER}{row}\n".encode())
        assert told(pk) == ("shoe sizes", "informational")
    import_keywords(world.site, f"{HEADER}buy shoes,1,\nshoe sizes,,commercial\n".encode())
    assert told(pk) == ("shoe sizes", "commercial")


def test_keywords_of_a_cluster_may_lie_anywhere_in_a_file(world, shoes, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    between = "".join(f"word {number},1,\n" for number in range(5))
    import_keywords(world.site, f"{HEADER}buy shoes,1,\n{between}shoe sizes,500,\n".encode())
    assert told(shoes[0].cluster_id) == ("shoe sizes", "informational")


def test_an_import_that_was_cut_off_is_mended_by_the_same_file(world, shoes, monkeypatch):
    data = f"{HEADER}shoe sizes,500,\n".encode()
    with monkeypatch.context() as cut:
        cut.setattr(imports, "sum_up", cut_off)
        with pytest.raises(ConnectionError):
            import_keywords(world.site, data)
    assert told(shoes[0].cluster_id)[0] == "buy shoes"
    assert import_keywords(world.site, data).updated == 0
    assert told(shoes[0].cluster_id)[0] == "shoe sizes"


def cut_off(cluster_ids):
    raise ConnectionError


def test_a_file_leaves_what_a_person_has_said_of_a_cluster(world, shoes):
    change_cluster(shoes[0].cluster, head_keyword="shoes and boots")
    import_keywords(world.site, f"{HEADER}shoe sizes,500,\n".encode())
    assert told(shoes[0].cluster_id)[0] == "shoes and boots"
