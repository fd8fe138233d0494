"""Which texts share most with others, each word by what it tells."""

from igny8_core.planner.likeness import nearest_texts


def test_those_that_share_a_rare_word_come_before_those_that_share_a_common_one():
    texts = ["map of rome", "map of oslo", "map of lima", "guide to lima"]
    assert nearest_texts(texts, ["Lima Map hotels"], 2) == [2, 3]


def test_as_many_as_there_is_room_for_are_all_of_them_in_their_order():
    assert nearest_texts(["b", "a"], ["a"], 2) == [0, 1]


def test_where_nothing_is_shared_the_first_are_taken():
    assert nearest_texts(["a", "b", "c"], ["x"], 2) == [0, 1]


def test_words_are_compared_folded():
    assert nearest_texts(["shoes", "STRASSE"], ["Straße"], 1) == [1]
