"""Why a provider call failed: the kinds that decide what happens next, and what a person reads.

The numbers are those of docs/errors.md, which says of each what is done and what is read.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from igny8_core.core.errors import ProviderError

if TYPE_CHECKING:
    from igny8_core.ai.requests import Answer


class Kind(StrEnum):
    """One kind, one way of going on."""

    UNREACHABLE = "unreachable"  # E1: nothing was sent, nothing billed
    THROTTLED = "throttled"  # E2: wait as told
    QUOTA = "quota"  # E3: final for this key
    KEY = "key"  # E4: final for this key
    MODEL = "model"  # E5: final for this model
    PARAMETER = "parameter"  # E5: an option the model does not take; asked again without it
    TOO_LONG = "too_long"  # E6
    REFUSED = "refused"  # E7: content policy
    SERVER = "server"  # E8: theirs, worth another try
    LOST = "lost"  # E9: sent, no answer, perhaps billed
    AT_WORK = "at_work"  # E9: sent before, its answer is still being made
    UNFETCHED = "unfetched"  # a picture that is made and paid for, at an address that fails
    UNKEPT = "unkept"  # a picture that is made and paid for, and cannot be stored here
    GONE = "gone"  # a picture that is no longer to be had
    OUT_OF_BOUNDS = "address_refused"  # a picture at an address that we do not fetch from
    BAD_PICTURE = "bad_picture"  # a file that is too large, or no picture that we take
    UNREADABLE = "unreadable"  # E10: answered, but not in its own format
    INVALID = "invalid"  # a request that will never be right
    UNEXPECTED = "unexpected"  # E13

    @property
    def ends_run(self) -> bool:
        """Whether every other item of the run would meet the same end."""
        return self in {Kind.QUOTA, Kind.KEY, Kind.MODEL}

    @property
    def may_be_billed(self) -> bool:
        """Whether the provider may have done the work, and taken the money, all the same."""
        return self in {Kind.LOST, Kind.UNREADABLE, Kind.UNEXPECTED}


#: Never a provider's own words: they may hold a key. {provider} and {model} are those of the
#: call, {size} is " (n of at most m tokens)" where the provider says so.
TEXTS = {
    Kind.UNREACHABLE: "{provider} cannot be reached. Check base_url and the network, then press "
    "Retry.",
    Kind.THROTTLED: "The rate limit of your account at {provider} is reached. Wait a while, or "
    "raise the limit there, then press Retry.",
    Kind.QUOTA: "Your account at {provider} has no quota left. Add billing there, then press "
    "Retry. No credits were charged.",
    Kind.KEY: "{provider} rejected the API key. Check it in Settings > Integrations, then press "
    "Retry.",
    Kind.MODEL: "The model {model} is not available for this key. Choose another in Settings > "
    "Integrations, then press Retry.",
    Kind.PARAMETER: "The model {model} refuses one option after another. Check the options in "
    "Settings > Integrations, then press Retry.",
    Kind.TOO_LONG: "The input is too long for the model {model}{size}. Shorten it, or choose a "
    "larger model, then press Retry.",
    Kind.REFUSED: "{provider} refused this item (content policy). Change its text, then press "
    "Retry.",
    Kind.SERVER: "{provider} failed to answer. Its status page may say why; press Retry later.",
    Kind.LOST: "The connection to {provider} was lost before the answer came. Press Retry.",
    Kind.AT_WORK: "{provider} is still at work on it. Press Retry later: it is not paid for twice.",
    Kind.UNFETCHED: "The picture is made, but cannot be fetched from {provider}. Press Retry "
    "later: it is not paid for twice.",
    Kind.UNKEPT: "The picture is made, but there is no room to keep it here. Free some space, then "
    "press Retry.",
    Kind.GONE: "The picture is no longer where {provider} put it. Press Retry for another.",
    Kind.OUT_OF_BOUNDS: "{provider} put the picture where nothing may be fetched from. Allow the "
    "origin in IGNY8_PROVIDER_HOSTS, then press Retry.",
    Kind.BAD_PICTURE: "The file from {provider} is too large, or no picture. Press Retry for "
    "another.",
    Kind.UNREADABLE: "{provider} sent an unreadable reply. Check that base_url is its API, then "
    "press Retry.",
    Kind.INVALID: "{provider} does not accept this request to {model}. Check the options in "
    "Settings > Integrations, then press Retry.",
    Kind.UNEXPECTED: "Something unexpected happened; the log says what. Press Retry.",
}


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
        paid: "Answer | None" = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail, code=str(kind), **extra)
        self.kind = kind
        self.provider_code = code
        self.http_status = status
        self.retry_after = retry_after
        #: What came back and is billed, unusable as it is: its usage, its cost, its body.
        self.paid = paid

    @property
    def may_be_billed(self) -> bool:
        """Whether the provider has taken money for it, or may have."""
        return self.paid is not None or self.kind.may_be_billed

    def told_of(self, provider: str, model: str = "its model") -> "CallFailed":
        """The same failure, its text naming what was called."""
        for name, value in {"{provider}": provider, "{model}": model, "{size}": ""}.items():
            self.detail = self.detail.replace(name, value)
        self.detail = self.detail[0].upper() + self.detail[1:]
        return self
