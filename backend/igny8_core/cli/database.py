"""The database, brought up to date by one process at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: The number of our advisory lock: any that nobody else uses.
_LOCK = 0x16478


def is_migrated() -> bool:
    """Whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Between processes on one data folder, or on one PostgreSQL, that prepare the same things."""
    with (settings.DATA_DIR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _call("pg_advisory_lock")
        yield
        _call("pg_advisory_unlock")


def migrate() -> None:
    """Apply the migrations that are missing."""
    if not is_migrated():
        call_command("migrate", verbosity=0, interactive=False)


def _call(function: str) -> None:
    """Other machines know nothing of our file; an advisory lock ends with its connection."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])
