"""Which of many texts a misspelt one stands for."""

import random
from collections import Counter

import pytest

from igny8_core.planner.spelling import Spellings


def likeness(one, other):
    """The share of pairs of letters that two texts have in common."""
    pairs, others = (Counter(f" {t} "[i : i + 2] for i in range(len(t) + 1)) for t in (one, other))
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("cheap flihgts", "cheap flights"),
        ("red shoes", "red shoe"),
        ("iphone 13 case", "iphone 13 cases"),
        ("iphone 14 case", None),
        ("shoes", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_a_name_stands_for_the_nearest_text_with_the_same_numbers(name, meant):
    assert Spellings(["cheap flights", "red shoe", "iphone 13 cases"]).nearest(name) == meant


def test_of_equals_it_is_the_first():
    assert Spellings(["red shoesb", "red shoesa"]).nearest("red shoesc") == "red shoesb"


def test_what_was_discarded_is_no_longer_meant():
    spellings = Spellings(["red shoes", "red shoess"])
    spellings.discard("red shoess")
    assert spellings.nearest("red shoesss") == "red shoes"


def test_nothing_is_missed_that_looking_at_every_text_finds():
    chance = random.Random(3)
    texts = list({"".join(chance.choices("abc ", k=chance.randint(3, 12))) for _ in range(300)})
    spellings = Spellings(texts)
    met = 0
    for _ in range(300):
        name = list(chance.choice(texts))
        name[chance.randrange(len(name))] = chance.choice("abc ")
        name = "".join(name)
        best = max(likeness(name, text) for text in texts)
        found = spellings.nearest(name)
        assert (found is None) == (best < 0.75)
        assert found is None or likeness(name, found) == best
        met += found is not None
    assert met > 100


def test_many_invented_names_are_compared_with_few_texts_each():
    spellings = Spellings([f"game of thrones map {n:x}{n * 7919 % 1000:x}" for n in range(1_000)])
    looked_at = [
        len(spellings._candidates(pairs))
        for pairs in map(_pairs, ("garden hoses for sale", "buy winter tyres", "fresh pizza dough"))
    ]
    assert max(looked_at) < 100


def _pairs(name):
    return Spellings([name])._pairs[name]
