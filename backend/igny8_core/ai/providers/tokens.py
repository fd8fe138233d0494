"""What a provider says of the tokens it used; what is not a number of tokens is not known."""

from typing import Any

from igny8_core.ai.cost import Usage

_MOST_TOKENS = 100_000_000


def tokens_told(value: Any) -> int | None:
    """A provider's count of tokens, also as `300.0` or "300"; None for what cannot be one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _MOST_TOKENS and value == int(value) else None


def usage_told(usage: Any, sent: str, received: str) -> Usage:
    """The usage object, in which input and output go by these names; whole only with both."""
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get(f"{sent}_details")
    details = details if isinstance(details, dict) else {}
    counts = tokens_told(usage.get(sent)), tokens_told(usage.get(received))
    return Usage(
        input=counts[0] or 0,
        output=counts[1] or 0,
        cached=tokens_told(details.get("cached_tokens")) or 0,
        cache_write=tokens_told(details.get("cache_write_tokens")) or 0,
        is_whole=None not in counts,
    )
