"""Clusters as people edit them."""

import pytest

from igny8_core.core.errors import Conflict, NotInAccount
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner import clusters, keywords
from igny8_core.planner.models import Cluster


def shoes(world, **values):
    return clusters.create_cluster(world.account, name="Shoes", **values)


def add(world, cluster, text, **values):
    return keywords.create_keyword(world.account, keyword=text, cluster=cluster, **values)


def test_living_keywords_alone_are_counted(world):
    cluster = shoes(world)
    add(world, cluster, "shoes", volume=100)
    add(world, cluster, "red shoes")
    put_in_trash(add(world, cluster, "old shoes", volume=900))
    counted = clusters.counted(Cluster.objects.for_account(world.account)).get()
    assert (counted.keywords_count, counted.volume) == (2, 100)


def test_a_volume_nobody_knows_is_unknown_and_not_0(world):
    cluster = shoes(world)
    add(world, cluster, "shoes")
    counted = clusters.counted(Cluster.objects.for_account(world.account)).get()
    assert counted.volume is None


def test_a_persons_edit_locks_unless_they_say_otherwise(world):
    cluster = shoes(world, locked=False)
    clusters.change_cluster(cluster, description="Footwear")
    assert Cluster.unscoped.get().locked
    clusters.change_cluster(cluster, locked=False)
    assert not Cluster.unscoped.get().locked


def test_deleting_a_cluster_frees_its_keywords_for_good(world):
    cluster = shoes(world)
    keyword = add(world, cluster, "shoes")
    clusters.trash_cluster(cluster)
    keyword.refresh_from_db()
    assert (keyword.cluster_id, keyword.assigned_by) == (None, None)
    take_from_trash(cluster)
    keyword.refresh_from_db()
    assert keyword.cluster_id is None


def test_what_is_deleted_twice_is_not_there_the_second_time(world):
    cluster = shoes(world)
    clusters.trash_cluster(cluster)
    with pytest.raises(NotInAccount):
        clusters.trash_cluster(cluster)


def test_a_keyword_whose_place_is_taken_stays_in_the_trash(world):
    old = keywords.create_keyword(world.account, keyword="shoes")
    put_in_trash(old)
    keywords.create_keyword(world.account, keyword="Shoes")
    with pytest.raises(Conflict):
        take_from_trash(old)
    old.refresh_from_db()
    assert old.deleted_at


def test_clusters_come_with_their_keywords_in_two_queries(world, django_assert_num_queries):
    rows = [clusters.create_cluster(world.account, name=name) for name in "abc"]
    for row in rows:
        add(world, row, f"{row.name} 1", volume=1)
        add(world, row, f"{row.name} 2", volume=2)
    with django_assert_num_queries(2):
        found = clusters.clusters_for(world.account, [row.pk for row in reversed(rows)])
        read = [[keyword.keyword for keyword in each.keywords.all()] for each in found]
        assert {each.site.name for each in found}
    assert read == [["c 2", "c 1"], ["b 2", "b 1"], ["a 2", "a 1"]]
