"""Workers that have too little of what every process takes for granted (rows 39 and 40)."""

import json
from typing import Any

from tests.chaos.plant import Scenario, Trial


def log_full(trial: Trial) -> None:
    """Nothing that is logged can be written."""
    _work_with(trial, CHAOS_LOG="/dev/full")


def limited(**limits: int) -> Scenario:
    """A worker with few descriptors, or too little memory for its threads; a new one if it dies."""
    return lambda trial: _work_with(trial, CHAOS_LIMITS=json.dumps(limits))


def _work_with(trial: Trial, **environment: Any) -> None:
    trial.plant.sandbox.behave("delay=0.3")
    trial.order(accounts=5, batch=50)
    for _ in trial.going():
        if not trial.plant.template.alive:
            trial.plant.worker(slots=32, **environment)
    trial.figures.notes["workers"] = len(trial.workers)
    trial.expect_of = lambda books: (
        [f"{books.failed} failed: {books.reasons[:3]}"] if books.failed else []
    )
