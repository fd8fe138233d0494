"""Balance, ledger and usage through the door."""

import csv
import io
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core.ai.models import AITaskItem, AITaskLog
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditUsageLog
from tests.world import error

TASK = uuid.uuid4()


@pytest.fixture
def usage(world):
    """Two ideas on the 1st and 2nd of November, an article in December, and one of charlie's."""

    def row(person, item, operation, day, **values):
        return CreditUsageLog.objects.create(
            account=person.account,
            item=item,
            operation=operation,
            task_id=TASK,
            user=person.user,
            created_at=day.replace(tzinfo=UTC),
            **{"credits_used": 1, "cost_usd": Decimal("0.5"), "model": "gpt-4o", **values},
        )

    site = world.site
    row(world.alice, 1, "generate_ideas", datetime(2026, 11, 1, 9))  # noqa: DTZ001
    row(world.bob, 2, "generate_ideas", datetime(2026, 11, 2, 23, 59), cost_usd=None)  # noqa: DTZ001
    row(world.bob, 3, "generate_content", datetime(2026, 12, 1), credits_used=10, site=site)  # noqa: DTZ001
    row(world.charlie, 4, "generate_ideas", datetime(2026, 11, 1))  # noqa: DTZ001
    return world.vera.api


def found(api, **query):
    response = api.get("billing/usage/", query)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_the_balance_is_what_the_ledger_says(world):
    ledger.grant(world.account, 50, key="signup")
    assert world.vera.api.get("billing/balance/").json() == {"credits": 50, "reserved": 0}
    (line,) = world.vera.api.get("billing/transactions/").json()["results"]
    assert set(line) == {
        "id",
        "kind",
        "amount",
        "reserved_change",
        "balance_after",
        "task_id",
        "item",
        "created_at",
    }
    assert (line["kind"], line["amount"], line["balance_after"]) == ("grant", 50, 50)
    assert world.charlie.api.get("billing/transactions/").json()["count"] == 0


def test_an_account_without_credits_has_none(world):
    assert world.vera.api.get("billing/balance/").json() == {"credits": 0, "reserved": 0}


def test_usage_is_listed_newest_first(usage):
    rows = found(usage)
    assert [row["operation"] for row in rows] == [
        "generate_content",
        "generate_ideas",
        "generate_ideas",
    ]
    assert set(rows[0]) == {
        "operation",
        "credits_used",
        "cost_usd",
        "model",
        "tokens_input",
        "unpriced_calls",
        "tokens_cached",
        "tokens_output",
        "task_id",
        "site",
        "user",
        "target_type",
        "target_id",
        "created_at",
    }
    assert Decimal(rows[0]["cost_usd"]) == Decimal("0.5")
    assert rows[1]["cost_usd"] is None


def test_a_day_is_named_whole(usage):
    assert len(found(usage, **{"from": "2026-11-02", "to": "2026-11-02"})) == 1
    assert len(found(usage, to="2026-11-02T00:00:00Z")) == 1
    assert len(found(usage, **{"from": "2026-11-01T10:00:00+02:00"})) == 3


@pytest.mark.parametrize("moment", ["soon", "2026-13-01", "9999-12-31", "2026-11-01T25:00"])
def test_what_is_no_day_is_a_400(moment, usage):
    response = usage.get("billing/usage/", {"to": moment})
    assert response.status_code == 400
    assert error(response)["attr"] == "to"


def test_it_narrows_by_user_function_and_site(usage, world):
    assert len(found(usage, user=world.bob.user.pk)) == 2
    assert len(found(usage, function="generate_content")) == 1
    assert len(found(usage, site=world.site.pk)) == 1
    for nobody in (world.charlie.user.pk, 10**30, "x", -1, "\0"):
        assert found(usage, user=nobody) == []
        assert found(usage, site=nobody) == []
    assert found(usage, function="nothing") == []


@pytest.mark.parametrize(
    ("group", "groups"),
    [
        ("day", {"2026-11-01": 1, "2026-11-02": 1, "2026-12-01": 10}),
        ("month", {"2026-11-01": 2, "2026-12-01": 10}),
        ("function", {"generate_ideas": 2, "generate_content": 10}),
    ],
)
def test_it_sums_by_group(group, groups, usage):
    rows = found(usage, group_by=group)
    assert {row["group"]: row["credits_used"] for row in rows} == groups
    if group == "function":
        ideas = next(row for row in rows if row["group"] == "generate_ideas")
        assert (ideas["items"], ideas["unpriced"]) == (2, 1)
        assert Decimal(ideas["cost_usd"]) == Decimal("0.5")


def test_it_sums_by_site_and_user(usage, world):
    assert {row["group"] for row in found(usage, group_by="site")} == {None, str(world.site.pk)}
    assert len(found(usage, group_by="user")) == 2
    assert error(usage.get("billing/usage/", {"group_by": "model"}))["attr"] == "group_by"


def test_it_comes_as_csv_that_no_spreadsheet_runs(usage, world):
    CreditUsageLog.objects.for_account(world.account).filter(item=1).update(model="=HYPERLINK(1)")
    response = usage.get("billing/usage/", {"format": "csv"}, headers={"accept": "text/csv"})
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 3
    assert rows[0]["model"] == "'=HYPERLINK(1)"
    sums = usage.get("billing/usage/", {"format": "csv", "group_by": "function"})
    assert b"".join(sums.streaming_content).startswith(b"group,items,")
    assert error(usage.get("billing/usage/", {"format": "pdf"}))["attr"] == "format"


def test_no_cursor_stays_open_while_a_slow_reader_takes_the_csv(usage, monkeypatch):
    monkeypatch.setattr("igny8_core.core.bulk.by_id.__defaults__", (1,))
    response = usage.get("billing/usage/", {"format": "csv"})
    with CaptureQueriesContext(connection) as queries:
        assert b"".join(response.streaming_content).count(b"\r\n") == 4
    assert len(queries) == 4
    assert all("LIMIT 1" in query["sql"] for query in queries.captured_queries)


def test_an_empty_csv_still_has_its_header(world):
    response = world.vera.api.get("billing/usage/", {"format": "csv"})
    assert b"".join(response.streaming_content).startswith(b"operation,credits_used")


def test_rows_from_before_unpriced_calls_were_counted_take_them_from_their_items(world):
    run = AITaskLog.unscoped.create(account=world.account, function_name="generate_ideas")
    known = {"account": world.account, "run": run, "function_name": run.function_name}
    item = AITaskItem.unscoped.create(**known, seq=1, target_id=1, unpriced_calls=2)
    used = {"account": world.account, "operation": run.function_name, "task_id": run.pk}
    CreditUsageLog.unscoped.create(**used, item=item.pk, credits_used=1, cost_usd=Decimal(1))
    CreditUsageLog.unscoped.create(**used, item=None, credits_used=0)
    migration = import_module("igny8_core.billing.migrations.0004_unpriced_calls")
    migration.take_from_items(apps, None)
    rows = CreditUsageLog.unscoped.order_by("pk")
    assert [row.unpriced_calls for row in rows] == [2, 0]
