"""Database statements per article are counted, so that they cannot creep up."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.ai.runs import ARTICLE, a_task, begun, worked


def statements(account, number) -> list[str]:
    run = begun("generate_content", [a_task(account, f"{number} {n}") for n in range(number)])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        worked(run)
    assert run.state == "SUCCESS"
    return [query["sql"] for query in captured.captured_queries]


def test_an_article_takes_at_most_this_many_statements(account, sandbox, monkeypatch):
    # Progress is written at most twice a second; how often that is must not be counted here.
    monkeypatch.setattr("igny8_core.ai.engine._LOOK_UP", 60.0)
    sandbox.script.add({"content": ARTICLE})
    statements(account, 1)
    few, many = len(statements(account, 2)), len(statements(account, 12))
    print((many - few) / 10)
    assert (many - few) / 10 <= 1
