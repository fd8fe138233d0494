"""The short gate: plugs pulled on real processes, on both databases, in some two minutes."""

import json
from typing import Any

import pytest

from tests.chaos.services import driven, postgres_programs

pytestmark = pytest.mark.chaos

#: (scenario, items, kills): together at least 20 kills over 100 items on each database.
GATE = [
    ("random", 60, 14),
    *[(f"at_{point}", 5, 1) for point in ("init", "prep", "intent", "in_call", "returned")],
    *[(f"at_{point}", 5, 1) for point in ("stored", "parse", "save", "saved")],
    ("poison", 5, 3),
    ("zombie", 20, 1),
    ("graceful_stop", 30, 1),
]
OWN = {"sqlite": [("disk_full", 20, 2)], "postgres": [("postgres_restarts", 20, 3)]}


DATABASES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in OWN]


@pytest.fixture(scope="module", params=DATABASES)
def figures(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """What the scenarios came to on one database."""
    if request.param == "postgres" and postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed here")
    scenarios = [
        {"scenario": name, "items": items, "kills": kills, "deadline": 60}
        for name, items, kills in [*GATE, *OWN[request.param]]
    ]
    return driven({"database": request.param, "seed": 1, "scenarios": scenarios})


def test_whatever_plug_is_pulled_every_item_is_saved_once_and_charged_once(figures):
    wrong = {one["scenario"]: one["wrong"] for one in figures if one["wrong"]}
    assert not wrong, json.dumps(wrong, indent=1)
    assert sum(one["books"]["lost"] + one["books"]["duplicated"] for one in figures) == 0
    assert sum(one["books"]["ledger_differences"] for one in figures) == 0


def test_the_gate_kills_often_enough_to_mean_something(figures):
    assert sum(one["kills"] for one in figures) >= 20
    assert sum(one["items"] for one in figures) >= 100


def test_nothing_but_the_poisonous_item_fails(figures):
    failed = {one["scenario"]: one["books"]["failed"] for one in figures}
    assert {name: number for name, number in failed.items() if number} == {"poison": 1}
