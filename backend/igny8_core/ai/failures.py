"""Why a provider call failed: the kinds that decide what happens next, and what a person reads.

The numbers are those of docs/reliability.md.
"""

from enum import StrEnum
from typing import Any

from igny8_core.core.errors import ProviderError


class Kind(StrEnum):
    """One kind, one way of going on."""

    UNREACHABLE = "unreachable"  # E1: nothing was sent, nothing billed
    THROTTLED = "throttled"  # E2: wait as told
    QUOTA = "quota"  # E3: final for this key
    KEY = "key"  # E4: final for this key
    MODEL = "model"  # E5: final for this model
    TOO_LONG = "too_long"  # E6
    REFUSED = "refused"  # E7: content policy
    SERVER = "server"  # E8: theirs, worth another try
    LOST = "lost"  # E9: sent, no answer, perhaps billed
    UNREADABLE = "unreadable"  # E10: answered, but not in its own format
    INVALID = "invalid"  # a request that will never be right
    UNEXPECTED = "unexpected"  # E13

    @property
    def ends_run(self) -> bool:
        """Whether every other item of the run would meet the same end."""
        return self in {Kind.QUOTA, Kind.KEY, Kind.MODEL}


class CallFailed(ProviderError):
    """One attempt at a provider failed; `kind` says what that means."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        code: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail, code=str(kind), **extra)
        self.kind = kind
        self.provider_code = code
        self.http_status = status
        self.retry_after = retry_after
