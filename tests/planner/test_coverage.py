"""From the groups of an answer to groups that hold every keyword asked about, once."""

import pytest

from igny8_core.planner.coverage import Proposal, cover, unnamed
from igny8_core.planner.joining import Found
from igny8_core.planner.models import Keyword


def keyword(pk, text, **values):
    made = Keyword(pk=pk, **values)
    made.set_text(text)
    return made


def some(*texts):
    return [keyword(pk, text) for pk, text in enumerate(texts, start=1)]


def covered(keywords, *proposals, found=()):
    """Group names with the keywords in them, and how each came there."""
    texts = {one.pk: one.keyword for one in keywords}
    return {
        group.name: {texts[member.keyword_id]: member.assigned_by for member in group.members}
        for group in cover(keywords, proposals, found).groups
    }


def together(*keywords):
    """What the clusterer has put together."""
    return Found(keywords[0].keyword, [(one.pk, 0.5) for one in keywords])


def test_a_name_is_matched_as_it_is_folded_and_by_its_nearest_spelling():
    keywords = some("red shoes", "café map", "cheap flights")
    assert covered(keywords, Proposal("A", ["Red  SHOES", "CAFE\u0301 map", "cheap flihgts"])) == {
        "A": {"red shoes": "ai", "café map": "ai", "cheap flights": "repaired"}
    }


@pytest.mark.parametrize(
    "invented", ["green boots", "iphone 14 case", "shoes", "", "x" * 100_000, "iphone case"]
)
def test_an_invented_name_stands_for_no_keyword_and_is_counted(invented):
    keywords = some("red shoes", "iphone 13 case")
    found = cover(keywords, [Proposal("A", ["red shoes"]), Proposal("B", [invented])])
    assert found.invented == 1
    assert {group.name for group in found.groups} == {"A", "iphone 13 case"}
    assert found.groups[1].members[0].assigned_by == "fallback"


def test_a_name_given_again_stays_in_its_first_group_and_takes_no_other_keyword_along():
    keywords = some("red shoe", "red shoes")
    proposals = [Proposal("A", ["red shoes"]), Proposal("B", ["red shoes"])]
    assert covered(keywords, *proposals, found=[together(*keywords)]) == {
        "A": {"red shoes": "ai", "red shoe": "fallback"}
    }
    assert cover(keywords, proposals).invented == 0


def test_groups_of_one_name_are_one_group():
    keywords = some("a b", "c d")
    assert list(covered(keywords, Proposal("Maps", ["a b"]), Proposal(" MAPS ", ["c d"]))) == [
        "Maps"
    ]


def test_keywords_of_one_text_in_two_countries_are_all_placed():
    keywords = [keyword(1, "maps", country="US"), keyword(2, "Maps", country="GB")]
    found = cover(keywords, [Proposal("A", ["maps"])])
    assert {member.keyword_id for member in found.groups[0].members} == {1, 2}


def test_what_is_forgotten_goes_where_most_of_its_group_is():
    red, blue, flights, rome = keywords = some("red shoes", "blue shoes", "flights", "rome")
    assert covered(
        keywords,
        Proposal("Flights", ["flights"]),
        Proposal("Shoes", ["red shoes"]),
        found=[together(red, blue), together(flights, rome)],
    ) == {
        "Flights": {"flights": "ai", "rome": "fallback"},
        "Shoes": {"red shoes": "ai", "blue shoes": "fallback"},
    }


def test_what_is_forgotten_is_a_cluster_of_its_own_where_most_of_its_group_is_forgotten():
    red, blue, green, flights = keywords = some("red shoes", "blue shoes", "green shoes", "flights")
    proposals = [Proposal("Flights", ["flights", "red shoes"])]
    found = [together(red, blue, green), together(flights)]
    assert covered(keywords, *proposals, found=found) == {
        "Flights": {"flights": "ai", "red shoes": "ai"},
        "blue shoes": {"blue shoes": "fallback", "green shoes": "fallback"},
    }
    assert {one.similarity for one in cover(keywords, proposals, found).groups[1].members} == {0.5}


def test_a_keyword_like_nothing_stays_alone_and_goes_into_no_other_group():
    keywords = some("red shoes", "zzz")
    assert covered(keywords, Proposal("Shoes", ["red shoes"])) == {
        "Shoes": {"red shoes": "ai"},
        "zzz": {"zzz": "fallback"},
    }


def test_an_answer_that_names_one_of_2000_keywords_makes_no_giant_cluster():
    keywords = some(*(f"keyword {n}" for n in range(2_000)))
    found = [together(*keywords[start : start + 20]) for start in range(0, 2_000, 20)]
    groups = cover(keywords, [Proposal("A", ["keyword 0"])], found).groups
    assert max(len(group.members) for group in groups) == 20
    assert sum(len(group.members) for group in groups) == 2_000


def test_how_many_are_forgotten_is_told():
    assert cover(some("red shoes", "a", "b"), [Proposal("A", ["red shoes"])]).forgotten == 2


def test_names_beyond_the_first_thousand_unknown_ones_are_not_looked_at():
    keywords = some("cheap flights", "red shoes")
    names = [f"invented {'x' * (n % 7)} {n}" for n in range(1_000)]
    assert covered(keywords, Proposal("A", ["red shoes", *names[1:], "cheap flihgts"])) == {
        "A": {"red shoes": "ai", "cheap flights": "repaired"}
    }
    late = cover(keywords, [Proposal("A", ["red shoes", *names, "cheap flihgts"])])
    assert (late.invented, late.forgotten) == (1_001, 1)


def test_where_no_keyword_is_named_there_is_no_group():
    assert cover(some("red shoes"), [Proposal("A", ["something else"])]).groups == []


def test_the_unnamed_are_those_that_no_proposal_names():
    keywords = some("red shoes", "blue shoes")
    assert unnamed(keywords, [Proposal("A", ["RED shoes"])]) == keywords[1:]
