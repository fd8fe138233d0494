"""What is new to a site, and what would compete with something it has."""

import gc
import random
import time
from math import log

import pytest

from igny8_core.planner.overlap import Ground, Topic, Verdict, words_of, words_of_address

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
        ("running shoes", Verdict.NARROW, 0),
        ("trail", Verdict.NARROW, 2),
        ("running", Verdict.NEW, None),
        ("flat feet insoles", Verdict.NEW, None),
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


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Laufschuh kaufen", "Laufschuhe kaufen"),
        ("Kaffeemaschine", "Kaffeemaschinen"),
        ("Versicherung wechseln", "Versicherungen wechseln"),
        ("ordenador barato", "ordenadores barato"),
        ("東京 ホテル おすすめ", "東京ホテルおすすめ"),
        ("東京のホテルおすすめ", "東京ホテルおすすめ"),
        ("北京 酒店 推荐", "北京酒店推荐"),
        ("paris london flights", "flights from london to paris"),
        ("flights to paris from london", "flights from london to paris"),
        ("cheap london to paris flights", "cheap flights london to paris"),
        ("shoes: how to clean", "how to clean shoes"),
        ("zapatos de correr para mujer", "zapatos de mujer para correr"),
        ("best laptops 2025", "best laptops 2024"),
    ],
)
def test_another_spelling_of_a_topic_is_the_same_topic(text, there):
    for one, other in ((text, there), (there, text)):
        found = Ground([a_topic("page", 1, other)]).under(a_topic("idea", 2, one))
        assert (found.verdict, found.score) == (Verdict.REFRESH, 1.0)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Learn C#", "Learn C++"),
        ("Learn C", "Learn C++"),
        (".net hosting", "net hosting"),
        ("flights from paris to london", "flights from london to paris"),
        ("flights to paris from london", "flights from paris to london"),
        ("new york to london flights", "london to new york flights"),
        ("Flüge von Berlin nach München", "Flüge von München nach Berlin"),
        ("vuelos de madrid a barcelona", "vuelos de barcelona a madrid"),
        ("pdf to word", "word to pdf"),
        ("Peugeot 2008", "Peugeot 3008"),
        ("laser printer", "laser print"),
        ("chicken feed", "chick feed"),
        ("season finale", "season final"),
        ("hair straighten", "hair straight"),
        ("東京ホテル", "京都ホテル"),
        ("किताब", "कातिब"),
    ],
)
def test_what_only_looks_alike_is_not_the_same_topic(text, there):
    for one, other in ((text, there), (there, text)):
        found = Ground([a_topic("page", 1, other)]).under(a_topic("idea", 2, one))
        assert found.verdict in {Verdict.NEW, Verdict.NARROW}


def test_a_verdict_names_common_words_as_they_are_written():
    found = Ground([a_topic("page", 1, "Gartenmöbel Garnituren")]).under(
        a_topic("idea", 2, "Gartenmöbel Garnitur")
    )
    assert found.words == ("garnitur", "gartenmöbel")
    found = Ground([a_topic("page", 1, "flights from london to paris")]).under(
        a_topic("idea", 2, "flights from london to paris")
    )
    assert set(found.words) == {"flight", "london", "paris"}


# --- the same as plainly counted --------------------------------------------------------------
def plainly(topics, subject):
    """Every phrase against every other, as the docs have it."""

    def weight(word):
        having = sum(any(word in phrase for phrase in topic.phrases) for topic in topics)
        return log(1 + (len(topics) + 1) / (having + 1))

    def score(a, b):
        return round(sum(map(weight, a & b)) / sum(map(weight, a | b)), 9), a <= b or b <= a

    best, rank = (Verdict.NEW, None, 0.0), (0, False, 0.0)
    for other in topics:
        if subject.is_kin(other):
            continue
        alike, held = max(score(a, b) for a in subject.phrases for b in other.phrases)
        level = 2 if alike >= 0.8 else int(alike >= (0.35 if held else 0.5))
        if level and (level, other.is_written, alike) > rank:
            rank = (level, other.is_written, alike)
            same = Verdict.REFRESH if other.is_written else Verdict.MERGE
            best = (same if level == 2 else Verdict.NARROW, other.key, round(alike, 3))
    return best


