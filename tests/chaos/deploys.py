"""The app is stopped and started again under a batch, as `make run` or a deploy does (R22)."""

from tests.chaos.percentiles import summary
from tests.chaos.plant import Trial
from tests.chaos.serving import Served

#: Seconds within which a process that is told to stop has ended.
DRAIN = 30


def deploys(trial: Trial) -> None:
    """SIGTERM, every other time twice; the next process goes on where it was."""
    trial.plant.sandbox.behave("delay=1")
    port, drains = 0, []
    for number in range(trial.kills):
        if trial.is_done:
            trial.order(accounts=2, batch=50)
        app = Served(trial.plant.folder / "workers.log", port)
        port = app.port
        try:
            trial.wait_for_progress(1)
            seconds, status = app.stop(signals=1 + number % 2)
        finally:
            app.kill()
        drains.append(seconds)
        trial.figures.stops += 1
        if status:
            trial.figures.wrong.append(f"stop {number + 1} ended with {status}")
    trial.figures.notes["drain_seconds"] = summary(drains)
    if max(drains) > DRAIN:
        trial.figures.wrong.append(f"a stop took {max(drains):.1f} s")
    app = Served(trial.plant.folder / "workers.log", port)
    try:
        trial.finish()
        app.stop()
    finally:
        app.kill()
    trial.expect_of = lambda books: (
        [f"failed {books.failed}, billed beyond the saved {books.extra}"]
        if books.failed or books.extra
        else []
    )
