"""`make test` behind lint: pytest on SQLite, then what uses the database again on PostgreSQL, then
the chaos gate, which wants the machine to itself.

What needs a service that does not answer is left out and named; IGNY8_REQUIRE=postgres,redis
makes its absence a failure. Further arguments go to pytest.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

from tests.services import PROBES, answers, postgres_url

#: What would make a test ask the developer's own installation.
OURS = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "OPENAI_", "RUNWARE_", "IGNY8_")

#: Side by side, as many as there are cores.
_CROWD = ("-m", "not chaos", "--numprocesses=auto")
#: Each database and each broker is a group with a process to itself, two of them at a time.
_CHAOS = ("-m", "chaos", "--numprocesses=2", "--dist=loadgroup")
_NOTHING_SELECTED = 5


def main(arguments: list[str]) -> int:
    """pytest's exit status, of the first run that failed."""
    if missing := [service for service in _required() if not answers(service)]:
        print(f"IGNY8_REQUIRE names {', '.join(missing)}: no answer here.")
        return 1
    absent = [service for service in PROBES if not answers(service)]
    if absent:
        print(f"No {', no '.join(absent)} here: what needs it is skipped.", flush=True)
    with tempfile.TemporaryDirectory(prefix="igny8-tests-") as folder:
        failed = _pytest([*_CROWD, *arguments], folder, {})
        if not failed and "postgres" not in absent:
            print("The tests that use the database, again on PostgreSQL:", flush=True)
            with _database() as url:
                on_postgres = [*_CROWD, "--only-database", *arguments]
                failed = _pytest(on_postgres, folder, {"DATABASE_URL": url})
        if failed:
            return failed
        print("The chaos gate:", flush=True)
        return _pytest([*_CHAOS, *arguments], folder, {})


def _required() -> list[str]:
    names = [name for name in os.environ.get("IGNY8_REQUIRE", "").split(",") if name]
    if unknown := set(names) - PROBES.keys():
        sys.exit(f"IGNY8_REQUIRE: {', '.join(unknown)} is none of {', '.join(PROBES)}.")
    return names


def _pytest(arguments: list[str], folder: str, more: dict[str, str]) -> int:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "pytest", *arguments]
    status = subprocess.run(command, env={**kept, "TMPDIR": folder, **more}, check=False).returncode
    return 0 if status == _NOTHING_SELECTED else status


@contextmanager
def _database() -> Iterator[str]:
    """An address that is this run's own; what the tests made under its name goes at the end."""
    name = f"igny8_{secrets.token_hex(4)}"
    yield f"{postgres_url()}/{name}"
    with psycopg.connect(f"{postgres_url()}/postgres", autocommit=True) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"test_{name}"]
        )
        for (database,) in left.fetchall():
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(database)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