def some_topics(dice, count, words, kinds):
    def text():
        return " ".join(dice.choices(words, k=dice.randint(1, 5)))

    topics = []
    for number in range(count):
        family = [topics[dice.randrange(number)].key] if number and dice.random() < 0.3 else []
        texts = [text() for _ in range(dice.randint(1, 3))]
        topics.append(a_topic(dice.choice(kinds), number, *texts, family=family))
    return topics


@pytest.mark.parametrize("seed", range(6))
def test_a_verdict_is_the_one_that_plain_counting_finds(seed):
    dice = random.Random(seed)
    words = [f"w{n}" for n in range(dice.choice([3, 12, 60]))]
    topics = some_topics(dice, 60, words, ["page", "content", "task", "cluster"])
    ground = Ground(topics)
    for subject in [*some_topics(dice, 40, [*words, "unknown"], ["idea"]), *topics[:10]]:
        found = ground.under(subject)
        told = (found.verdict, found.other and found.other.key, found.score)
        assert told == plainly(topics, subject)


def test_many_pages_of_few_words_are_compared_in_a_moment():
    dice = random.Random(7)
    words = [f"w{n}" for n in range(30)]
    pages = [a_topic("page", n, " ".join(dice.sample(words, 5))) for n in range(20_000)]
    ground = Ground(pages)
    started = time.process_time()
    for number in range(100):
        ground.under(a_topic("idea", number, " ".join(dice.sample(words, 5))))
    assert time.process_time() - started < 2


def test_of_what_a_site_has_no_topic_is_kept_but_the_one_that_is_named():
    class Shelf:
        def __iter__(self):
            return (a_topic("page", n, f"trail shoes {n}") for n in range(100))

        def __getitem__(self, place):
            return a_topic("page", place, f"trail shoes {place}")

    ground = Ground(Shelf())
    found = ground.under(a_topic("idea", 1, "trail shoes 7"))
    assert found.other.key == ("page", 7)
    gc.collect()
    assert [one for one in gc.get_objects() if type(one) is Topic] == [found.other]


def test_an_endless_word_is_read_in_a_moment():
    started = time.process_time()
    for text in ("to {}", "from {} x", "{} to", "to from {}"):
        assert words_of(text.format("x" * 10_000))
    assert time.process_time() - started < 0.2


# --- words ------------------------------------------------------------------------------------
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
        ("東京 カメラ", {"東京", "カメ", "メラ"}),
        ("हिन्दी किताब", {"हिन्दी", "किताब"}),
        (".NET or ASP.NET, C#, C and C++", {".net", "asp", "net", "c#", "c", "c++"}),
        ("Disney+ 18+ 1+1 #1", {"disney+", "18", "1"}),
        ("!?", set()),
    ],
)
def test_words_are_folded_and_fillers_left_out(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("best laptops {}", False),
        ("Laptops of {} for students", False),
        ("{}: best laptops", False),
        ("laptops {} cheap", True),
    ],
)
def test_a_year_is_left_out_where_it_stands_as_one(text, is_told):
    for year in (2010, 2026, 2039):
        assert (str(year) in words_of(text.format(year))) == is_told
    for number in (2008, 2009, 2040, 2060, 3008):
        assert str(number) in words_of(text.format(number))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.com/blog/best-running-shoes/", {"best", "running", "shoe"}),
        ("https://example.com/trail_shoes.html?x=1#y", {"trail", "shoe"}),
        ("https://example.com/hiking-boots/123/", {"hiking", "boot"}),
        ("https://example.com/k%C3%B6ln", {"köln"}),
        ("https://example.com/trail-shoes/index.html", {"trail", "shoe"}),
        ("https://example.com/Trail-Shoes/Default.aspx", {"trail", "shoe"}),
        ("https://example.com/products/shoes", {"shoe"}),
        ("https://example.com/p/index.html", set()),
        ("https://example.com/category/", set()),
        ("https://example.com/en/blog/", set()),
        ("https://example.com/", set()),
        ("https://example.com", set()),
    ],
)
def test_an_address_speaks_through_the_last_part_of_its_path(url, words):
    assert words_of_address(url) == words
