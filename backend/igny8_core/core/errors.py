"""One error tree: what a person reads, a code a program reads, and the HTTP status of both.

IgnyError
├── InvalidPayload          400  a field is wrong; `attr` names it
│   ├── InvalidFields            several are, each with its own error
│   └── NothingToDo              everything that was asked for is there already
├── NotSignedIn             401  wrong address or password
├── InsufficientCredits     402  with `needed` and `available`
├── Forbidden               403  the role, or the installation, does not allow it
├── NotInAccount            404  unknown, or another account's: the same answer
├── Conflict                409  right, but not now (stale version, already running, last owner)
├── TooLarge                413  a file or body over its limit
├── Mismatch                422  the same Idempotency-Key with another request
├── Unavailable             503  the database or a needed service is away for the moment
└── AIError                      one item of a run ended; never a status of its own
    ├── NotConfigured            no key, no model, no provider; or a key that cannot be read
    ├── ProviderError            the provider answered with an error, or not at all
    ├── BadResponse              the provider answered with something unusable
    └── TargetGone               the object was deleted or changed while the run was going
"""

from typing import Any, ClassVar


class IgnyError(Exception):
    """Something a user can be told: `detail` names the thing and the cure."""

    status: ClassVar[int] = 400
    default_code: ClassVar[str] = "invalid"

    def __init__(
        self, detail: str, *, code: str | None = None, attr: str | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.attr = attr
        self.extra = extra


class InvalidPayload(IgnyError):
    """A field of the request is wrong."""


class InvalidFields(InvalidPayload):
    """Several fields of the request are wrong."""

    def __init__(self, errors: list[InvalidPayload]) -> None:
        first = errors[0]
        super().__init__(first.detail, code=first.code, attr=first.attr)
        self.errors = errors


class NothingToDo(InvalidPayload):
    """Everything that the request asks for is there already."""

    default_code = "nothing_to_do"


class NotSignedIn(IgnyError):
    """Address and password do not belong together."""

    status = 401
    default_code = "authentication_failed"


class InsufficientCredits(IgnyError):
    """The account has fewer credits than the request needs."""

    status = 402
    default_code = "insufficient_credits"


class Forbidden(IgnyError):
    """The caller's role, or the installation, does not allow it."""

    status = 403
    default_code = "permission_denied"


class NotInAccount(IgnyError):
    """There is no such object in the caller's account."""

    status = 404
    default_code = "not_found"

    def __init__(self, detail: str = "Not found.", **kwargs: Any) -> None:
        super().__init__(detail, **kwargs)


class Conflict(IgnyError):
    """A sound request that meets a state it cannot be carried out in."""

    status = 409
    default_code = "conflict"


class TooLarge(IgnyError):
    """A file or body over its limit."""

    status = 413
    default_code = "too_large"


class Mismatch(IgnyError):
    """An Idempotency-Key came back with another request."""

    status = 422
    default_code = "idempotency_mismatch"


class Unavailable(IgnyError):
    """Something this installation needs does not answer; the request may be sent again."""

    status = 503
    default_code = "unavailable"


class AIError(IgnyError):
    """One item of a run cannot go on; the run's other items do."""

    default_code = "ai_error"


class NotConfigured(AIError):
    """No provider, model or key for this call."""

    default_code = "not_configured"


class ProviderError(AIError):
    """The provider refused, failed or could not be reached."""

    default_code = "provider_error"


class BadResponse(AIError):
    """The provider's answer cannot be used."""

    default_code = "bad_output"


class TargetGone(AIError):
    """The object an item works on is gone."""

    default_code = "target_gone"
