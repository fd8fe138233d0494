"""How long a provider asks us to wait, in every form that providers say it."""

import email.utils
import re
import time
from collections.abc import Mapping

#: OpenAI writes `1s`, `6m0s`, `20ms`.
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def retry_after(status: int, headers: Mapping[str, str]) -> float | None:
    """The longest of the waits asked for, in seconds; None where nothing usable is said."""
    waits = [_number(headers.get("retry-after-ms"), 0.001), _seconds_or_date(headers)]
    if status == 429:
        names = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens")
        waits += [_duration(headers.get(name, "")) for name in names]
    return max((wait for wait in waits if wait is not None), default=None)


def _number(text: str | None, scale: float = 1.0) -> float | None:
    try:
        seconds = float(text or "") * scale
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_or_date(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        date = email.utils.parsedate_to_datetime(text)
        return max(0.0, date.timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _duration(text: str) -> float | None:
    if not _DURATION.fullmatch(text):
        return _number(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
