"""What a database that is away for the moment makes its callers see."""

from django.db import InterfaceError, InternalError, OperationalError

#: InternalError: PostgreSQL has cut off a session that slept within its transaction.
AWAY = (OperationalError, InterfaceError, InternalError)
