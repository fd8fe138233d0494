"""Keywords of a site's clusters that new ones are grouped along with."""

import pytest

from igny8_core.planner import anchors
from igny8_core.planner.anchors import anchors_beside
from igny8_core.planner.clustering import LARGEST
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from tests.world import a_site


@pytest.fixture
def cluster(world):
    def make(name, *texts, **values):
        made = create_cluster(world.account, name=name, **values)
        for text in texts:
            create_keyword(world.account, keyword=text, cluster=made, **values)
        return made

    return make


@pytest.fixture
def new(world):
    return create_keyword(world.account, keyword="lima map")


def texts_of(beside):
    return {keyword.keyword for keyword in beside.keywords}


def test_all_keywords_of_all_clusters_are_there_while_they_are_few(cluster, new):
    maps, shoes = cluster("Maps", "oslo map", "rome map"), cluster("Shoes", "red shoes", "boots")
    beside = anchors_beside([new])
    assert texts_of(beside) == {"oslo map", "rome map", "red shoes", "boots"}
    assert beside.sizes == {maps.pk: 2, shoes.pk: 2}


def test_beyond_the_most_the_clusters_that_share_words_come_first(cluster, new, monkeypatch):
    monkeypatch.setattr(anchors, "_ANCHORS", 2)
    shoes = cluster("Shoes", "red shoes", "boots")
    cluster("Maps", "oslo map", "rome map")
    beside = anchors_beside([new])
    assert texts_of(beside) == {"oslo map", "rome map"}
    assert beside.sizes[shoes.pk] == 2


def test_of_a_large_cluster_the_most_typical_are_there_and_all_are_counted(cluster, new, world):
    large = cluster("Maps", *(f"map {n}" for n in range(LARGEST + 3)))
    Keyword.objects.for_account(world.account).filter(cluster=large).update(similarity=0.5)
    least = Keyword.objects.for_account(world.account).filter(keyword__in=["map 0", "map 7"])
    least.update(similarity=0.1)
    beside = anchors_beside([new])
    assert len(beside.keywords) == LARGEST
    assert not texts_of(beside) & {"map 0", "map 7"}
    assert beside.sizes == {large.pk: LARGEST + 3}


def test_what_is_asked_about_itself_is_no_anchor_and_takes_no_room(cluster, world):
    maps = cluster("Maps", "oslo map", "rome map", "lima map")
    asked = list(Keyword.objects.for_account(world.account).filter(keyword="oslo map"))
    beside = anchors_beside(asked)
    assert texts_of(beside) == {"rome map", "lima map"}
    assert beside.sizes == {maps.pk: 2}


def test_another_site_s_clusters_are_none_of_it(cluster, new, world):
    other = a_site(world.account, name="Other")
    cluster("Maps", "oslo map", site=other)
    assert anchors_beside([new]).keywords == []
