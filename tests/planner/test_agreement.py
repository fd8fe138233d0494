"""How far two groupings agree, over all and over made-up ones."""

import random

from hypothesis import given
from hypothesis import strategies as st

from igny8_core.planner.agreement import agreement


def test_the_share_of_pairs_that_both_put_together():
    assert agreement(["abc", "de"], ["ab", "cde"]) == 2 / 6
    assert agreement(["ab"], ["ab"]) == 1
    assert agreement(["ab", "cd"], ["ac", "bd"]) == 0


def test_where_no_two_are_together_there_is_nothing_to_agree_on():
    assert agreement(["a", "b"], ["a", "b"]) is None
    assert agreement([], []) is None


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 5), max_size=40))
def test_it_is_what_counting_the_pairs_one_by_one_gives(labels, others):
    number = min(len(labels), len(others))
    labels, others = labels[:number], others[:number]
    pairs = [(i, j) for i in range(number) for j in range(i)]
    one = {(i, j) for i, j in pairs if labels[i] == labels[j]}
    other = {(i, j) for i, j in pairs if others[i] == others[j]}
    expected = len(one & other) / len(one | other) if one | other else None
    assert agreement(grouped(labels), grouped(others)) == expected


def grouped(labels):
    groups = {}
    for thing in random.Random(1).sample(range(len(labels)), len(labels)):
        groups.setdefault(labels[thing], []).append(thing)
    return groups.values()
