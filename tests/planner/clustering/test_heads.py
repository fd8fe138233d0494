"""A cluster's head and intent: one rule, for what is grouped and for what is stored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igny8_core.planner.clustering import Counted, Term, head_of, intent_of
from igny8_core.planner.clustering.summaries import Labelled, groups_of


@pytest.mark.parametrize(
    ("members", "head"),
    [
        ([("b", 5, 0.1), ("a", 4, 0.9)], "b"),
        ([("b", 5, 0.1), ("a", 5, 0.9)], "a"),
        ([("b", 5, 0.9), ("a", 5, 0.9)], "a"),
        ([("b", 5, 0.90001), ("a", 5, 0.9)], "a"),
        ([("b", None, 0.9), ("a", 0, 0.1)], "a"),
        ([("b", None, 0.9), ("a", None, None)], "b"),
    ],
)
def test_the_head_has_most_volume_then_is_most_typical_then_comes_first(members, head):
    assert head_of([Counted(*one, None) for one in members]) == head


@pytest.mark.parametrize(
    ("members", "intent"),
    [
        ([("shoes", 9, ""), ("buy shoes", 9, None), ("shoe", 2, "commercial")], "transactional"),
        ([("shoes", None, "informational"), ("shoe", 0, ""), ("boot", 0, "")], ""),
        ([("shoes", 50, ""), ("buy shoes", 9, "")], ""),
        ([("what is a shoe", 5, ""), ("buy shoes", 5, "")], "transactional"),
        ([("buy shoes", None, ""), ("shoe", 2, "informational")], "informational"),
        ([], ""),
    ],
)
def test_the_intent_is_the_one_that_most_searches_have(members, intent):
    assert intent_of([Counted(text, volume, None, said) for text, volume, said in members]) == (
        intent
    )


keywords = st.tuples(
    st.sampled_from(["shoes", "buy shoes", "shoe sizes", "what is a shoe", "best shoes"]),
    st.sampled_from([None, 0, 1, 5, 90]),
    st.sampled_from(["", "commercial", "informational"]),
    st.sampled_from([0.5, 0.5 + 1e-7, 0.50004, 0.50006, 0.9, 1.0 + 1e-7, -1e-7]),
)


@given(st.lists(keywords, min_size=1, max_size=6, unique_by=lambda one: one[0]))
@settings(max_examples=200, deadline=None)
def test_what_is_stored_of_a_group_has_the_head_and_intent_that_the_group_had(some):
    terms = [Term(text, volume, intent=said) for text, volume, said, _ in some]
    (group,) = groups_of(terms, [Labelled("tfidf", 0, nearness) for *_, nearness in some])

    stored = [
        Counted(terms[index].text, terms[index].volume, similarity, terms[index].intent or None)
        for index, similarity in zip(group.members, group.similarity, strict=True)
    ]

    assert (head_of(stored), intent_of(stored)) == (group.name, group.intent)
