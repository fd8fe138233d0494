"""Progress is polled a hundred times a second while workers are killed (row 41 of the matrix)."""

import http.client
import json
import threading
import time
from contextlib import contextmanager
from typing import Any

from tests.chaos.percentiles import percentile, summary
from tests.chaos.plant import Trial
from tests.chaos.serving import Served

READERS, PER_SECOND = 20, 100
#: Seconds within which 99 of 100 answers are there.
PROMPT = 0.25


def polled(trial: Trial) -> None:
    """Each answer is 200, prompt, and never behind one that came before."""
    trial.plant.sandbox.behave("delay=0.5")
    trial.order(accounts=4, batch=25)
    app = Served(trial.plant.folder / "workers.log")
    try:
        with _readers(trial, app.port) as readers:
            while trial.figures.kills < trial.kills:
                worker = trial.plant.worker(slots=2)
                time.sleep(trial.plant.random.uniform(1, 2))
                trial.kill(worker)
                if trial.is_done:
                    trial.order(accounts=1, batch=25)
            trial.finish()
    finally:
        app.kill()
    _judge(trial, readers)


@contextmanager
def _readers(trial: Trial, port: int) -> Any:
    over = threading.Event()
    runs = [(one.person.token, run.task_id) for one in trial.customers for run in one.runs]
    readers = [_Reader(port, *runs[number % len(runs)], over) for number in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        yield readers
    finally:
        over.set()
        for reader in readers:
            reader.join()


class _Reader(threading.Thread):
    """A page that shows one run."""

    def __init__(self, port: int, token: str, task_id: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._to = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._path = f"/api/v1/system/settings/task_progress/{task_id}/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._over = over
        self.seconds: list[float] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        percentage, pause = 0, READERS / PER_SECOND
        while not self._over.wait(pause):
            began = time.monotonic()
            status, found = self._ask()
            self.seconds.append(time.monotonic() - began)
            pause = max(0.0, READERS / PER_SECOND - self.seconds[-1])
            if status != 200 or found["meta"]["percentage"] < percentage:
                self.wrong.append(f"{status} at {percentage}: {found}"[:200])
                continue
            percentage = found["meta"]["percentage"]

    def _ask(self) -> tuple[int, Any]:
        try:
            self._to.request("GET", self._path, headers=self._headers)
            answer = self._to.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            self._to.close()
            return 0, repr(error)


def _judge(trial: Trial, readers: list[_Reader]) -> None:
    seconds = [one for reader in readers for one in reader.seconds]
    trial.figures.notes["answers_after_seconds"] = summary(seconds)
    trial.figures.wrong += [one for reader in readers for one in reader.wrong][:5]
    if (slow := percentile(seconds, 0.99)) > PROMPT:
        trial.figures.wrong.append(f"1 of 100 answers came after {slow:.3f} s")
