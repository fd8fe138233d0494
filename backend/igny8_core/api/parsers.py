"""JSON bodies, read so that nothing in them can trouble what comes after."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from igny8_core.core.errors import InvalidPayload, TooLarge

#: Deeper than anything we take; Python's own limit would be met at an arbitrary depth.
MAX_DEPTH = 50


class JSONParser(BaseParser):
    """UTF-8 JSON of at most 10 MB and 50 levels, without NaN, NUL or half characters."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None
    ) -> Any:
        """The parsed body; raises ParseError, InvalidPayload or TooLarge."""
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge("The body is larger than 10 MB.")
        return _parsed(raw)


def _parsed(raw: bytes) -> Any:
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ParseError("The JSON is nested too deeply.") from error
    except ValueError as error:
        raise ParseError(f"JSON parse error: {error}") from error
    for attr, value in data.items() if isinstance(data, dict) else [(None, data)]:
        _check(value, attr, MAX_DEPTH)
        _check(attr, None, MAX_DEPTH)
    return data


def _check(value: Any, attr: str | None, depth: int) -> None:
    """Refuse what a database or an encoder would stumble over, naming the field."""
    if depth == 0:
        raise ParseError("The JSON is nested too deeply.")
    if isinstance(value, str):
        _check_text(value, attr)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, attr)
            _check(inner, attr, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, attr, depth - 1)


def _check_text(text: str, attr: str | None) -> None:
    if "\0" in text:
        raise InvalidPayload(
            "Null characters are not allowed.", code="null_characters_not_allowed", attr=attr
        )
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidPayload(
            "Half of a surrogate pair is not a character.",
            code="surrogate_characters_not_allowed",
            attr=attr,
        )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
