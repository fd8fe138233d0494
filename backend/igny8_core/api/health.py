"""Is the process up, and does what it needs answer? Two addresses that need no token."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse

from igny8_core.core.broker import knock


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
    try:
        knock(url)
    except OSError:
        return False
    return True
