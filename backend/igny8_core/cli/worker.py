"""`igny8 worker`: a Celery worker. Its messages are hints; it looks for due runs by itself too."""

import argparse

import django

from igny8_core.cli.standin import StandIn
from igny8_core.cli.stopping import GRACE, stop_on_signals
from igny8_core.core.errors import Conflict, InvalidPayload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much this process takes on, and one account at most half of it."""
    parser.add_argument(
        "--slots", type=int, default=32, metavar="N", help="runs at work at once (default 32)"
    )


def run(options: argparse.Namespace) -> int:
    """Work until SIGINT or SIGTERM."""
    stop_on_signals()
    try:
        with StandIn():
            django.setup()
            _check()
            _work(max(1, options.slots))
    except KeyboardInterrupt:
        pass
    return 0


def _check() -> None:
    from django.conf import settings

    from igny8_core.cli.database import is_migrated

    if not settings.CELERY_BROKER_URL:
        raise InvalidPayload(
            "CELERY_BROKER_URL is not set. Name a broker, such as redis://127.0.0.1:6379/0; "
            "without one `igny8 serve` does this work itself."
        )
    if not is_migrated():
        raise Conflict("the database is not up to date: start `igny8 serve` once.")


def _work(slots: int) -> None:
    from igny8_core.ai.worker import Worker
    from igny8_core.celery import app
    from igny8_core.cli.housekeeping import empty_trash

    worker = Worker(slots, chore=empty_trash)
    # Told first, so that runs begun by messages wind up while Celery waits for them.
    stop_on_signals(lambda: worker.stop(0))
    worker.start()
    print("Working; Ctrl-C stops.", flush=True)
    try:
        app.WorkController(
            pool_cls="threads",
            # A message only wakes the worker beside it.
            concurrency=1,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        ).start()
    finally:
        worker.stop(GRACE)
    print("Stopped.", flush=True)
