"""How groups are cut: by the dial, by what is wanted, by size."""

import numpy as np

from igny8_core.planner.clustering.communities import Nodes, _by_wants, communities
from igny8_core.planner.clustering.intents import ANYTHING
from igny8_core.planner.clustering.terms import LARGEST, RESOLUTION
from igny8_core.planner.clustering.vectors import unit


def topics(count, of_each, spread=0.6, seed=1):
    """Rows around centres, topic by topic."""
    chance = np.random.default_rng(seed)
    middles = np.repeat(unit(chance.standard_normal((count, 30))), of_each, axis=0)
    return unit(middles + spread * unit(chance.standard_normal(middles.shape)))


def nodes(vectors, sizes=None, wants=None):
    nothing = np.zeros(len(vectors), int)
    return Nodes(
        vectors,
        nothing + 1 if sizes is None else sizes,
        nothing if wants is None else wants,
        [frozenset()] * len(vectors),
    )


def keywords_by_group(labels, sizes):
    return np.bincount(labels, sizes)


def test_groups_are_cut_by_their_keywords_not_by_their_wordings():
    vectors, sizes = topics(4, 40), np.full(160, 3)

    labels = communities(nodes(vectors, sizes), RESOLUTION)

    assert keywords_by_group(labels, sizes).max() <= LARGEST


def test_a_wording_larger_than_a_group_keeps_the_few_that_are_with_it():
    vectors, sizes = topics(3, 8, spread=0.3), np.ones(24, int)
    sizes[0] = 2 * LARGEST

    labels = communities(nodes(vectors, sizes), RESOLUTION)

    assert len(set(labels[:8])) == 1


def test_one_page_in_thousands_of_spellings_changes_no_other_group():
    vectors, sizes = topics(20, 10, spread=0.9), np.ones(200, int)
    before = communities(nodes(vectors, sizes), RESOLUTION)
    sizes[0] = 3_000

    after = communities(nodes(vectors, sizes), RESOLUTION)

    assert abs(len(set(after)) - len(set(before))) <= 0.1 * len(set(before))


def test_the_dial_counts_the_ways_in_which_wordings_are_written():
    vectors = topics(30, 8, spread=1.5)

    one, four = (len(set(communities(nodes(vectors, np.full(240, size)), 0.08))) for size in (1, 4))

    assert four > 1.3 * one


def test_models_that_are_held_together_by_what_names_none_are_parted():
    names = [frozenset(["13"])] * 3 + [frozenset(["14"])] * 3 + [frozenset[str]()] * 6
    some = nodes(topics(2, 12, spread=0.2))._replace(names=[*names, *names])

    labels = communities(some, RESOLUTION)

    assert len(set(labels[:3])) == len(set(labels[3:6])) == 1
    assert labels[0] != labels[3]


def test_what_wants_anything_goes_with_the_most_keywords():
    labels, wants = np.zeros(4, int), np.array([0, 0, 2, ANYTHING])

    few = _by_wants(labels, nodes(np.zeros((4, 1)), np.array([1, 1, 1, 1]), wants))
    many = _by_wants(labels, nodes(np.zeros((4, 1)), np.array([1, 1, 5, 1]), wants))

    assert few.tolist() == [0, 0, 1, 0]
    assert many.tolist() == [0, 0, 1, 1]


def test_what_only_wants_anything_stays_together():
    labels, wants = np.array([0, 0, 1]), np.array([ANYTHING, ANYTHING, 3])

    assert _by_wants(labels, nodes(np.zeros((3, 1)), wants=wants)).tolist() == [0, 0, 1]
