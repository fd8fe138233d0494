"""Shapes that models answer in loosely: what is read, and what says nothing."""

import pytest
from pydantic import TypeAdapter

from igny8_core.ai.loose import Number, Text, Texts


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("3", 3),
        (1200.0, 1200),
        ("1,200 words", 1200),
        ("1.200 Wörter", 1200),
        ("1\u202f200 mots", 1200),
        ("about 1200-1500", 1200),
        ("1,000,000", 1_000_000),
        (-5, None),
        ("-5", None),
        (1200.5, None),
        ("0.75", None),
        (1e20, None),
        (10**20, None),
        (True, None),
        (None, None),
        ("many", None),
        ([1200], None),
        ({"words": 1200}, None),
    ],
)
def test_a_number_is_read_as_people_write_it_and_guessed_from_nothing_else(value, number):
    assert TypeAdapter(Number).validate_python(value) == number


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (7, ""), (None, ""), (["a"], "")])
def test_an_optional_text_is_a_text_or_nothing(value, text):
    assert TypeAdapter(Text).validate_python(value) == text


@pytest.mark.parametrize(
    ("value", "texts"),
    [(["a ", "", 7, None, "b"], ["a", "b"]), ("a, b", ["a", "b"]), (None, [])],
)
def test_a_list_of_texts_holds_texts_alone(value, texts):
    assert TypeAdapter(Texts).validate_python(value) == texts
