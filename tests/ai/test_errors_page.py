"""docs/errors.md says what the code says."""

import re
from pathlib import Path

import pytest

from igny8_core.ai import notices
from igny8_core.ai.failures import TEXTS, Kind
from igny8_core.ai.gate import Clearance, Shut
from igny8_core.ai.providers.transport import failed

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
ROWS = {
    cells[2].strip("`"): cells
    for line in PAGE.splitlines()
    if len(cells := [cell.strip() for cell in line.split("|")]) == 8
}


@pytest.mark.parametrize("kind", Kind)
def test_every_class_of_failure_has_its_row_with_its_texts(kind):
    cells = ROWS[kind.value]
    assert cells[5] == notices.WAITING.get(kind, "")
    assert cells[6] == TEXTS[kind]


def test_the_page_names_no_class_that_there_is_not():
    assert set(ROWS) - {"code", "---"} == set(Kind)


@pytest.mark.parametrize("shut", Shut)
def test_the_page_says_what_a_run_says_at_a_shut_gate(shut):
    assert f"| {notices.SHUT[shut]} |" in PAGE


@pytest.mark.parametrize("kind", notices.WAITING)
def test_what_is_waited_for_is_said_with_the_attempt_or_the_time(kind):
    said = notices.while_waiting(failed(kind), attempts=1, pause=4.2)
    assert "{" not in said
    if "{next}" in notices.WAITING[kind]:
        assert said.endswith("(2/4)")
    if "{seconds}" in notices.WAITING[kind]:
        assert " 5 s" in said


@pytest.mark.parametrize("shut", Shut)
def test_a_shut_gate_says_until_when(shut):
    said = notices.while_shut(Clearance(0, 61.5, shut))
    expected = {Shut.DOWN: r"\d\d:\d\d:\d\d UTC$", Shut.THROTTLED: r"in 62 s$", Shut.FULL: r"once$"}
    assert re.search(expected[shut], said)
