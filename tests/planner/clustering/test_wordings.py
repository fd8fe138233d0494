"""Which keywords say the same in another way."""

import pytest

from igny8_core.planner.clustering import wording_of
from igny8_core.planner.clustering.wordings import wordings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("map of the game of thrones", "game of thrones maps"),
        ("a complete map of westeros", "westeros map"),
        ("tents 2026", "tent"),
        ("best tents of 2026", "best tents 2025"),
        ("flights to rome from paris", "flights from paris to rome"),
        ("is it a good tent", "is a good tent it"),
        ("master in finance", "finance masters"),
    ],
)
def test_order_number_and_small_words_make_no_other_wording(one, other):
    assert wording_of(one) == wording_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flights from paris to rome", "flights from rome to paris"),
        ("it jobs", "jobs"),
        ("on running shoes", "running shoes"),
        ("la restaurants", "restaurants"),
        ("mit courses", "courses"),
        ("die cast cars", "cast cars"),
        ("vitamin a deficiency", "vitamin deficiency"),
        ("guide dogs", "dogs"),
        ("buy tents", "tents"),
        ("how to buy tents", "buy tents"),
        ("tent price", "price tent"),
        ("🔥", "👍"),
        ("!!!", "..."),
        ("c++", "c"),
    ],
)
def test_what_says_something_else_is_another_wording(one, other):
    assert wording_of(one) != wording_of(other)


def test_a_question_is_of_the_wording_that_asks_nothing():
    assert wordings(["is it tent", "tent", "tent it is", "buy a tent", "tents"]) == [
        0,
        1,
        0,
        2,
        1,
    ]
