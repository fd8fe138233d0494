"""What is new to a site, and what would compete with something it has."""

import random

import pytest

from igny8_core.planner.overlap import Ground, Topic, Verdict, words_of, words_of_address
from igny8_core.planner.overlap import ground as measure

SHOP = [
    ("page", "Running shoes for flat feet"),
    ("page", "How to clean suede boots"),
    ("content", "Trail running for beginners"),
    ("task", "Best hiking boots"),
    ("cluster", "kids sandals"),
    ("cluster", "shoes"),
    ("cluster", "shoe size chart"),
    ("cluster", "shoe repair near me"),
]


def a_topic(kind, number, *texts, family=()):
    phrases = tuple(filter(None, map(words_of, texts)))
    return Topic((kind, number), texts[0], phrases, frozenset(family))


def shop():
    return Ground([a_topic(kind, number, text) for number, (kind, text) in enumerate(SHOP)])


def under(text, kind="idea"):
    return shop().under(a_topic(kind, 99, text))


@pytest.mark.parametrize(
    ("text", "verdict", "other"),
    [
        ("the best hiking boot", Verdict.MERGE, 3),
        ("Kids' sandals: the complete guide", Verdict.MERGE, 4),
        ("running shoes for flat feet 2026", Verdict.REFRESH, 0),
        ("HOW TO CLEAN SUEDE BOOTS?", Verdict.REFRESH, 1),
        ("trail running", Verdict.NARROW, 2),
        ("best hiking boots for women", Verdict.NARROW, 3),
        ("garden furniture", Verdict.NEW, None),
        ("leather shoes care", Verdict.NEW, None),
        ("", Verdict.NEW, None),
        ("...", Verdict.NEW, None),
    ],
)
def test_a_topic_is_judged_by_the_words_it_shares(text, verdict, other):
    found = under(text)
    assert (found.verdict, found.other and found.other.key[1]) == (verdict, other)


def test_a_verdict_says_which_words_it_rests_on():
    found = under("best boots for hiking")
    assert found.score == 1.0
    assert found.words == ("best", "hiking", "boot")


def test_what_is_written_comes_before_what_is_planned():
    topics = [a_topic("cluster", 1, "trail running"), a_topic("page", 2, "Trail running")]
    assert Ground(topics).under(a_topic("idea", 3, "trail running")).other.key == ("page", 2)


def test_nothing_competes_with_what_it_comes_from_or_has_become():
    cluster = a_topic("cluster", 1, "trail running")
    task = a_topic("task", 2, "Trail running", family=[("cluster", 1), ("idea", 3)])
    idea = a_topic("idea", 3, "Trail running", family=[("cluster", 1)])
    sibling = a_topic("idea", 4, "Trail running", family=[("cluster", 1)])
    ground = Ground([cluster, task])
    assert ground.under(cluster).verdict == Verdict.NEW
    assert ground.under(idea).verdict == Verdict.NEW
    assert ground.under(sibling).other == task


def test_a_word_that_a_whole_site_shares_makes_nothing_the_same():
    texts = [f"game of thrones {word}" for word in ("poster", "map", "cast", "books", "houses")]
    ground = Ground([a_topic("cluster", n, text) for n, text in enumerate(texts)])
    assert ground.under(a_topic("idea", 9, "game of thrones wallpaper")).verdict == Verdict.NEW
    assert ground.under(a_topic("idea", 9, "game of thrones maps")).other.key[1] == 1


def test_an_empty_site_has_nothing_to_compete_with():
    assert Ground([]).under(a_topic("idea", 1, "shoes")).verdict == Verdict.NEW


def test_no_competitor_is_passed_over_for_speed():
    dice = random.Random(7)
    words = [f"w{n}" for n in range(12)]
    topics = [
        a_topic("cluster", n, " ".join(dice.choices(words, k=dice.randint(1, 5))))
        for n in range(150)
    ]
    ground = Ground(topics)
    for number in range(200):
        subject = a_topic("idea", number, " ".join(dice.choices(words, k=dice.randint(1, 5))))
        best = max(ground._score(a, b) for t in topics for a in subject.phrases for b in t.phrases)
        found = ground.under(subject)
        if best >= measure.PART:
            assert found.score == pytest.approx(best, abs=0.001)


def test_the_verdict_does_not_depend_on_the_order_of_words():
    for _ in range(3):
        assert under("boots hiking best") == under("best hiking boots")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Best Running-Shoes of 2026", {"best", "running", "shoe"}),
        ("Straße & ＣＡＦÉ", {"strasse", "café"}),
        ("berries classes bus analysis", {"berry", "classe", "bus", "analysis"}),
        ("the guide", {"the", "guide"}),
        ("2026", {"2026"}),
        ("東京 ラーメン", {"東京", "ラーメン"}),
        ("!?", set()),
    ],
)
def test_words_are_folded_and_fillers_left_out(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.com/blog/best-running-shoes/", {"best", "running", "shoe"}),
        ("https://example.com/trail_shoes.html?x=1#y", {"trail", "shoe"}),
        ("https://example.com/hiking-boots/123/", {"hiking", "boot"}),
        ("https://example.com/k%C3%B6ln", {"köln"}),
        ("https://example.com/", set()),
        ("https://example.com", set()),
    ],
)
def test_an_address_speaks_through_the_last_part_of_its_path(url, words):
    assert words_of_address(url) == words
