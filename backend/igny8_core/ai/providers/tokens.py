"""What a provider says of the tokens it used; what is not a number of tokens counts as none."""

from typing import Any

from igny8_core.ai.cost import Usage

_MOST_TOKENS = 100_000_000


def tokens_told(value: Any) -> int:
    """A provider's count of tokens; what cannot be one counts as none."""
    return value if isinstance(value, int) and 0 <= value <= _MOST_TOKENS else 0


def usage_told(usage: Any, sent: str, received: str) -> Usage:
    """OpenAI's usage object, whose names for input and output differ between its interfaces."""
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get(f"{sent}_details")
    details = details if isinstance(details, dict) else {}
    return Usage(
        input=tokens_told(usage.get(sent)),
        output=tokens_told(usage.get(received)),
        cached=tokens_told(details.get("cached_tokens")),
        cache_write=tokens_told(details.get("cache_write_tokens")),
    )
