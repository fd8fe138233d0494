"""From the groups of an answer to groups that hold every keyword asked about, once."""

import pytest

from igny8_core.planner.coverage import Proposal, cover, unnamed
from igny8_core.planner.models import Keyword


def keyword(pk, text, **values):
    made = Keyword(pk=pk, **values)
    made.set_text(text)
    return made


def some(*texts):
    return [keyword(pk, text) for pk, text in enumerate(texts, start=1)]


def covered(keywords, *proposals):
    """Group names with the keywords in them, and how each came there."""
    texts = {one.pk: one.keyword for one in keywords}
    return {
        group.name: {texts[member.keyword_id]: member.assigned_by for member in group.members}
        for group in cover(keywords, proposals).groups
    }


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
    assert [group.name for group in found.groups] == ["A"]


def test_a_name_given_again_stays_in_its_first_group_and_takes_no_other_keyword_along():
    keywords = some("red shoe", "red shoes")
    found = cover(keywords, [Proposal("A", ["red shoes"]), Proposal("B", ["red shoes"])])
    assert [group.name for group in found.groups] == ["A"]
    assert found.invented == 0
    assert {member.assigned_by for member in found.groups[0].members} == {"ai", "fallback"}


def test_groups_of_one_name_are_one_group():
    keywords = some("a b", "c d")
    assert list(covered(keywords, Proposal("Maps", ["a b"]), Proposal(" MAPS ", ["c d"]))) == [
        "Maps"
    ]


def test_keywords_of_one_text_in_two_countries_are_all_placed():
    keywords = [keyword(1, "maps", country="US"), keyword(2, "Maps", country="GB")]
    found = cover(keywords, [Proposal("A", ["maps"])])
    assert {member.keyword_id for member in found.groups[0].members} == {1, 2}


def test_what_no_group_names_goes_to_the_group_it_is_most_like():
    keywords = some("red shoes", "cheap flights", "blue shoes")
    assert covered(
        keywords, Proposal("Shoes", ["red shoes"]), Proposal("Flights", ["cheap flights"])
    ) == {
        "Shoes": {"red shoes": "ai", "blue shoes": "fallback"},
        "Flights": {"cheap flights": "ai"},
    }


def test_where_no_keyword_is_named_there_is_no_group():
    assert cover(some("red shoes"), [Proposal("A", ["something else"])]).groups == []


def test_the_unnamed_are_those_that_no_proposal_names():
    keywords = some("red shoes", "blue shoes")
    assert unnamed(keywords, [Proposal("A", ["RED shoes"])]) == keywords[1:]
