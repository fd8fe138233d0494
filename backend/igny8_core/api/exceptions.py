"""Every error in one shape: `{"type", "errors": [{"code", "detail", "attr", ...}]}`.

What nobody foresaw is not translated here: it reaches Django's own handler, which logs it, and
`server_error` below, which says nothing about it.
"""

import logging
from collections.abc import Iterator
from math import ceil
from typing import Any, TypedDict

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error

from igny8_core.core.database import AWAY
from igny8_core.core.errors import Conflict, IgnyError, InvalidFields, TooLarge, Unavailable

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5


class Problem(TypedDict):
    """One error; some codes add fields of their own, such as `needed` or `task_id`."""

    code: str
    detail: str
    attr: str | None


class Problems(TypedDict):
    """The body of every answer that is not a success."""

    type: str
    errors: list[Problem]


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error of a view; None for what is a bug of ours."""
    known = _known(error)
    if isinstance(known, IgnyError):
        return _of_ours(known)
    if isinstance(known, drf.APIException):
        return _of_drf(known)
    return None


def body(status: int, problems: list[Problem]) -> Problems:
    """The contract's error body for a status."""
    return {"type": _type(status), "errors": problems}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's handler400: a request that no view got to see."""
    return _json(400, "bad_request", "This request cannot be understood.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's handler403."""
    return _json(403, "permission_denied", "This is not allowed.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's handler404: the same words as for an object that does not exist."""
    return _json(404, "not_found", "Not found.")


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500, which has logged the error with its traceback."""
    return _json(500, "server_error", "Something went wrong here; it has been logged.")


def _known(error: Exception) -> Exception:
    """The error in our tree or DRF's; itself where it has no place in either."""
    match error:
        case Http404():
            return drf.NotFound()
        case PermissionDenied():
            return drf.PermissionDenied()
        case RequestDataTooBig():
            return TooLarge("The body is larger than 10 MB.")
        case SuspiciousOperation() | BadRequest():
            return drf.ParseError()
        case DjangoValidationError():
            return drf.ValidationError(as_serializer_error(error))
        case _:
            return _of_database(error)


def _of_database(error: Exception) -> Exception:
    """What only the database could tell: a value out of its range, a race lost, its absence."""
    match error:
        case OverflowError() | DataError() | UnicodeError():
            return drf.ValidationError("A value is out of range.", code="out_of_range")
        case IntegrityError():
            logger.warning("A constraint held what no service had checked", exc_info=error)
            return Conflict("Another request was faster; read the object again.")
        case _ if isinstance(error, AWAY):
            logger.error("The database does not answer", exc_info=error)
            return Unavailable("The database does not answer; try again in a moment.")
        case _:
            return error


def _of_ours(error: IgnyError) -> Response:
    errors = error.errors if isinstance(error, InvalidFields) else [error]
    response = Response(body(error.status, [_problem(each) for each in errors]), error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if error.status in {429, 503}:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _problem(error: IgnyError) -> Problem:
    problem: Problem = {"code": error.code, "detail": error.detail, "attr": error.attr}
    return {**problem, **error.extra}  # type: ignore[typeddict-item]


def _of_drf(error: drf.APIException) -> Response:
    problems = list(_flat(error.detail, ()))
    response = Response(body(error.status_code, problems), error.status_code)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(ceil(wait))
    return response


def _flat(detail: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    """Each leaf of DRF's nested detail with its dotted place."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else (*path, str(name))
            yield from _flat(inner, here)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            here = (*path, str(number)) if isinstance(inner, dict | list) else path
            yield from _flat(inner, here)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"code": str(code), "detail": str(detail), "attr": ".".join(path) or None}


def _type(status: int) -> str:
    if status >= 500:
        return "server_error"
    return "validation_error" if status == 400 else "client_error"


def _json(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(
        body(status, [{"code": code, "detail": detail, "attr": None}]), status=status
    )
