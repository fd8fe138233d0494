"""Numbers that name what a keyword is about part it from other numbers."""

import numpy as np
import pytest

from igny8_core.planner.clustering import Term, cluster
from igny8_core.planner.clustering.models import bits_of, by_models, names_of, numbers_of, unlike
from igny8_core.planner.clustering.neighbours import NEIGHBOURS, nearest
from igny8_core.planner.clustering.vectors import unit
from igny8_core.planner.clustering.weights import packaged

FORMS = [
    *("iphone {} case", "iphone {} leather case", "clear case for iphone {}"),
    *("iphone {} silicone case", "iphone {} case with card holder"),
]


def parted(*texts):
    labels = np.zeros(len(texts), int)
    return by_models(labels, list(map(numbers_of, texts)), labels + 1).tolist()


@pytest.mark.weights
@pytest.mark.parametrize("count", [3, 20])
def test_each_model_has_its_page_however_many_there_are(count):
    numbers = range(11, 11 + count)
    terms = [Term(form.format(number)) for number in numbers for form in FORMS]

    groups = cluster(terms, model=packaged()).groups

    for group in groups:
        assert len({index // len(FORMS) for index in group.members}) == 1
    assert len(groups) <= 1.3 * count


@pytest.mark.weights
def test_there_and_back_are_two_pages():
    there = ["pdf to word", "convert pdf to word", "pdf to word converter", "free pdf to word"]
    back = ["word to pdf", "convert word to pdf", "word to pdf converter", "free word to pdf"]
    terms = list(map(Term, there + back))

    groups = cluster(terms, model=packaged()).groups

    assert {frozenset(group.members) for group in groups} == {
        frozenset(range(4)),
        frozenset(range(4, 8)),
    }


def test_only_a_way_that_has_a_way_back_names_anything():
    names = names_of(["pdf to word 7", "word to pdf", "guide to paris"])

    assert names == [{"7", "pdf>word"}, {"word>pdf"}, set()]


@pytest.mark.weights
def test_what_is_only_named_more_closely_stays_with_its_model():
    texts = ["iphone 13", "iphone 13 128gb", "iphone 13 256gb"]
    others = [text.replace("13", "14") for text in texts]
    terms = list(map(Term, texts + others))

    groups = cluster(terms, model=packaged()).groups

    assert {frozenset(group.members) for group in groups} == {
        frozenset({0, 1, 2}),
        frozenset({3, 4, 5}),
    }


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("iphone 13 case", {"13"}),
        ("best iphone 13 case", {"13"}),
        ("iphone 13 tips", {"13"}),
        ("top 10 ps5 games", {"ps5"}),
        ("5 best tents", set()),
        ("7 ways to dry a tent", set()),
        ("tents under 100", set()),
        ("2024 calendar", set()),
        ("calendar 2024 a4", {"a4"}),
        ("rtx 4070", {"4070"}),
        ("mp4 to mp3", {"mp3", "mp4"}),
        ("tent", set()),
    ],
)
def test_years_prices_and_lengths_of_lists_name_nothing(text, numbers):
    assert numbers_of(text) == numbers


def test_two_that_name_other_numbers_are_unlike_and_one_that_names_more_is_not():
    bits = bits_of([numbers_of(text) for text in ("a 13", "a 14", "a 13 128gb", "a")])

    assert unlike(bits[:, None], bits).astype(int).tolist() == [
        [0, 1, 0, 0],
        [1, 0, 1, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
    ]


def test_other_models_take_no_place_among_the_neighbours():
    chance = np.random.default_rng(1)
    rows = unit(chance.standard_normal((1, 40)) + 0.1 * chance.standard_normal((60, 40)))
    models = bits_of([frozenset([str(number % 20)]) for number in range(60)])

    found = nearest(rows.astype(np.float32), models)

    for row, (others, similarity) in enumerate(zip(*found, strict=True)):
        alike = {other % 20 for other, cosine in zip(others, similarity, strict=True) if cosine}
        assert alike == {row % 20}
        assert (similarity > 0).sum() == 2 < NEIGHBOURS


def test_models_part_where_two_of_them_have_keywords_enough():
    assert parted(
        *("case 13", "red case 13", "case 13 128gb"),
        *("case 14", "red case 14", "blue case 14"),
        *("case 4", "case"),
    ) == [1, 1, 1, 2, 2, 2, 0, 0]


@pytest.mark.parametrize(
    "texts",
    [
        ["case 13", "red case 13", "case 13 128gb", "case"],
        ["case 13", "red case 13", "case 14", "red case 14", "case"],
        [
            "tents 2024",
            "red tents 2024",
            "tent of 2024",
            "tents 2025",
            "red tent 2025",
            "2025 tent",
        ],
    ],
)
def test_a_single_model_or_few_keywords_part_nothing(texts):
    assert parted(*texts) == [0] * len(texts)


def test_a_model_counts_the_keywords_not_the_wordings():
    sizes = np.array([3, 3, 1])
    numbers = [numbers_of(text) for text in ("case 13", "case 14", "case")]

    assert by_models(np.zeros(3, int), numbers, sizes).tolist() == [1, 2, 0]
