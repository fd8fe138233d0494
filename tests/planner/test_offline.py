"""The clusterer as this installation has it."""

import pytest

from igny8_core.core.errors import Unavailable
from igny8_core.planner import offline
from igny8_core.planner.clustering import SerpRule, child
from igny8_core.planner.clustering.weights import packaged
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.offline import embedding_model, group_keywords

TEXTS = ["gas stove", "camping gas stove", "hiking boots women", "women hiking boots"]


@pytest.fixture
def rows(world):
    return [create_keyword(world.account, keyword=text, volume=10) for text in TEXTS]


def test_keywords_are_grouped_with_what_is_known_of_them(rows):
    rows[0].difficulty, rows[1].difficulty = 10.0, 30.0
    rows[0].intent = rows[1].intent = "commercial"

    found = group_keywords(rows)

    assert found.backend == "tfidf"
    stoves = next(group for group in found.groups if 0 in group.members)
    assert set(stoves.members) == {0, 1}
    assert (stoves.volume, stoves.difficulty, stoves.intent) == (20, 20.0, "commercial")
    assert not stoves.intent_inferred


def test_an_intent_that_was_inferred_before_is_inferred_still(rows):
    for row in rows[:2]:
        row.intent, row.intent_inferred = "commercial", True

    group = next(group for group in group_keywords(rows).groups if 0 in group.members)

    assert group.intent == ""


def test_serp_urls_of_the_rows_are_used_where_they_are_asked_for(rows):
    for row in rows[1:3]:
        row.serp_urls = ["https://a.example/1", "https://b.example/2"]

    found = group_keywords(rows, serp=SerpRule())

    assert found.backend == "serp+tfidf"
    assert {1, 2} in [set(group.members) for group in found.groups]


@pytest.mark.weights
def test_the_installed_model_is_used_unless_the_operator_wants_none(rows, settings):
    settings.IGNY8_EMBEDDING_MODEL = ""

    assert embedding_model() == packaged()
    assert group_keywords(rows).backend == "minilm"

    settings.IGNY8_EMBEDDING_MODEL = "none"
    assert embedding_model() is None


def test_without_an_installed_model_there_is_none(settings, monkeypatch):
    settings.IGNY8_EMBEDDING_MODEL = ""
    monkeypatch.setattr("igny8_core.planner.clustering.weights.PACKAGE", "not_installed")

    assert embedding_model() is None


def test_a_folder_that_is_named_is_used(settings, tmp_path, rows):
    settings.IGNY8_EMBEDDING_MODEL = str(tmp_path)

    found = group_keywords(rows)

    assert embedding_model() == tmp_path
    assert found.backend == "tfidf"
    assert "model.safetensors" in found.why[0]


@pytest.mark.parametrize("module", ["igny8_core.nowhere", "igny8_core.core.errors"])
def test_a_process_that_gives_no_answer_is_an_error_that_can_be_told(
    rows, settings, tmp_path, monkeypatch, module
):
    settings.IGNY8_EMBEDDING_MODEL = str(tmp_path)
    monkeypatch.setattr(child, "_MODULE", module)

    with pytest.raises(Unavailable, match="could not be clustered"):
        group_keywords(rows)


def test_that_the_model_is_missed_is_told_and_that_it_is_not_wanted_is_not(
    rows, settings, monkeypatch
):
    monkeypatch.setattr(offline, "packaged", lambda: None)

    settings.IGNY8_EMBEDDING_MODEL = ""
    (why,) = group_keywords(rows).why
    settings.IGNY8_EMBEDDING_MODEL = "none"

    assert "not installed" in why
    assert group_keywords(rows).why == ()
