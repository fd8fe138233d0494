"""What is told of each group, what parts keywords, and the dial."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igny8_core.planner.clustering import LARGEST, Term, cluster
from igny8_core.planner.clustering.summaries import Labelled, groups_of
from igny8_core.planner.clustering.weights import packaged

STOVES = ["gas stove", "camping gas stove", "gas stove camping", "gas stove for camping"]

with_and_without_model = pytest.mark.parametrize(
    "model", [None, pytest.param("packaged", marks=pytest.mark.weights)]
)


def grouped(terms, model, **options):
    return cluster(terms, model=packaged() if model else None, **options)


def partition(terms, found):
    return {frozenset(terms[index].text for index in group.members) for group in found.groups}


def one_group(*terms):
    (group,) = cluster(terms).groups
    return group


def test_a_group_tells_its_volume_and_mean_difficulty():
    group = one_group(
        Term(STOVES[0], 100, 20), Term(STOVES[1], 30, 41), Term(STOVES[2]), Term(STOVES[3], 0)
    )

    assert (group.volume, group.difficulty) == (130, 30.5)


def test_what_nobody_knows_is_not_guessed():
    group = one_group(*map(Term, STOVES))

    assert (group.volume, group.difficulty, group.intent) == (None, None, "")
    assert not group.intent_inferred


def test_cohesion_is_the_mean_similarity():
    group = one_group(*map(Term, STOVES))

    assert group.cohesion == pytest.approx(sum(group.similarity) / 4, abs=1e-4)
    assert 0.4 < group.cohesion < 1


def test_the_intent_is_that_of_most_searches():
    said = [Term(STOVES[0], 10, intent="commercial"), Term(STOVES[1], 500, intent="informational")]

    group = one_group(*said, Term(STOVES[2], 5, intent="commercial"))

    assert (group.intent, group.intent_inferred) == ("informational", False)


def test_an_intent_that_no_file_says_is_read_from_the_words_and_marked():
    group = one_group(
        Term("cheap gas stove", 90), Term("cheap camping gas stove"), Term("gas stove")
    )

    assert (group.intent, group.intent_inferred) == ("transactional", True)


def test_one_marked_keyword_does_not_speak_for_a_group():
    terms = [*map(Term, STOVES), Term("best gas stove")]

    (group,) = groups_of(terms, [Labelled("tfidf", 0, 0.8)] * 5)

    assert (group.intent, group.intent_inferred) == ("", False)


@with_and_without_model
@pytest.mark.parametrize(
    "wish",
    ["buy {}", "{} price", "{} for sale", "how to use {}", "{} near me", "{} vs wood", "{} login"],
)
def test_a_keyword_that_says_what_it_wants_is_not_with_those_that_do_not(wish, model):
    marked = [wish.format(stove) for stove in STOVES]
    terms = list(map(Term, [*marked, *STOVES]))

    groups = partition(terms, grouped(terms, model))

    assert groups == {frozenset(marked), frozenset(STOVES)}


@with_and_without_model
def test_keywords_that_want_different_things_are_never_in_one_group(model):
    wishes = ["buy {}", "how to use {}", "{} near me", "{} vs electric stove", "{} login", "{}"]
    kind = {wish.format(stove): wish for wish in wishes for stove in STOVES}
    terms = list(map(Term, kind))

    groups = partition(terms, grouped(terms, model))

    assert all(len({kind[text] for text in group}) == 1 for group in groups)
    assert len(groups) <= 2 * len(wishes)


@pytest.mark.weights
def test_what_wants_the_same_stays_together():
    buying = ["buy running shoes", "running shoes price", "running shoes for sale"]
    terms = list(map(Term, [*buying, "running shoes", "shoes for running", "best running shoes"]))

    assert frozenset(buying) in partition(terms, grouped(terms, "packaged"))


@pytest.mark.weights
def test_a_question_may_be_with_what_it_asks_about():
    asked = ["what is a heat pump", "heat pump", "heat pumps", "how to clean a heat pump"]
    terms = list(map(Term, asked))

    assert partition(terms, grouped(terms, "packaged")) == {
        frozenset(asked[:3]),
        frozenset(asked[3:]),
    }


FORMS_OF_ONE = ["{} map", "map of {}", "{} maps", "the map of {}", "a map for the {}", "map {}"]


@with_and_without_model
def test_one_page_is_not_torn_between_the_ways_to_write_it(model):
    places = ["black harbour", "red island", "old forest", "lost city", "grey river", "high tower"]
    terms = [
        Term(form.format(f"lord of storms {place}{more}").strip())
        for place in places
        for more in ("", " castle", " road", " king", " battle", " house")
        for form in FORMS_OF_ONE
    ]

    groups = partition(terms, grouped(terms, model))

    for start in range(0, len(terms), len(FORMS_OF_ONE)):
        one_page = {term.text for term in terms[start : start + len(FORMS_OF_ONE)]}
        assert any(one_page <= group for group in groups)


def test_more_ways_to_write_one_page_than_a_group_holds_stay_together():
    fillers = ["the", "of the", "for the", "with the", "in the", "and the", "at the", "by the"]
    ways = [f"{one} sea {other} map" for one in fillers for other in fillers]

    groups = partition(list(map(Term, ways)), cluster(list(map(Term, ways))))

    assert len(ways) > LARGEST
    assert groups == {frozenset(ways)}


PLACES = ["winterfell", "the wall", "essos", "westeros", "kings landing", "dorne", "iron islands"]
FORMS = ["{} map", "map of {}", "{} map poster", "where is {} on the map", "{} location map"]


@with_and_without_model
def test_a_brand_that_every_keyword_shares_makes_no_giant_cluster(model):
    terms = [Term(f"game of stones {form.format(place)}") for place in PLACES for form in FORMS]

    found = grouped(terms, model)

    assert max(len(group.members) for group in found.groups) <= 12
    assert len(found.groups) >= 4


@pytest.mark.weights
def test_the_model_finds_what_means_the_same_in_other_words():
    flights = [
        "cheap flights to paris",
        "low cost airfare paris",
        "inexpensive plane tickets paris",
    ]
    boilers = ["boiler repair", "fix central heating", "heating engineer for broken boiler"]
    terms = list(map(Term, flights + boilers))

    assert partition(terms, grouped(terms, "packaged")) == {frozenset(flights), frozenset(boilers)}
    assert len(cluster(terms).groups) > 2


@with_and_without_model
def test_the_dial_goes_from_broad_to_fine(model):
    things = ["tent", "stove", "boots", "rope", "lamp", "knife", "map", "bottle"]
    uses = ["for winter", "for kids", "for hiking", "review", "size guide", "made of steel"]
    makes = ["light", "small", "red", "cheap", "old"]
    terms = [Term(f"{make} {thing} {use}") for thing in things for use in uses for make in makes]

    counts = [len(grouped(terms, model, resolution=dial).groups) for dial in (0.02, 0.08, 0.3)]

    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_the_dial_is_told_with_the_answer():
    assert cluster([Term("tent")], resolution=0.3).resolution == 0.3
    with pytest.raises(ValueError, match="resolution"):
        cluster([Term("tent")], resolution=0)


def test_no_group_is_beyond_one_page_however_alike_its_keywords_are():
    terms = [Term(f"tent number {number}") for number in range(400)]

    assert max(len(group.members) for group in cluster(terms).groups) <= 45


texts = st.lists(
    st.one_of(
        st.sampled_from([*STOVES, "Gas  STOVE", "buy gas stove", "how to use a gas stove"]),
        st.text(max_size=12),
        st.text(alphabet="ab 猫é", max_size=8),
    ),
    max_size=30,
)


@given(texts, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_input_changes_nothing_that_is_told(some, chance):
    terms = [Term(text, len(text), len(text) * 2.0, serp_urls=()) for text in some]
    shuffled = random.Random(chance.random()).sample(terms, len(terms))

    def told(terms):
        return [
            (group.name, group.intent, group.volume, group.difficulty, group.cohesion)
            for group in cluster(terms).groups
        ]

    assert told(terms) == told(shuffled)


@pytest.mark.weights
@given(st.permutations(sorted({*STOVES, *(f"{place} map" for place in PLACES), "buy a map", "猫"})))
@settings(max_examples=10, deadline=None)
def test_with_the_model_too_the_order_changes_nothing(some):
    terms = list(map(Term, some))
    in_order = sorted(terms, key=lambda term: term.text)

    assert partition(terms, grouped(terms, "packaged")) == partition(
        in_order, grouped(in_order, "packaged")
    )
