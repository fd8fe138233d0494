"""Which addresses an account may have its provider calls sent to."""

from urllib.parse import urlsplit

from django.conf import settings

from igny8_core.core.errors import InvalidPayload

PROVIDER_ORIGINS = {
    "openai": "https://api.openai.com:443",
    "runware": "https://api.runware.ai:443",
}
_PORTS = {"https": 443, "http": 80}


def check_base_url(url: str) -> str:
    """The address where its origin is a provider's own or one that the operator has named.

    Raises InvalidPayload on `base_url`. http and loopback pass only where the operator has named
    exactly that scheme, host and port.
    """
    origin = origin_of(url)
    if origin is None:
        raise InvalidPayload("This is not an address such as https://host/v1.", attr="base_url")
    if origin not in {*PROVIDER_ORIGINS.values(), *named_origins()}:
        raise InvalidPayload(
            f"Calls may not be sent to {origin}. The operator can allow it in "
            "IGNY8_PROVIDER_HOSTS.",
            code="origin_not_allowed",
            attr="base_url",
        )
    return url


def origin_of(url: str) -> str | None:
    """Scheme, host and port in one form; None for what is no plain http(s) address."""
    if not url.isascii() or not url.isprintable() or set(url) & set(" \\@?#"):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or parts.scheme not in _PORTS or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname.rstrip('.')}:{port}"


def named_origins() -> set[str | None]:
    """The operator's own addresses, and those they allow; a bare host means https."""
    hosts = (host if "://" in host else f"https://{host}" for host in settings.IGNY8_PROVIDER_HOSTS)
    named = [settings.OPENAI_BASE_URL, settings.RUNWARE_BASE_URL, *hosts]
    return {origin_of(url) for url in named if url} - {None}
