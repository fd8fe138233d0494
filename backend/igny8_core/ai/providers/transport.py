"""What all providers share: one HTTP client per address and key, and errors read off the wire."""

import email.utils
import json
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import httpx2
from django.conf import settings

from igny8_core.ai.failures import CallFailed, Kind

#: Bytes of an answer that are read: all that the journal keeps of one; more for a picture in
#: base64, which OpenAI's answers may hold.
_MAX_BODY, _MAX_PICTURE = 2 * 1024 * 1024, 64 * 1024 * 1024
_MOST_TOKENS = 100_000_000
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_QUOTA_CODES = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficientCredits",
}
_REFUSED_CODES = {"content_policy_violation", "moderation_blocked", "content_filter"}
_BY_CODE = {
    "context_length_exceeded": Kind.TOO_LONG,
    "model_not_found": Kind.MODEL,
    "invalid_api_key": Kind.KEY,
    "invalidApiKey": Kind.KEY,
    "missingApiKey": Kind.KEY,
    "timeoutProvider": Kind.SERVER,
    **dict.fromkeys(_QUOTA_CODES, Kind.QUOTA),
    **dict.fromkeys(_REFUSED_CODES, Kind.REFUSED),
}
_BY_STATUS = {
    401: Kind.KEY,
    402: Kind.QUOTA,
    403: Kind.KEY,
    404: Kind.MODEL,
    408: Kind.SERVER,
    409: Kind.SERVER,
    413: Kind.TOO_LONG,
    425: Kind.SERVER,
    429: Kind.THROTTLED,
}
_TEXTS = {
    Kind.UNREACHABLE: "The provider cannot be reached. Check base_url and the network, then press "
    "Retry.",
    Kind.THROTTLED: "The provider's rate limit is reached. Wait a while, or raise the limit "
    "there, then press Retry.",
    Kind.QUOTA: "The provider account has no quota left. Add billing there, then press Retry. "
    "No credits were charged.",
    Kind.KEY: "The provider rejected the API key. Check it in Settings > Integrations, then press "
    "Retry.",
    Kind.MODEL: "The model {model} is not available for this key. Choose another in Settings > "
    "Integrations, then press Retry.",
    Kind.TOO_LONG: "The input is too long for the model {model}. Shorten it, or choose a larger "
    "model, then press Retry.",
    Kind.REFUSED: "The provider refused this item (content policy). Change its text, then press "
    "Retry.",
    Kind.SERVER: "The provider failed to answer. Its status page may say why; press Retry later.",
    Kind.LOST: "The connection was lost before the answer came. Press Retry.",
    Kind.UNREADABLE: "The provider sent an unreadable reply. Check that base_url is its API, then "
    "press Retry.",
    Kind.INVALID: "The provider does not accept this request to {model}. Check the options in "
    "Settings > Integrations, then press Retry.",
    Kind.UNEXPECTED: "Something unexpected happened; the log says what. Press Retry.",
}


@lru_cache(maxsize=64)
def client_for(base_url: str, api_key: str) -> httpx2.Client:
    """The process's one client for an address and a key: a new one costs twenty times a call."""
    limit = settings.IGNY8_MAX_CONCURRENCY + 4
    limits = httpx2.Limits(max_connections=limit, max_keepalive_connections=limit)
    return httpx2.Client(
        base_url=base_url,
        headers={"Authorization": f"Bearer {api_key}"},
        timeout=timeouts(settings.IGNY8_PROVIDER_TIMEOUT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        transport=_Transport(limits=limits),
    )


class _Transport(httpx2.HTTPTransport):
    """A read time-out bounds each chunk; this bounds the whole answer, however slowly it drips."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        deadline = time.monotonic() + 1.5 * request.extensions["timeout"]["read"]
        response = super().handle_request(request)
        most = _MAX_PICTURE if request.url.path.endswith("/images/generations") else _MAX_BODY
        response.stream = Bounded(response.stream, deadline, most)  # type: ignore[arg-type]
        return response


class AnswerTooLong(httpx2.TransportError):
    """The rest of it was not read."""


class Bounded(httpx2.SyncByteStream):
    """What is read of an answer: until the deadline, and no more than so many bytes."""

    def __init__(self, stream: httpx2.SyncByteStream, deadline: float, most: int) -> None:
        self._stream = stream
        self._deadline = deadline
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer came too slowly")
            if size > self._most:
                raise AnswerTooLong("the answer came without end")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def timeouts(read: float) -> httpx2.Timeout:
    """Seconds for each part of a call; only the reading may take long."""
    return httpx2.Timeout(connect=5, write=10, pool=5, read=read)


def probe_timeouts() -> httpx2.Timeout:
    """For a person who waits: with TLS (a second connect) and a last chunk (a second read), 10 s.

    An answer that drips ends sooner, at one and a half times the reading.
    """
    return httpx2.Timeout(connect=1.5, write=0.5, pool=0.25, read=3)


def failed(kind: Kind, *, code: str = "", status: int | None = None, **extra: Any) -> CallFailed:
    """A failure in our words: what a provider writes may hold a key, so it is never passed on."""
    return CallFailed(kind, _TEXTS[kind], code=code, status=status, **extra)


def from_transport(error: BaseException | None) -> CallFailed:
    """What a broken connection means: nothing sent, or sent and perhaps billed."""
    if isinstance(error, _NOT_SENT):
        return failed(Kind.UNREACHABLE)
    if isinstance(error, AnswerTooLong):
        return failed(Kind.UNREADABLE)
    return failed(Kind.LOST if isinstance(error, httpx2.TransportError) else Kind.UNEXPECTED)


def from_status(status: int, body: bytes, headers: Mapping[str, str]) -> CallFailed:
    """What an error answer means: its type before its code before its status."""
    error = _error_object(body)
    codes = [str(error.get(name) or "") for name in ("type", "code")]
    kind = next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)
    if kind is None and any("spend_limit" in code for code in codes):
        kind = Kind.QUOTA
    if kind is None:
        kind = _BY_STATUS.get(status, Kind.SERVER if status >= 500 else Kind.INVALID)
    if headers.get("x-should-retry") == "false" and kind is Kind.SERVER:
        kind = Kind.INVALID
    if headers.get("x-should-retry") == "true" and kind is Kind.INVALID:
        kind = Kind.SERVER
    code = next((code for code in reversed(codes) if code), "")
    return failed(
        kind, code=code, status=status, retry_after=retry_after(headers), param=error.get("param")
    )


def tokens_told(value: Any) -> int:
    """A provider's count of tokens; what cannot be one counts as none."""
    return value if isinstance(value, int) and 0 <= value <= _MOST_TOKENS else 0


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks us to wait; None where it says nothing usable."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        return seconds if 0 <= seconds < float("inf") else None
    try:
        date = email.utils.parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError, OverflowError):
        return None
    return max(0.0, date.timestamp() - time.time())


def _error_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    found = parsed.get("error") or parsed.get("errors") if isinstance(parsed, dict) else None
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else {}
