"""An installation under test: one database, the stand-in, a warm template, and customers."""

import json
import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.brokers import BROKERS
from tests.chaos.fleet import Fleet
from tests.chaos.services import OwnPostgres, OwnSandbox, wait_for
from tests.chaos.workers import Template, WorkerProcess

#: Short, so that a minute holds many deaths; a lease that only a stopped process can outlive.
QUICK = {
    "IGNY8_HEARTBEAT_SECONDS": 0.3,
    "IGNY8_LEASE_SECONDS": 5,
    "IGNY8_SWEEP_SECONDS": 0.2,
}


@dataclass
class Figures:
    """What a scenario came to; `wrong` is empty where every promise was kept."""

    scenario: str
    database: str
    items: int = 0
    kills: int = 0
    stops: int = 0
    restarts: int = 0
    books: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Plant:
    """Made before Django is set up, because settings are read from the environment once."""

    #: The most calls that one worker of the fleet makes at once.
    calls_at_once = 10

    def __init__(self, database: str, folder: Path, seed: int, broker: str = "") -> None:
        self.database = database
        self.folder = folder
        self.random = random.Random(seed)
        self._open = ExitStack()
        self.postgres: OwnPostgres | None = None
        os.environ |= {
            "ALLOWED_HOSTS": "testserver",  # as Django's test client calls the API it asks
            "DJANGO_SETTINGS_MODULE": "igny8_core.settings",
            "IGNY8_DATA_DIR": str(folder),
            "IGNY8_LOG_LEVEL": os.environ.get("IGNY8_LOG_LEVEL", "WARNING"),
            "OPENBLAS_NUM_THREADS": "1",
            **{name: str(value) for name, value in QUICK.items()},
        }
        if database == "postgres":
            self.postgres = self._closed_at_end(OwnPostgres())
            os.environ["DATABASE_URL"] = self.postgres.url
        self.sandbox = self._closed_at_end(OwnSandbox())
        os.environ["IGNY8_SANDBOX_URL"] = self.sandbox.url
        self.broker: Any = None
        self._fleet: Fleet | None = None
        if broker:
            self.broker = self._closed_at_end(BROKERS[broker]())
            os.environ["CELERY_BROKER_URL"] = self.broker.url
            # As an operator has it: hints are worth something.
            os.environ["IGNY8_SWEEP_SECONDS"] = "2"
            os.environ["IGNY8_MAX_CONCURRENCY"] = str(self.calls_at_once)
        _set_up_django()
        self.template = self._closed_at_end(Template(folder / "workers.log"))

    def close(self) -> None:
        self._open.close()

    def _closed_at_end(self, service: Any) -> Any:
        self._open.callback(service.close)
        return service

    def worker(
        self,
        *,
        slots: int = 4,
        fault: str = "",
        settings: dict[str, Any] | None = None,
        **more: str,
    ) -> WorkerProcess:
        """A fresh worker; `fault` is a FAULT_POINT."""
        environment = self.worker_environment(slots, settings)
        if fault:
            environment |= {"FAULT_INJECTION": "1", "FAULT_POINT": fault}
        return self.template.start(**environment, **more)

    def worker_environment(self, slots: int, settings: dict[str, Any] | None) -> dict[str, str]:
        """What a template's worker is told."""
        return {"CHAOS_SLOTS": str(slots), "CHAOS_SETTINGS": json.dumps(settings or {})}

    def fleet(self, number: int, *options: str) -> None:
        """So many `igny8 worker` processes, for the rest of the plant's life."""
        if self._fleet is None:
            log = self.folder / "workers.log"
            self._fleet = self._closed_at_end(Fleet(number, log, *options))
            names = self.folder / "workers"
            wait_for(lambda: len(list(names.glob("*.lock"))) >= number, 60, "the workers")

    def customers(self, number: int, kind: Any = None) -> list[Any]:
        """New accounts; they order articles where no other kind of customer is named."""
        from tests.chaos.customers import Customer

        return [(kind or Customer)() for _ in range(number)]

    def measured(
        self, name: str, scenario: "Scenario", items: int, kills: int, deadline: float
    ) -> Figures:
        """Run a scenario on a clean slate and audit what is left."""
        from tests.chaos.customers import audit

        figures = Figures(name, self.database, items=items)
        self.sandbox.forget()
        self.sandbox.behave("delay=0.05")
        run = Trial(self, figures, kills, time.monotonic() + deadline)
        began = time.monotonic()
        try:
            scenario(run)
        except Exception as error:  # noqa: BLE001 - a scenario that fails is a figure too
            figures.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            self.template.end_all()
        figures.seconds = round(time.monotonic() - began, 1)
        books = audit(run.customers, self.sandbox.log())
        figures.wrong += books.wrong + run.expect_of(books)
        figures.books = {name: value for name, value in asdict(books).items() if name != "wrong"}
        figures.items = books.ordered
        return figures


