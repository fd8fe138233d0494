"""Several real `igny8 worker` processes, a broker between, and what may happen to its messages."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.chaos.plant import Scenario, Trial

#: Seconds within which a POST is answered, whatever the broker does.
AT_ONCE = 1.0
#: Seconds within which a small account's article starts beside a large one's batches.
SOON = 10.0


def shared(trial: Trial) -> None:
    """The runs of several accounts are shared by the workers, and every one ends."""
    trial.plant.fleet(2)
    trial.plant.sandbox.behave("delay=1")
    trial.order(accounts=6, batch=5)
    trial.finish()
    most = trial.plant.sandbox.log(limit="0")["most_in_flight"]
    trial.figures.notes["most_calls_at_once"] = most
    if most <= trial.plant.calls_at_once:
        trial.figures.wrong.append(f"one worker did it all: {most} calls at once")
    trial.expect_of = _nothing_paid_twice


def fair(trial: Trial) -> None:
    """Beside 20 batches of 50, 2 s a call, another account's single article starts soon."""
    trial.plant.fleet(2)
    trial.plant.sandbox.behave("delay=2")
    large, small = trial.customers = trial.plant.customers(2)
    for _ in range(20):
        large.order(large.tasks(50))
    trial.wait_for_calls(trial.plant.calls_at_once)
    waited = []
    for _ in range(2):
        run = small.order(small.tasks(1))
        began = time.monotonic()
        trial.wait_for_call_of(run.task_id)
        waited.append(round(time.monotonic() - began, 2))
    trial.figures.notes["small_account_waited"] = waited
    if max(waited) > SOON:
        trial.figures.wrong.append(f"the small account waited {max(waited)} s")
    trial.plant.sandbox.behave()
    for one in large.runs:
        large.api.post(f"system/settings/task_progress/{one.task_id}/cancel/")
    trial.finish()


def hints(trial: Trial) -> None:
    """A hint lost, tripled, late or forged changes nothing."""
    from igny8_core.ai.tasks import run_ai_task

    trial.plant.fleet(2)
    first, other = trial.customers = trial.plant.customers(2)
    payload = {"ids": first.tasks(1)}

    def send(task_id: str, account: Any = first, name: str = "generate_content") -> None:
        arguments = (name, payload, account.person.account.pk)
        run_ai_task.apply_async(arguments, task_id=task_id)

    for _ in range(max(1, trial.figures.items // 5)):
        run = first.order(first.tasks(5))
        for account in (first, other, first):
            send(run.task_id, account)
        send(run.task_id, name="no_such_function")
        trial.finish()
        send(run.task_id)
        send("not an id at all " + str(uuid4()), name="no_such_function")
    lost = first.order(first.tasks(5))
    trial.plant.broker.lose_messages()
    trial.finish()
    runs = sum(len(one.everything("ai/tasks/")) for one in trial.customers)
    if runs != len(first.runs):
        trial.figures.wrong.append(f"{runs} runs, {len(first.runs)} were begun; {lost.task_id}")
    trial.expect_of = _nothing_paid_twice


def without_broker(take_away: str, bring_back: str) -> Scenario:
    """The broker is away while work is ordered: answered at once, done by the sweep."""

    def scenario(trial: Trial) -> None:
        trial.plant.fleet(2)
        trial.customers = trial.plant.customers(2)
        slowest = 0.0
        getattr(trial.plant.broker, take_away)()
        try:
            for number in range(trial.figures.items // 5):
                slowest = max(slowest, _timed(_order_five(trial, number)))
            trial.finish()
        finally:
            getattr(trial.plant.broker, bring_back)()
        trial.figures.notes["slowest_post_seconds"] = round(slowest, 2)
        if slowest > AT_ONCE:
            trial.figures.wrong.append(f"a POST took {slowest:.2f} s")
        _order_five(trial, 0)()
        trial.finish()
        trial.expect_of = _nothing_paid_twice

    return scenario


def _order_five(trial: Trial, number: int) -> Callable[[], Any]:
    customer = trial.customers[number % 2]
    tasks = customer.tasks(5)
    return lambda: customer.order(tasks)


def _timed(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _nothing_paid_twice(books: Any) -> list[str]:
    return [f"billed beyond the saved: {books.extra}"] if books.extra else []


DISPATCH: dict[str, Scenario] = {
    "shared": shared,
    "fair": fair,
    "hints": hints,
    "broker_down": without_broker("stop", "start"),
    "broker_hung": without_broker("hang", "wake"),
}
