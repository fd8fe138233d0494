"""Keywords that are dealt with together, and the groups they are in."""

import pytest

from igny8_core.planner.batches import Batch, as_found, bounded, compared, packed
from igny8_core.planner.grouping import GroupToSave, Member
from igny8_core.planner.joining import Found
from igny8_core.planner.models import Keyword


def found(name, *ids):
    return Found(name, [(pk, 0.5) for pk in ids])


def a_batch(ids, *groups):
    return Batch([Keyword(pk=pk, keyword=f"keyword {pk}") for pk in ids], groups)


def ids_of(groups):
    return [[pk for pk, _ in one.members] for one in groups]


def test_a_group_that_is_too_large_is_cut_and_keeps_its_name():
    parts = list(bounded([found("a", 1, 2, 3, 4, 5), found("b", 6)], 2))
    assert [one.name for one in parts] == ["a", "a", "a", "b"]
    assert ids_of(parts) == [[1, 2], [3, 4], [5], [6]]


@pytest.mark.parametrize(
    ("most", "packs"),
    [(1, ["a", "b", "c"]), (3, ["ab", "c"]), (4, ["ab", "c"]), (5, ["abc"])],
)
def test_neighbouring_groups_are_packed_up_to_so_many_keywords(most, packs):
    groups = [found("a", 1), found("b", 2, 3), found("c", 4, 5)]
    assert ["".join(one.name for one in pack) for pack in packed(groups, most)] == packs


def test_a_part_of_a_batch_has_the_keywords_of_its_groups_in_their_order():
    batch = a_batch([1, 2, 3], found("a", 3, 1), found("b", 2))
    part = batch.part(batch.groups[:1])
    assert [one.pk for one in part.keywords] == [3, 1]
    assert part.groups == batch.groups[:1]


def test_what_was_deleted_meanwhile_is_in_no_group():
    batch = a_batch([1, 3], found("a", 1, 2), found("b", 4))
    assert batch.present == [found("a", 1)]


def test_a_group_that_is_cut_or_thinned_out_joins_its_cluster_all_the_same():
    joining = Found("a", [(1, 0.5), (2, 0.5)], 7)
    assert {one.cluster_id for one in bounded([joining], 1)} == {7}
    assert a_batch([1], joining).present == [Found("a", [(1, 0.5)], 7)]
    assert as_found([joining])[0].cluster_id == 7


def test_the_clusterer_s_groups_are_saved_with_what_it_measured():
    assert as_found([found("a", 1)]) == [GroupToSave("a", [Member(1, "offline", 0.5)])]


def test_a_model_s_groups_are_compared_with_the_clusterer_s():
    batch = Batch([], [found("a", 1, 2), found("b", 3)], told="Grouped by serp.")
    groups = [GroupToSave("x", [Member(1, "ai"), Member(2, "ai"), Member(3, "ai")])]
    assert compared(groups, batch) == (
        " Of the pairs that it or the clusterer put together, 33% are the same."
        " The clusterer grouped by serp."
    )
    alone = Batch([], [found("a", 1)], told="Grouped by serp.")
    assert compared([], alone) == " The clusterer grouped by serp."
