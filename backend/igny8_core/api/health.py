"""Is the process up, and does what it needs answer? Two addresses that need no token."""

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse

BROKER_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "pyamqp": 5672, "amqps": 5671}
BROKER_SECONDS = 1


def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Database and, where one is set, broker answer; else 503 and which of them does not."""
    checks = {"database": _database_answers()}
    if settings.CELERY_BROKER_URL:
        checks["broker"] = _broker_answers(settings.CELERY_BROKER_URL)
    ready = all(checks.values())
    words = {name: "ok" if answers else "no answer" for name, answers in checks.items()}
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", **words}, status=200 if ready else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _broker_answers(url: str) -> bool:
    """Whether something listens there; a conversation could hang for longer than a probe may."""
    parts = urlsplit(url)
    address = (parts.hostname or "localhost", parts.port or BROKER_PORTS.get(parts.scheme, 0))
    try:
        with socket.create_connection(address, timeout=BROKER_SECONDS):
            return True
    except OSError:
        return False
