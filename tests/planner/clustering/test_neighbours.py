import numpy as np
import pytest

from igny8_core.planner.clustering import cores, neighbours
from igny8_core.planner.clustering.neighbours import NEIGHBOURS, approximate, exact, nearest
from igny8_core.planner.clustering.vectors import unit


def rows(count, topics, seed=1):
    """Points around so many middles, as keywords lie around topics."""
    chance = np.random.default_rng(seed)
    middles = chance.standard_normal((topics, 24))
    noise = chance.standard_normal((count, 24)) * 0.5
    return unit((middles[chance.integers(0, topics, count)] + noise).astype(np.float32))


def everyones(vectors, step=1):
    """The nearest of every so many."""
    similarity = vectors[::step] @ vectors.T
    similarity[np.arange(len(similarity)), np.arange(0, len(vectors), step)] = -2
    return np.argsort(-similarity, axis=1)[:, :NEIGHBOURS]


def recall(found, truth):
    shared = [
        len({*one} & {*other}) for one, other in zip(found.tolist(), truth.tolist(), strict=True)
    ]
    return sum(shared) / truth.size


@pytest.mark.parametrize("count", [NEIGHBOURS + 1, 200, 3_000])
def test_few_are_compared_each_with_each(count):
    vectors = rows(count, 20)
    truth = everyones(vectors)
    alike = np.take_along_axis(vectors @ vectors.T, truth, axis=1) > 0

    found = nearest(vectors)

    for wanted, is_alike, others in zip(truth, alike, found.others, strict=True):
        assert {*wanted[is_alike]} <= {*others}


def test_the_similarity_is_that_of_the_pair():
    vectors = rows(300, 10)

    found = exact(vectors)

    pairs = np.einsum("ij,ikj->ik", vectors, vectors[found.others])
    alike = found.similarity > 0
    assert np.allclose(pairs[alike], found.similarity[alike], atol=1e-5)


def test_nobody_is_a_neighbour_of_itself():
    found = exact(rows(50, 3))

    own = found.others == np.arange(50)[:, None]
    assert (found.similarity[own] == 0).all()


@pytest.mark.parametrize("count", [2, 5])
def test_there_may_be_fewer_than_are_asked_for(count):
    assert nearest(rows(count, 1)).others.shape == (count, count)


def test_cells_find_nearly_all_neighbours():
    vectors = rows(12_000, 300)

    assert recall(approximate(vectors).others[::20], everyones(vectors, 20)) >= 0.97


def test_cells_find_nearly_all_neighbours_where_nothing_lies_apart():
    chance = np.random.default_rng(1)
    vectors = unit(chance.standard_normal((30_000, 16)).astype(np.float32))

    assert recall(nearest(vectors).others[::100], everyones(vectors, 100)) >= 0.97


def test_above_the_limit_no_more_is_held_than_a_block(monkeypatch):
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 7_000)
    monkeypatch.setattr(neighbours, "PROBES", 10)
    sizes = []
    offer = neighbours.Search.offer

    def watched(self, asking, others, similarity):
        sizes.append(similarity.size)
        offer(self, asking, others, similarity)

    monkeypatch.setattr(neighbours.Search, "offer", watched)
    vectors = rows(8_000, 200)

    nearest(vectors)

    assert max(sizes) <= neighbours.NUMBERS_PER_BLOCK
    assert sum(sizes) < 0.2 * 8_000 * 8_000


def test_side_by_side_finds_the_same(monkeypatch):
    vectors = rows(8_000, 200)
    in_turn = approximate(vectors)
    for name, value in cores.ONE_EACH.items():
        monkeypatch.setenv(name, value)

    assert (approximate(vectors).others == in_turn.others).all()


def test_pieces_overlap_in_time_where_the_library_keeps_to_one_thread(monkeypatch):
    import threading

    monkeypatch.setattr(cores, "_cores", lambda: 2)
    meeting = threading.Barrier(2, timeout=30)
    for name, value in cores.ONE_EACH.items():
        monkeypatch.setenv(name, value)

    assert sorted(cores.side_by_side(lambda piece: meeting.wait() * 0 + piece, [1, 2])) == [1, 2]


def test_the_same_rows_many_times_are_no_trouble():
    found = approximate(np.repeat(rows(60, 60), 160, axis=0))

    assert found.others.shape == (9_600, NEIGHBOURS)
    assert (found.similarity > 0.99).all()
