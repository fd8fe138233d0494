"""Groups by the addresses that searches have in common."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igny8_core.planner.clustering import SerpRule, Term, cluster
from igny8_core.planner.clustering.serp import _overlaps


def pages(*numbers):
    return tuple(f"https://www.site{number}.example/page/" for number in numbers)


def partition(terms, found):
    return {frozenset(terms[index].text for index in group.members) for group in found.groups}


CHAIN = [
    Term("a", 900, serp_urls=pages(*range(10))),
    Term("b", 50, serp_urls=pages(*range(6, 16))),
    Term("c", 10, serp_urls=pages(*range(12, 22))),
    Term("d", 5, serp_urls=pages(*range(19, 29))),
]


def test_a_chain_of_pairs_is_one_soft_group():
    found = cluster(CHAIN, serp=SerpRule())

    assert partition(CHAIN, found) == {frozenset("abc"), frozenset("d")}
    assert (found.backend, found.why) == ("serp", ())


def test_a_chain_without_end_is_no_group():
    links = [Term(f"link {n:03}", serp_urls=pages(*range(n, n + 10))) for n in range(200)]

    sizes = [len(group.members) for group in cluster(links, serp=SerpRule()).groups]

    assert sum(sizes) == 200
    assert max(sizes) == 7


def test_a_chain_that_fits_a_page_stays_one_group():
    links = [Term(f"link {n:03}", serp_urls=pages(*range(n, n + 10))) for n in range(45)]

    assert len(cluster(links, serp=SerpRule()).groups) == 1


def test_in_a_hard_group_every_pair_overlaps():
    found = cluster(CHAIN, serp=SerpRule(hard=True))

    assert partition(CHAIN, found) == {frozenset("ab"), frozenset("c"), frozenset("d")}


def test_the_share_that_is_asked_for_can_be_set():
    assert len(cluster(CHAIN, serp=SerpRule(overlap=0.3)).groups) == 1
    assert len(cluster(CHAIN, serp=SerpRule(overlap=0.5)).groups) == 4


@pytest.mark.parametrize("overlap", [0, -0.1, 1.1])
def test_a_share_that_cannot_be_is_refused(overlap):
    with pytest.raises(ValueError, match="overlap"):
        SerpRule(overlap=overlap)


def test_the_similarity_is_the_mean_share_with_the_others():
    (group, _) = cluster(CHAIN, serp=SerpRule()).groups

    assert group.similarity == (0.2, 0.4, 0.2)
    assert group.cohesion == pytest.approx(0.2667, abs=1e-4)


def test_only_the_first_ten_count_and_each_once():
    one = Term("one", serp_urls=(*pages(*range(10)), *pages(50, 51, 52, 53)))
    other = Term("other", serp_urls=pages(*range(50, 60)))
    twice = Term("twice", serp_urls=pages(1, 1, 1, 1, 70, 71, 72, 73, 74, 75))

    assert len(cluster([one, other, twice], serp=SerpRule()).groups) == 3


def test_scheme_www_fragment_and_last_slash_make_no_other_page():
    one = Term("one", serp_urls=("https://www.Site.example/a/", "http://site.example/b"))
    other = Term("other", serp_urls=("http://site.example/a#top", "site.example/b/"))
    another = Term("another", serp_urls=("https://site.example/A", "https://site.example/b?page=2"))

    found = cluster([one, other, another], serp=SerpRule())

    assert partition([one, other, another], found) == {
        frozenset({"one", "other"}),
        frozenset({"another"}),
    }


@pytest.mark.parametrize(
    ("some", "more", "is_one"),
    [
        ("?utm_source=x&UTM_Medium=y", "", True),
        ("/?gclid=1#top", "?fbclid=2&msclkid=3", True),
        ("?srsltid=AfmBOoq1", "?srsltid=AfmBOor2", True),
        ("?p=12&utm_source=x", "?srsltid=1&p=12", True),
        ("?color=red&id=4", "?id=4&color=red", True),
        ("/?id=4", "?id=4&", True),
        ("?p=12", "?p=13", False),
        ("?id=4", "", False),
        ("?clid=4", "", False),
        ("?ref=v2", "?ref=v1", False),
        ("?q=/", "?q=", False),
    ],
)
def test_tracking_makes_no_other_page_and_what_chooses_one_does(some, more, is_one):
    terms = [
        Term("one", serp_urls=[f"https://shop.example/a{some}"]),
        Term("other", serp_urls=[f"https://shop.example/a{more}"]),
    ]

    assert (len(cluster(terms, serp=SerpRule()).groups) == 1) == is_one


def test_a_home_page_with_and_without_its_slash_is_one():
    terms = [
        Term("one", serp_urls=["https://Shop.example?utm_source=x"]),
        Term("other", serp_urls=["https://shop.example/"]),
    ]

    assert len(cluster(terms, serp=SerpRule()).groups) == 1


def test_addresses_that_are_blank_are_none():
    terms = [Term("one", serp_urls=("", " ")), Term("other", serp_urls=("",)), CHAIN[0]]

    assert len(cluster(terms, serp=SerpRule()).groups) == 3


def test_what_brings_no_addresses_is_grouped_by_its_words():
    words = [Term("gas stove"), Term("camping gas stove"), Term("gas stove camping")]

    found = cluster([*CHAIN, *words], serp=SerpRule())

    assert found.backend == "serp+tfidf"
    assert found.why[0] == "3 of 7 keywords bring no addresses; by words instead."
    assert frozenset(term.text for term in words) in partition([*CHAIN, *words], found)


def test_addresses_are_left_alone_where_nobody_asks_for_them():
    assert cluster(CHAIN).backend == "tfidf"


results = st.lists(
    st.lists(st.integers(0, 14), min_size=1, max_size=10, unique=True), min_size=1, max_size=25
)


@given(results, st.sampled_from([0.1, 0.25, 0.4, 0.5, 0.7, 1.0]))
@settings(max_examples=100, deadline=None)
def test_the_overlaps_are_those_that_counting_every_pair_finds(numbers, least):
    found = _overlaps([[str(number) for number in some] for some in numbers], least).toarray()

    for one, some in enumerate(numbers):
        for other, more in enumerate(numbers):
            share = len({*some} & {*more}) / max(len(some), len(more))
            expected = share if one != other and share >= least - 1e-9 else 0
            assert np.isclose(found[one, other], expected)


@given(results, st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_input_changes_nothing(numbers, hard, chance):
    terms = [Term(f"keyword {n}", n % 4, serp_urls=pages(*some)) for n, some in enumerate(numbers)]
    shuffled = random.Random(chance.random()).sample(terms, len(terms))
    rule = SerpRule(hard=hard)

    before, after = cluster(terms, serp=rule), cluster(shuffled, serp=rule)

    assert partition(terms, before) == partition(shuffled, after)
    assert [group.similarity for group in before.groups] == [
        group.similarity for group in after.groups
    ]


@given(results)
@settings(max_examples=60, deadline=None)
def test_every_pair_of_every_hard_group_overlaps(numbers):
    terms = [Term(f"keyword {n}", serp_urls=pages(*some)) for n, some in enumerate(numbers)]

    for group in cluster(terms, serp=SerpRule(hard=True)).groups:
        for one in group.members:
            for other in group.members:
                most = max(len(numbers[one]), len(numbers[other]))
                assert len({*numbers[one]} & {*numbers[other]}) / most >= 0.4 - 1e-9
