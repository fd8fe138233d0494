"""JSON that comes from outside, checked against a pydantic schema, in our own errors."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from igny8_core.core.errors import InvalidFields, InvalidPayload

S = TypeVar("S", bound=BaseModel)


def checked(schema: type[S], data: Any, *, attr: str) -> S:
    """The data in the schema's shape; raises InvalidFields naming each wrong field below `attr`."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise InvalidFields([_invalid(detail, attr) for detail in error.errors()]) from error


def _invalid(detail: ErrorDetails, attr: str) -> InvalidPayload:
    place = ".".join(part for part in (attr, *map(str, detail["loc"])) if part) or None
    if detail["type"] == "extra_forbidden":
        return InvalidPayload(
            f'"{detail["loc"][-1]}" is not known here.', code="unknown", attr=place
        )
    return InvalidPayload(f"{detail['msg']}.", code=detail["type"], attr=place)
