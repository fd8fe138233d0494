"""Database statements per article are counted, so that they cannot creep up."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core.ai import fanout
from tests.ai.runs import ARTICLE, a_task, begun, worked

#: From PREP to the last settlement, in the dearest case: no two answers come back together.
CEILING = 14


def statements(account, number) -> list[str]:
    run = begun("generate_content", [a_task(account, f"{number} {n}") for n in range(number)])
    with CaptureQueriesContext(connection) as captured:
        worked(run)
    assert run.state == "SUCCESS"
    texts = [query["sql"] for query in captured.captured_queries]
    return [text for text in texts if not text.startswith(("BEGIN", "COMMIT"))]


@pytest.mark.django_db(transaction=True)
def test_an_article_takes_no_more_statements_than_it_did(account, sandbox, monkeypatch):
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.engine.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    # Looking for a cancellation, and progress between answers, go by the clock.
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 60.0)
    monkeypatch.setattr("igny8_core.ai.progress._EVERY", 60.0)
    sandbox.script.add({"content": ARTICLE})
    few, many = statements(account, 2), statements(account, 12)
    assert (len(many) - len(few)) / 10 <= CEILING
