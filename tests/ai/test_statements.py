"""Database statements per item are counted, so that they cannot creep up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core.ai import fanout
from igny8_core.ai.functions import auto_cluster
from igny8_core.ai.tasks import retry
from tests.ai.runs import (
    ARTICLE,
    a_cluster,
    a_content,
    a_task,
    an_image,
    begun,
    items_of,
    some_keywords,
    worked,
)

PROMPTS = {"featured_prompt": "A map", "in_article_prompts": ["A road", "A hill"]}
PLACES = (
    "red shoes",
    "tax forms",
    "pizza dough",
    "cheap flights",
    "garden fence",
    "piano notes",
    "dog food",
    "bike tyres",
    "solar panels",
    "guitar chords",
)
#: From PREP to the last settlement, in the dearest case: no two answers come back together.
CEILINGS = {
    "generate_ideas": 14,
    "generate_content": 13,
    "generate_image_prompts": 14,
    "generate_images": 13,
}
#: For a group of keywords, whatever their number, and with the clusters it becomes.
GROUP_CEILING = 20


def an_object(account, function_name, name):
    match function_name:
        case "generate_ideas":
            return a_cluster(account, name, f"{name} one", f"{name} two")
        case "generate_content":
            return a_task(account, name)
        case "generate_image_prompts":
            return a_content(account, title=name)
        case _:
            return an_image(account)


def objects(account, function_name, number):
    return [an_object(account, function_name, f"{number} {n}") for n in range(number)]


def statements(run) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        worked(run)
    assert run.state == "SUCCESS", run.error
    assert run.items_failed == 0
    texts = [query["sql"] for query in captured.captured_queries]
    return [text for text in texts if not text.startswith(("BEGIN", "COMMIT"))]


@pytest.fixture(autouse=True)
def _no_two_answers_together(sandbox, monkeypatch):
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    # Looking for a cancellation, and progress between answers, go by the clock.
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 60.0)
    monkeypatch.setattr("igny8_core.ai.progress._EVERY", 60.0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("function_name", CEILINGS)
def test_an_item_takes_no_more_statements_than_it_did(function_name, account, sandbox):
    if function_name == "generate_content":
        sandbox.script.add({"content": ARTICLE})
    if function_name == "generate_image_prompts":
        sandbox.script.add({"content": PROMPTS})
    few, many = (
        statements(begun(function_name, objects(account, function_name, number)))
        for number in (2, 12)
    )
    assert (len(many) - len(few)) / 10 <= CEILINGS[function_name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keywords", [5, 50])
def test_a_group_of_keywords_takes_no_more_however_many_they_are(keywords, account, monkeypatch):
    monkeypatch.setattr(auto_cluster, "_PER_PROMPT", keywords)

    def of(*places):
        texts = [f"{place} {n}" for place in places for n in range(keywords)]
        run = begun("auto_cluster", some_keywords(account, *texts))
        return len(statements(run)), len(items_of(run))

    (few, some), (many, more) = of(*PLACES[:2]), of(*PLACES[2:])
    assert (many - few) / (more - some) <= GROUP_CEILING


@pytest.mark.django_db(transaction=True)
def test_a_retry_asks_once_for_the_answers_of_all_its_items(account, toy, sandbox):
    sandbox.script.add("malformed=nan")
    counts = []
    for number in (2, 12):
        run = worked(begun("toy", [a_task(account, f"{number} {n}") for n in range(number)]))
        with CaptureQueriesContext(connection) as captured:
            retry(run)
        counts.append(len(captured.captured_queries))
    assert counts[0] == counts[1]
