import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.planner.intake import fold


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
