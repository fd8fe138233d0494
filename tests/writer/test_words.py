"""Text, counts and short forms are those that a reader would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.writer.words import Heading, headings_of, shorten, slug_for, text_of, word_count


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("", 0),
        ("<p>one two</p><p>three</p>", 3),
        ("<ul><li>one</li><li>two</li></ul>", 2),
        ("un<em>believ</em>able", 1),
        ("<p>rock &amp; roll&nbsp;now</p>", 3),
        ("this — that—those - these", 4),
        ("don\u2019t well-known 3.5", 3),
        ('<a href="https://x.example/a b" rel="nofollow noopener">link</a>', 1),
        ("\u4f60\u597d world", 3),
        ("\u3053\u308c\u306f", 3),
        ("\uc548\ub155 \uc138\uc0c1", 2),
    ],
)
def test_words_are_counted_as_a_person_counts(html, count):
    assert word_count(html) == count


def test_text_has_no_markup_and_no_entities():
    assert text_of("<h2>A &amp; B</h2>\n<p>c<br>d <strong>e</strong>f</p>") == "A & B c d ef"


def test_headings_come_in_their_order():
    html = "<h2>A <em>b</em></h2><p>x</p><h3>C &lt; d</h3>"
    assert headings_of(html) == [Heading(2, "A b"), Heading(3, "C < d")]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The 10 Best Caf\u00e9s, in Z\u00fcrich!", "the-10-best-cafes-in-zurich"),
        ("Stra\u00dfe \u0141\u00f3d\u017a \u0152uvre", "strasse-lodz-oeuvre"),
        ("Don\u2019t & can't", "dont-cant"),
        ("word " * 40, "-".join(["word"] * 16)),
        ("a" * 100, "a" * 80),
    ],
)
def test_a_slug_is_ascii_and_short(title, slug):
    assert slug_for(title) == slug


@given(st.text())
def test_a_slug_is_never_empty(title):
    slug = slug_for(title)
    assert 0 < len(slug) <= 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_two_titles_without_latin_letters_differ():
    assert slug_for("\u4f60\u597d") != slug_for("\u518d\u89c1")


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 60, "short"),
        ("The best coffee, grinders of", 17, "The best coffee"),
        ("exactly ten", 11, "exactly ten"),
        ("one  two\nthree", 8, "one two"),
        ("abcdefgh", 5, "abcde"),
        ("\u673a\u5668\u5b66\u4e60\u5165\u95e8", 4, "\u673a\u5668\u5b66\u4e60"),
        ("Python \u673a\u5668\u5b66\u4e60\u5165\u95e8", 9, "Python \u673a\u5668"),
    ],
)
def test_text_is_cut_between_words(text, limit, short):
    assert shorten(text, limit) == short


@given(st.text(), st.integers(1, 200))
def test_short_text_is_within_its_limit(text, limit):
    assert len(shorten(text, limit)) <= limit
