"""Which keywords join the clusters that are there, and which make new ones."""

import pytest

from igny8_core.planner.clustering import LARGEST, Clustering, Group, largest
from igny8_core.planner.joining import Beside, Found, joined
from igny8_core.planner.models import Keyword

#: So many keywords fill a cluster by what is near.
FULL = 30


def some(first, number, cluster=None):
    return [
        Keyword(pk=pk, keyword=f"keyword {pk}", folded=f"keyword {pk}", cluster_id=cluster)
        for pk in range(first, first + number)
    ]


def grouped(*groups, backend="minilm", resolution=0.08):
    """A clustering of keywords by their indices, each with its similarity."""
    found = [
        Group("", min(members), tuple(members), tuple(members.values()), backend=backend)
        for members in groups
    ]
    return Clustering(tuple(found), backend, resolution)


def alike(*indices, near=0.8):
    return dict.fromkeys(indices, near)


def beside(*keywords, more=0):
    """Clusters by the keywords that were asked along, each with so many more."""
    ids = {keyword.cluster_id for keyword in keywords}
    sizes = {pk: sum(one.cluster_id == pk for one in keywords) + more for pk in ids}
    return Beside(keywords, sizes)


def ids_of(found):
    return {one.cluster_id: [pk for pk, _ in one.members] for one in found}


def test_the_limit_grows_where_the_dial_is_broad():
    assert largest(0.08) == largest(0.3) == LARGEST
    assert largest(0.02) == 4 * LARGEST


def test_keywords_join_the_cluster_whose_keywords_are_with_them():
    new, there = some(1, 2), some(10, 3, cluster=7)
    found = joined(grouped(alike(*range(5))), new, beside(*there))
    assert found == [Found("keyword 1", [(1, 0.8), (2, 0.8)], 7)]


def test_one_keyword_of_many_that_a_cluster_has_draws_nothing_into_it():
    new, there = some(1, 2), some(10, 3, cluster=7)
    found = joined(grouped(alike(0, 1, 2), alike(3, 4)), new, beside(*there))
    assert ids_of(found) == {None: [1, 2]}


def test_another_way_to_say_a_keyword_joins_it_however_full_its_cluster_is():
    new, there = some(1, 2), some(10, 3, cluster=7)
    there[0].folded, new[0].folded = "game of stones map", "map of the game of stones"

    found = joined(grouped(alike(*range(5))), new, beside(*there, more=LARGEST))

    assert ids_of(found) == {7: [1], None: [2]}


def test_another_way_to_say_a_keyword_takes_the_room_of_what_is_only_near():
    new, there = some(1, 4), some(10, 2, cluster=7)
    there[0].folded, new[0].folded = "game of stones map", "map of the game of stones"
    group = {0: 0.1, 1: 0.9, 2: 0.8, 3: 0.7} | alike(4, 5)

    some_room = joined(grouped(group), new, beside(*there, more=FULL - 4))
    too_full = joined(grouped(group), new, beside(*there, more=FULL - 2))

    assert ids_of(some_room) == {7: [1, 2], None: [3, 4]}
    assert ids_of(too_full) == {7: [1], None: [2, 3, 4]}


def test_a_keyword_joins_the_cluster_that_says_the_same_rather_than_the_one_that_is_near():
    new, there = some(1, 1), [*some(10, 3, cluster=7), *some(20, 2, cluster=8)]
    there[3].folded, new[0].folded = "game of stones map", "map of the game of stones"

    found = joined(grouped(alike(*range(6))), new, beside(*there))

    assert ids_of(found) == {8: [1]}


def test_how_near_is_near_enough_goes_by_all_anchors():
    new, there = some(1, 2), some(10, 2, cluster=7)
    found = joined(grouped({0: 0.5, 1: 0.4, 2: 0.9, 3: 0.5}), new, beside(*there))
    assert ids_of(found) == {7: [1], None: [2]}


def test_half_of_a_cluster_is_where_it_is():
    new, there = some(1, 1), some(10, 4, cluster=7)
    found = joined(grouped(alike(0, 1, 2), alike(3, 4)), new, beside(*there))
    assert ids_of(found) == {7: [1]}


def test_what_is_far_less_typical_than_the_cluster_s_own_makes_a_cluster():
    new, there = some(1, 3), some(10, 2, cluster=7)
    group = {0: 0.6, 1: 0.5, 2: 0.9} | alike(3, 4)
    found = joined(grouped(group), new, beside(*there))
    assert ids_of(found) == {7: [1, 3], None: [2]}


def test_a_cluster_takes_the_most_typical_while_it_has_room():
    new, there = some(1, 3), some(10, 2, cluster=7)
    group = {0: 0.7, 1: 0.9, 2: 0.8} | alike(3, 4)
    found = joined(grouped(group), new, beside(*there, more=FULL - 4))
    assert found == [
        Found("keyword 2", [(2, 0.9), (3, 0.8)], 7),
        Found("keyword 1", [(1, 0.7)], None),
    ]


def test_room_is_used_up_over_all_groups():
    new, there = some(1, 4), some(10, 2, cluster=7)
    groups = grouped(alike(0, 1, 4), alike(2, 3, 5))
    found = joined(groups, new, beside(*there, more=FULL - 5))
    assert [len(one.members) for one in found if one.cluster_id == 7] == [2, 1]


def test_a_full_cluster_takes_nothing_and_its_neighbour_does():
    new = some(1, 2)
    full, other = some(10, 3, cluster=7), some(20, 2, cluster=8)
    ground = Beside([*full, *other], {7: 2 * LARGEST, 8: 2})
    assert ids_of(joined(grouped(alike(*range(7))), new, ground)) == {8: [1, 2]}


def test_common_addresses_are_reason_enough_however_many_have_them():
    new, there = some(1, 3), some(10, 2, cluster=7)
    group = {0: 0.1, 1: 0.1, 2: 0.1} | alike(3, 4)
    found = joined(grouped(group, backend="serp"), new, beside(*there, more=LARGEST))
    assert ids_of(found) == {7: [1, 2, 3]}


def test_a_broader_dial_makes_more_room():
    new, there = some(1, 1), some(10, 2, cluster=7)
    ground = beside(*there, more=LARGEST)
    assert ids_of(joined(grouped(alike(0, 1, 2)), new, ground)) == {None: [1]}
    broad = grouped(alike(0, 1, 2), resolution=0.02)
    assert ids_of(joined(broad, new, ground)) == {7: [1]}


@pytest.mark.parametrize("clusters", [(7, 8), (8, 7)])
def test_of_equals_the_older_cluster_comes_first(clusters):
    new = some(1, 1)
    there = [one for pk in clusters for one in some(10 * pk, 2, cluster=pk)]
    assert ids_of(joined(grouped(alike(*range(5))), new, beside(*there))) == {7: [1]}
