"""Keywords that are added later: they join what is there, and no cluster outgrows its page."""

import random
from collections import Counter

import pytest

from igny8_core.planner.clustering import LARGEST
from igny8_core.planner.clusters import change_cluster
from igny8_core.planner.models import Cluster, Keyword
from tests.ai.runs import a_cluster, ended, some_keywords

TOPICS = ("running shoes", "garden hose", "pizza dough", "tax form", "piano lesson")
KINDS = ("red", "cheap", "best", "small", "used", "new", "french", "simple", "long", "fast")
PLACES = ("london", "paris", "rome", "oslo", "lima", "bern", "cairo", "delhi", "tokyo", "quito")


@pytest.fixture(autouse=True)
def _by_words(settings):
    settings.IGNY8_EMBEDDING_MODEL = "none"


@pytest.fixture
def export():
    """A made-up export of 500 keywords, in no order."""
    texts = [f"{kind} {topic} {place}" for topic in TOPICS for kind in KINDS for place in PLACES]
    random.Random(5).shuffle(texts)
    return texts


def add(account, texts, **payload):
    """Add keywords and have them clustered offline; where each keyword of the site is then."""
    run = ended("auto_cluster", some_keywords(account, *texts), mode="offline", **payload)
    assert run.state == "SUCCESS", run.error
    rows = Keyword.objects.for_account(account).values_list("keyword", "cluster")
    return dict(rows)


def test_an_export_added_in_ten_parts_makes_clusters_as_large_as_pages(account, export):
    place: dict[str, int] = {}
    for start in range(0, 500, 50):
        before, place = place, add(account, export[start : start + 50])
        assert {text: place[text] for text in before} == before
    sizes = Counter(place.values())
    assert max(sizes.values()) <= LARGEST
    assert sum(size for size in sizes.values() if size >= 3) >= 0.9 * len(place)
    assert len(sizes) <= 100
    topics = {text: next(topic for topic in TOPICS if topic in text) for text in place}
    of_cluster = Counter((cluster, topics[text]) for text, cluster in place.items())
    largest_share = dict.fromkeys(sizes, 0)
    for (cluster, _), number in of_cluster.items():
        largest_share[cluster] = max(largest_share[cluster], number)
    assert sum(largest_share.values()) >= 0.95 * len(place)


def test_a_locked_cluster_is_added_to_and_keeps_what_it_has(account):
    shoes = [f"{kind} running shoes" for kind in KINDS[:6]]
    flights = [f"flights to {place}" for place in PLACES]
    locked = a_cluster(account, "Footwear", *shoes[:4])
    change_cluster(locked, name="Footwear")
    place = add(account, [*shoes[4:], *flights])
    assert {text for text, cluster in place.items() if cluster == locked.pk} == set(shoes)


def test_a_full_cluster_is_left_as_it_is_and_the_new_ones_make_their_own(account):
    full = [f"{kind} running shoes {place}" for kind in KINDS for place in PLACES][:LARGEST]
    cluster = a_cluster(account, "Footwear", *full, locked=True)
    new = [f"{kind} running shoes {place}" for kind in KINDS[-2:] for place in PLACES]
    place = add(account, new)
    assert cluster.pk not in {place[text] for text in new}
    assert Counter(place.values())[cluster.pk] == LARGEST


def test_what_is_there_moves_only_where_it_is_asked_for_again(account):
    texts = [f"{kind} running shoes" for kind in KINDS[:4]]
    hoses = ["old garden hose", "long garden hose", "red garden hose"]
    wrong = a_cluster(account, "Odds", texts[0], *hoses)
    place = add(account, texts[1:])
    assert place[texts[0]] == wrong.pk != place[texts[1]]
    made = list(Keyword.objects.for_account(account))
    ended("auto_cluster", made, mode="offline", again=True)
    place = dict(Keyword.objects.for_account(account).values_list("keyword", "cluster"))
    assert place[texts[0]] == place[texts[1]] != place["old garden hose"]


def test_every_cluster_that_is_made_bears_the_name_of_its_head(account, export):
    add(account, export[:100])
    made = Cluster.objects.for_account(account)
    assert [one.name for one in made] == [one.head_keyword for one in made]
    heads = Keyword.objects.for_account(account).values_list("cluster", "keyword")
    assert {(one.pk, one.head_keyword) for one in made} <= set(heads)
