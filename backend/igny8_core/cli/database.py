"""The database brought up to date, by one process at a time."""

import fcntl

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: PostgreSQL's advisory lock that says "migrating": any number that is ours alone.
_LOCK = 0x16478


def is_migrated() -> bool:
    """Whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate() -> bool:
    """Apply what is missing; whether anything was. Starts at the same time wait for each other."""
    with (settings.DATA_DIR / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _hold("pg_advisory_lock")
            if is_migrated():
                return False
            call_command("migrate", verbosity=0, interactive=False)
            _hold("pg_advisory_unlock")
        finally:
            connection.close()
    return True


def _hold(function: str) -> None:
    """Other machines know nothing of our file; an advisory lock ends with its connection."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])
