import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.planner.intake.folding import fold, fold_keyword, spaced


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Camping   TENTS ", "camping tents"),
        ("ＣＡＦＥ\u0301", "café"),
        ("Straße", "strasse"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("a\u00a0b\tc\nd", "a b c d"),
        ("", ""),
    ],
)
def test_spellings_of_one_keyword_fold_alike(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "text",
    ["", "\u200b", "\u200c\u200d", "\u2060\ufe0f", "\u0301", "\u3164", "\uffa0 \u2800", "\u00ad"],
)
def test_what_nobody_can_see_is_no_keyword(text):
    with pytest.raises(ValueError, match="there is no keyword"):
        fold_keyword(text)


@pytest.mark.parametrize("text", ["a", "é", "か\u3099", "🧭", "❤\ufe0f", "می\u200cخواهم", "?"])
def test_what_somebody_can_see_is_a_keyword(text):
    assert fold_keyword(text) == fold(text)


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200e", "\u2060", "\u202d", "\ufeff"])
def test_what_pasting_leaves_makes_no_keyword_of_its_own(sign):
    assert spaced(f"{sign}camping{sign} \u00a0tents{sign}") == "camping tents"
    assert spaced("می\u200cخواهم ❤\ufe0f") == "می\u200cخواهم ❤\ufe0f"