@dataclass
class Trial:
    """One scenario at work."""

    plant: Plant
    figures: Figures
    kills: int
    deadline: float
    #: The class of those who order, where it is not articles.
    kind: Any = None
    customers: list[Any] = field(default_factory=list)
    #: What the books must show besides, known when the scenario is over.
    expect_of: Callable[[Any], list[str]] = lambda books: []

    def __post_init__(self) -> None:
        self._workers_before = len(self.plant.template.workers)

    @property
    def workers(self) -> list[WorkerProcess]:
        """The workers of this scenario."""
        return self.plant.template.workers[self._workers_before :]

    def order(self, accounts: int, batch: int) -> None:
        """The items of this scenario, in batches, shared among some accounts."""
        new = self.plant.customers(accounts, self.kind)
        self.customers += new
        left = self.figures.items
        while left > 0:
            for customer in new:
                if (now := min(batch, left)) > 0:
                    customer.order(customer.tasks(now))
                    left -= now

    def look(self) -> None:
        for customer in self.customers:
            customer.look()

    @property
    def is_done(self) -> bool:
        return all(customer.is_done for customer in self.customers)

    @property
    def ended(self) -> int:
        return sum(customer.ended for customer in self.customers)

    def going(self, pause: float = 0.05) -> Iterator[None]:
        """Look at the progress again and again until every run has ended."""
        while True:
            self.look()
            if self.is_done:
                return
            if time.monotonic() > self.deadline:
                raise TimeoutError("the runs have not ended in time")
            yield
            time.sleep(pause)

    def finish(self) -> None:
        """Wait for every run to end."""
        for _ in self.going():
            pass

    def wait_for_progress(self, items: int) -> None:
        """Until so many more items have ended, or everything has."""
        before = self.ended
        for _ in self.going(0.02):
            if self.ended >= before + items:
                return

    def wait_for_calls(self, number: int) -> None:
        """Until so many calls are in flight."""
        wait_for(lambda: self.plant.sandbox.log(limit="0")["in_flight"] >= number, 20, "calls")

    def wait_for_call_of(self, task_id: str) -> None:
        """Until the first call of a run has arrived."""
        log = self.plant.sandbox.log
        wait_for(lambda: log(task_id=task_id, limit="0")["count"], 60, f"a call of {task_id}")

    def kill(self, worker: WorkerProcess) -> None:
        worker.kill()
        self.figures.kills += 1

    def stop(self, worker: WorkerProcess, seconds: float = 30) -> float:
        """SIGTERM; how long the worker took, which must be its own end, not a kill."""
        began = time.monotonic()
        worker.send(signal.SIGTERM)
        status = worker.wait(seconds)
        self.figures.stops += 1
        if status:
            self.figures.wrong.append(f"after SIGTERM the worker's exit status was {status}")
        return time.monotonic() - began


Scenario = Callable[[Trial], None]


def _set_up_django() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    logging.disable(logging.CRITICAL)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
