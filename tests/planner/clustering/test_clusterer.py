import json
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igny8_core.planner.clustering import RESOLUTION, Clustering, Term, cluster, cluster_keywords

TOPICS = {
    "tent": ["tent for two people", "two people tent", "tent two people light", "tent for two"],
    "boots": ["hiking boots women", "women hiking boots", "hiking boots for women", "boots hiking"],
    "stove": ["camping gas stove", "gas stove camping", "gas stove for camping", "camping stove"],
    "rope": ["climbing rope length", "rope length climbing", "length of climbing rope"],
}
KEYWORDS = [keyword for keywords in TOPICS.values() for keyword in keywords]

keyword_lists = st.lists(
    st.one_of(
        st.sampled_from(KEYWORDS),
        st.text(max_size=20),
        st.text(alphabet="ab 猫🔥é", max_size=8),
    ),
    max_size=40,
)


def partition(texts: list[str], clustering: Clustering) -> set[frozenset[str]]:
    return {frozenset(texts[index] for index in group.members) for group in clustering.groups}


@given(keyword_lists)
@settings(max_examples=60, deadline=None)
def test_every_keyword_is_in_exactly_one_group(texts):
    groups = cluster_keywords(texts).groups

    assert sorted(index for group in groups for index in group.members) == list(range(len(texts)))
    for group in groups:
        assert group.members[0] == group.head
        assert group.name == texts[group.head]
        assert len(group.similarity) == len(group.members)
        assert all(0 <= similarity <= 1 for similarity in group.similarity)


@given(keyword_lists, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_input_changes_nothing(texts, chance):
    shuffled = random.Random(chance.random()).sample(texts, len(texts))

    before, after = cluster_keywords(texts), cluster_keywords(shuffled)

    assert partition(texts, before) == partition(shuffled, after)
    assert [group.name for group in before.groups] == [group.name for group in after.groups]


def test_keywords_about_one_thing_come_together():
    expected = {frozenset(keywords) for keywords in TOPICS.values()}

    assert partition(KEYWORDS, cluster_keywords(KEYWORDS)) == expected


def test_no_keywords_make_no_groups():
    assert cluster_keywords([]) == Clustering(groups=(), backend="", resolution=RESOLUTION)


@pytest.mark.parametrize(
    "text", ["tent", "x", "🔥", "猫粮", "", "  ", "!!!", "c++", "\u200b", "a" * 255]
)
def test_one_keyword_makes_one_group(text):
    (group,) = cluster_keywords([text]).groups

    assert (group.name, group.head, group.members) == (text, 0, (0,))


def test_the_same_keyword_twice_is_in_one_group():
    (group,) = cluster_keywords(["Gas  Stove", "gas stove", "ＧＡＳ stove"]).groups

    assert sorted(group.members) == [0, 1, 2]


def test_a_group_is_named_by_its_highest_volume_and_ranked_by_volume():
    texts = ["gas stove", "camping gas stove", "gas stove camping", "gas stove for camping"]

    (group,) = cluster_keywords(texts, volumes=[None, 10, 500, 0]).groups

    assert group.name == "gas stove camping"
    assert group.members == (2, 1, 3, 0)


def test_the_group_with_the_most_volume_comes_first():
    volumes = [900 if keyword in TOPICS["rope"] else 5 for keyword in KEYWORDS]

    first = cluster_keywords(KEYWORDS, volumes=volumes).groups[0]

    assert first.name in TOPICS["rope"]


def test_words_that_every_keyword_shares_make_no_giant_cluster():
    texts = [f"lord of the isles {keyword}" for keyword in KEYWORDS]
    expected = {
        frozenset(f"lord of the isles {keyword}" for keyword in keywords)
        for keywords in TOPICS.values()
    }

    assert partition(texts, cluster_keywords(texts)) == expected


def test_keywords_that_differ_in_intent_part():
    things = ["gas stove", "camping gas stove", "small gas stove", "gas stove camping"]
    buying = [f"buy {thing}" for thing in things]
    learning = [f"how to use {thing}" for thing in things]

    groups = partition(buying + learning, cluster_keywords(buying + learning))

    assert not any(group & set(buying) and group & set(learning) for group in groups)


def test_a_topic_of_hundreds_of_keywords_is_cut_into_pages():
    colours = [f"colour{number}" for number in range(20)]
    texts = [f"{form} {colour} tent" for colour in colours for form in ("buy", "cheap", "my", "a")]
    texts += [f"{colour} tent {use}" for colour in colours for use in ("for sea", "for snow")]

    assert max(len(group.members) for group in cluster_keywords(texts).groups) <= 30


def test_what_holds_together_is_cut_where_one_page_ends_unless_the_dial_is_broad():
    texts = [f"{thing} {a}{b}{a}{b}" for thing in TOPICS for a in "bdfgklmnpr" for b in "aeiouyx"]
    chance = np.random.default_rng(1)
    middle = {thing: chance.standard_normal(24) for thing in TOPICS}
    near = {text: middle[text.split()[0]] + chance.standard_normal(24) * 0.3 for text in texts}

    def largest(resolution):
        found = cluster(
            list(map(Term, texts)),
            embed=lambda some: [near[text] for text in some],
            resolution=resolution,
        )
        return max(len(group.members) for group in found.groups)

    assert largest(0.08) <= 45
    assert largest(0.02) == 70


def test_a_finer_resolution_gives_more_groups():
    texts = [f"{keyword} {use}" for keyword in KEYWORDS for use in ("winter", "summer", "kids")]

    broad = cluster_keywords(texts, resolution=0.01).groups
    fine = cluster_keywords(texts, resolution=0.4).groups

    assert len(broad) < len(fine)


@pytest.mark.parametrize("wrong", [{"volumes": [1]}, {"volumes": []}, {"resolution": 0.0}])
def test_wrong_arguments_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).rstrip("s")):
        cluster_keywords(["tent", "rope"], **wrong)


def test_importing_the_clusterer_loads_no_numpy():
    code = "import json, sys, igny8_core.planner.clustering; print(json.dumps(list(sys.modules)))"

    loaded = json.loads(subprocess.run([sys.executable, "-c", code], **_quiet()).stdout)

    assert not {"numpy", "scipy", "graspologic_native", "django"} & set(loaded)


def _quiet() -> dict[str, object]:
    return {
        "check": True,
        "capture_output": True,
        "text": True,
        "env": {"PYTHONPATH": ":".join(sys.path)},
    }
