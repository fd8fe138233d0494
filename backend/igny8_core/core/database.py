"""What a database does that is away for the moment, and how it is read as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, InternalError, OperationalError, connection

#: InternalError: PostgreSQL has cut off a session that slept within its transaction.
AWAY = (OperationalError, InterfaceError, InternalError)
#: With a write-ahead log SQLite's deferred transaction keeps nobody from writing.
_BEGIN = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Whatever is read within is as it was at one moment; within a transaction, as that has it."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN.get(connection.vendor, "BEGIN DEFERRED"))
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
