import numpy as np
import pytest

from igny8_core.planner.clustering.tfidf import DIRECTIONS, tfidf

WORDS = ["tent", "stove", "boots", "rope", "lamp", "knife", "bottle", "gloves"]


def many(count):
    return [f"{WORDS[n % 8]} {WORDS[n // 8 % 8]} number{n % 40} lot{n % 13}" for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, DIRECTIONS, DIRECTIONS + 1, 600])
def test_texts_that_share_words_are_near_whatever_their_number(count):
    texts = ["gas stove camping", "camping gas stove", *many(count)]

    rows = tfidf(texts)

    assert rows[0] @ rows[1] > 0.7
    assert all(rows[0] @ row < 0.7 for row in rows[2:])
    assert (np.linalg.norm(rows, axis=1) < 1.0001).all()


def test_many_texts_have_few_directions():
    assert tfidf(many(700)).shape == (700, DIRECTIONS)


def test_a_text_that_shares_nothing_is_near_nothing():
    rows = tfidf([*many(400), "xyzzy"])

    assert (abs(rows[:-1] @ rows[-1]) < 0.2).all()


def test_texts_that_share_nothing_at_all_are_no_trouble():
    texts = [chr(0x4E00 + number) for number in range(400)]

    assert not tfidf(texts).any()


def test_the_same_texts_give_the_same_rows():
    assert (tfidf(many(500)) == tfidf(many(500))).all()
