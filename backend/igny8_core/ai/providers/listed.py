"""What a provider's list of models says of them."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.transport import failed


@dataclass(frozen=True, slots=True)
class Listed:
    """The ids, and the shutdown date of each that the list tells one of, or that it has none."""

    ids: tuple[str, ...]
    dates: dict[str, datetime.date | None]


def listed_in(body: bytes) -> Listed:
    """The models in the answer to `GET /models` as OpenAI gives it; raises CallFailed.

    `shutdown_date` is OpenAI's own (YYYY-MM-DD or null); other endpoints leave it out.
    """
    try:
        rows: list[dict[str, Any]] = json.loads(body)["data"]
        ids = tuple(str(row["id"]) for row in rows)
        told = [row for row in rows if "shutdown_date" in row]
        return Listed(ids, {str(row["id"]): _date(row["shutdown_date"]) for row in told})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise failed(Kind.UNREADABLE) from None


def _date(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)
