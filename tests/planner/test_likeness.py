"""Which texts share most with others, each word by what it tells."""

from igny8_core.planner.likeness import nearest_texts, ranked_texts, side_by_side


def test_those_that_share_a_rare_word_come_before_those_that_share_a_common_one():
    texts = ["map of rome", "map of oslo", "map of lima", "guide to lima"]
    assert nearest_texts(texts, ["Lima Map hotels"], 2) == [2, 3]


def test_as_many_as_there_is_room_for_are_all_of_them_in_their_order():
    assert nearest_texts(["b", "a"], ["a"], 2) == [0, 1]


def test_where_nothing_is_shared_the_first_are_taken():
    assert nearest_texts(["a", "b", "c"], ["x"], 2) == [0, 1]


def test_words_are_compared_folded():
    assert nearest_texts(["shoes", "STRASSE"], ["Straße"], 1) == [1]


def test_the_nearest_stand_first():
    texts = ["map", "lima hotels", "oslo map", "lima map"]
    assert ranked_texts(texts, ["lima map hotels"]) == [1, 3, 0, 2]


def test_groups_that_share_words_are_neighbours_whatever_their_order():
    groups = [
        ["game of thrones map"],
        ["minecraft map", "minecraft world map"],
        ["maps of the game of thrones", "game of thrones map pdf"],
        ["dragon egg"],
        ["game thrones map", "thrones game map", "westeros"],
    ]
    assert side_by_side(groups) == [0, 4, 2, 1, 3]
    assert side_by_side(groups[::-1]) == [0, 4, 2, 3, 1]
