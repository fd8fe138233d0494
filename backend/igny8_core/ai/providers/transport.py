"""What all providers share: how their HTTP clients are, and errors read off the wire."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
from django.conf import settings

from igny8_core.ai.failures import TEXTS, CallFailed, Kind
from igny8_core.ai.providers.retry_after import retry_after

#: Bytes of an answer that are read: all that the journal keeps of one; more for a picture in
#: base64, which OpenAI's answers may hold.
_MAX_BODY, _MAX_PICTURE = 2 * 1024 * 1024, 64 * 1024 * 1024
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_QUOTA_CODES = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficientCredits",
}
_REFUSED_CODES = {
    "content_policy_violation",
    "moderation_blocked",
    "content_filter",
    "contentPolicyViolation",
    "contentModerated",
    "invalid_prompt",
    "bio_policy",
    "misalignment_policy_violation",
}
#: Of what a provider says of a length only the numbers are told: the most, and what it was.
_LENGTHS = re.compile(r"maximum context length is (\d{1,9}) tokens.*?(\d{1,9}) tokens", re.DOTALL)
_OPTION = re.compile(
    r"\b(?:response_format|json_schema|max_completion_tokens|max_tokens|temperature"
    r"|reasoning_effort|prompt_cache_key)\b"
)
_BY_CODE = {
    "context_length_exceeded": Kind.TOO_LONG,
    "model_not_found": Kind.MODEL,
    "invalid_api_key": Kind.KEY,
    "invalidApiKey": Kind.KEY,
    "missingApiKey": Kind.KEY,
    "timeoutProvider": Kind.SERVER,
    "contextLengthExceeded": Kind.TOO_LONG,
    "requestTooLarge": Kind.TOO_LONG,
    "invalidModel": Kind.MODEL,
    "rate_limit_exceeded": Kind.THROTTLED,
    "rateLimitExceeded": Kind.THROTTLED,
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


def new_client(base_url: str, api_key: str) -> httpx2.Client:
    """A client for an address and a key, for all the threads of the process."""
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
    return CallFailed(kind, TEXTS[kind], code=code, status=status, **extra)


def from_transport(error: BaseException | None) -> CallFailed:
    """What a broken connection means: nothing sent, or sent and perhaps billed."""
    if isinstance(error, _NOT_SENT):
        return failed(Kind.UNREACHABLE)
    if isinstance(error, AnswerTooLong | httpx2.DecodingError):
        return failed(Kind.UNREADABLE)
    return failed(Kind.LOST if isinstance(error, httpx2.TransportError) else Kind.UNEXPECTED)


def from_status(status: int, body: bytes, headers: Mapping[str, str]) -> CallFailed:
    """What an error answer means: its type before its code before its status."""
    error = _error_object(body)
    codes = [str(error.get(name) or "") for name in ("type", "code")]
    kind = _kind_told(error, codes)
    if kind is None:
        kind = _BY_STATUS.get(status, Kind.SERVER if status >= 500 else Kind.INVALID)
    if headers.get("x-should-retry") == "false" and kind is Kind.SERVER:
        kind = Kind.INVALID
    if headers.get("x-should-retry") == "true" and kind is Kind.INVALID:
        kind = Kind.SERVER
    code = next((code for code in reversed(codes) if code), "")
    asked = retry_after(status, headers)
    param = str(error.get("param") or error.get("parameter") or _option_told(error))
    failure = failed(kind, code=code, status=status, retry_after=asked, param=param)
    if kind is Kind.TOO_LONG:
        failure.detail = failure.detail.replace("{size}", _size_told(error))
    return failure


def check_is_api(body: bytes) -> None:
    """Raises CallFailed for what no API answers with: a web page, or nothing."""
    try:
        is_api = isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):
        is_api = False
    if not is_api:
        raise failed(Kind.UNREADABLE)


def _kind_told(error: dict[str, Any], codes: list[str]) -> Kind | None:
    """What the body says of itself, by its codes or, without any, as vLLM and OpenRouter do."""
    known = next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)
    if known is None and any("spend_limit" in code for code in codes):
        return Kind.QUOTA
    if known is None and _size_told(error):
        return Kind.TOO_LONG
    metadata = error.get("metadata")
    if known is None and isinstance(metadata, dict) and "flagged_input" in metadata:
        return Kind.REFUSED
    return known


def _option_told(error: dict[str, Any]) -> str:
    """The option that an error is about where only its text says so, as that of vLLM does."""
    found = _OPTION.search(str(error.get("message"))[:2000])
    return found[0] if found else ""


def _size_told(error: dict[str, Any]) -> str:
    found = _LENGTHS.search(str(error.get("message"))[:2000])
    return f" ({found[2]} of at most {found[1]} tokens)" if found else ""


def _error_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parsed, dict):
        return {}
    # vLLM's older versions put what others call "error" in its place.
    bare = parsed if parsed.get("object") == "error" else None
    found = parsed.get("error") or parsed.get("errors") or bare
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else {}
