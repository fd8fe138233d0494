"""`igny8 worker` processes on PostgreSQL with a broker between: Redis, and RabbitMQ."""

import json
from typing import Any

import pytest

from tests.chaos.brokers import can_use_rabbitmq
from tests.chaos.services import driven, postgres_programs

pytestmark = pytest.mark.chaos

SCENARIOS = {"shared": 90, "hints": 10, "broker_down": 10, "broker_hung": 10, "fair": 0}
BROKERS = [
    pytest.param("redis", marks=[pytest.mark.redis, pytest.mark.xdist_group("redis")]),
    pytest.param("rabbitmq", marks=[pytest.mark.rabbitmq, pytest.mark.xdist_group("rabbitmq")]),
]


@pytest.fixture(scope="module", params=BROKERS)
def figures(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What each scenario came to with one broker."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed here")
    if request.param == "rabbitmq" and not can_use_rabbitmq():
        pytest.skip("rabbitmqctl is not here: no virtual host of our own")
    plan = [
        {"scenario": name, "items": items, "kills": 0, "deadline": 90}
        for name, items in SCENARIOS.items()
    ]
    found = driven({"database": "postgres", "broker": request.param, "scenarios": plan})
    return {one["scenario"]: one for one in found}


def test_two_workers_share_the_runs_of_many_accounts(figures):
    kept(figures["shared"])


def test_a_hint_lost_tripled_late_or_forged_changes_nothing(figures):
    kept(figures["hints"])


def test_without_the_broker_work_is_taken_at_once_and_done_all_the_same(figures):
    kept(figures["broker_down"])


def test_a_broker_that_hangs_holds_nobody_up(figures):
    kept(figures["broker_hung"])


def test_beside_twenty_batches_a_small_account_starts_within_ten_seconds(figures):
    kept(figures["fair"])


def kept(one: dict[str, Any]) -> None:
    assert not one["wrong"], json.dumps(one, indent=1)
