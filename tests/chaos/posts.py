"""Work is ordered while Redis is down, hung, emptied or just restarted (R5)."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.chaos.percentiles import percentile, summary
from tests.chaos.plant import Trial
from tests.chaos.services import wait_for

#: Seconds within which 99 of 100 orders are answered, and within which each begins.
ANSWERED, BEGUN = 1.0, 5.0


def broker_figures(trial: Trial) -> None:
    """202 at once, begun soon, nothing lost, whatever state the broker is in."""
    broker = trial.plant.broker
    trial.plant.fleet(2)
    trial.customers = trial.plant.customers(4)
    # What is measured is the broker, not the first import of everything.
    for customer in trial.customers:
        customer.order(customer.tasks(5))
    trial.finish()
    states: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "up": (lambda: None, lambda: None),
        "down": (broker.stop, broker.start),
        "hung": (broker.hang, broker.wake),
        "flushed": (lambda: None, lambda: None),
        "restarted": (lambda: (broker.stop(), broker.start()), lambda: None),
    }
    for state, (before, after) in states.items():
        with ExitStack() as stack:
            before()
            stack.callback(after)
            flush = broker.lose_messages if state == "flushed" else lambda: None
            _order_in(trial, state, flush)
    trial.expect_of = lambda books: (
        [f"billed beyond the saved: {books.extra}"] if books.extra else []
    )


def _order_in(trial: Trial, state: str, between: Callable[[], Any]) -> None:
    posts, orders = [], {}
    for number in range(max(1, trial.figures.items // 5)):
        customer = trial.customers[number % len(trial.customers)]
        tasks = customer.tasks(1)
        began = time.time()
        run = customer.order(tasks)
        posts.append(time.time() - began)
        orders[run.task_id] = began
        between()
    delays = [_begun(trial, task_id) - began for task_id, began in orders.items()]
    trial.finish()
    found = {"answered": summary(posts), "begun": summary(delays)}
    trial.figures.notes[state] = found
    if percentile(posts, 0.99) > ANSWERED or max(delays) > BEGUN:
        trial.figures.wrong.append(f"{state}: {found}")


def _begun(trial: Trial, task_id: str) -> float:
    """When the first call of a run arrived."""
    log = trial.plant.sandbox.log
    calls = wait_for(lambda: log(task_id=task_id)["entries"], 30, f"a call of {task_id}")
    return calls[0]["time"]
