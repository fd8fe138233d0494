"""How long a run stands still after its worker was killed, with the settings that we ship (R3)."""

import math
import signal
import time
from typing import Any

from tests.chaos.percentiles import percentile, summary
from tests.chaos.plant import Scenario, Trial

#: As shipped; every other scenario hurries.
SHIPPED = {
    "IGNY8_HEARTBEAT_SECONDS": 10,
    "IGNY8_LEASE_SECONDS": 30,
    "IGNY8_SWEEP_SECONDS": 2,
}


def restarts(host: str, p95: float, most: float) -> Scenario:
    """SIGKILL of many workers beside one that lives: on their host, or on another.

    Those who die of a host die together, so that none of them sees another's end.
    """

    def scenario(trial: Trial) -> None:
        trial.plant.sandbox.behave("delay=40")
        doomed = [_one_at_work(trial) for _ in range(trial.kills)]
        trial.plant.worker(slots=32, settings=SHIPPED, CHAOS_HOST=host)
        trial.plant.sandbox.behave()
        killed = _killed(trial, doomed, seconds=0 if host else 20)
        trial.finish()
        waits = [_first_call_after(trial, *one) for one in killed.items()]
        trial.figures.notes["restart_seconds"] = summary(waits)
        for share, limit in ((0.95, p95), (1.0, most)):
            if (found := percentile(waits, share)) > limit:
                trial.figures.wrong.append(f"{share:.0%} restart within {found:.1f} s, not {limit}")
        # The call that a killed worker waited for is billed all the same.
        trial.expect_of = lambda books: (
            [f"billed beyond the saved: {books.extra}"] if books.extra > trial.kills else []
        )

    return scenario


def _one_at_work(trial: Trial) -> tuple[Any, Any]:
    """A worker that has room for one run, and the run that it has a call of."""
    customer = trial.plant.customers(1)[0]
    trial.customers.append(customer)
    # Heartbeats are spread over the time between two of them.
    time.sleep(trial.plant.random.uniform(0, 20 / trial.kills))
    run = customer.order(customer.tasks(max(1, trial.figures.items // trial.kills)))
    worker = trial.plant.worker(slots=1, settings=SHIPPED | {"IGNY8_MAX_CONCURRENCY": 1})
    trial.wait_for_call_of(run.task_id)
    return worker, run


def _killed(trial: Trial, doomed: list[tuple[Any, Any]], seconds: float) -> dict[str, float]:
    """Kill all of them over so many seconds; when that was, by run."""
    killed = {}
    for worker, run in doomed:
        time.sleep(trial.plant.random.uniform(0, seconds / trial.kills))
        killed[run.task_id] = time.time()
        worker.send(signal.SIGKILL)
    for worker, _ in doomed:
        trial.kill(worker)
    return killed


def _first_call_after(trial: Trial, task_id: str, killed: float) -> float:
    calls = trial.plant.sandbox.log(task_id=task_id)["entries"]
    return min((one["time"] for one in calls if one["time"] > killed), default=math.inf) - killed
