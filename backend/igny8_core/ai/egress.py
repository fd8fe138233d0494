"""Fetching what a provider points at: only pictures, only from the outside, only so much."""

import ipaddress
import socket

import httpx2
from django.conf import settings

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.transport import failed, from_transport
from igny8_core.system.origins import named_origins, origin_of

MAX_BYTES = 20 * 1024 * 1024
_TIMEOUT = 10


def fetch_picture(url: str) -> bytes:
    """The bytes behind a provider's picture address; raises CallFailed.

    No redirects, no private address, https alone, but for origins the operator has named.
    """
    check_address(url)
    client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
    try:
        with client, client.stream("GET", url) as response:
            if response.status_code != 200:
                raise failed(Kind.LOST, status=response.status_code)
            return _bounded(response)
    except httpx2.TransportError as error:
        raise from_transport(error) from None


def check_address(url: str) -> None:
    """Raise CallFailed where the address is not one we may fetch from."""
    origin = origin_of(url.partition("?")[0])
    if origin in {*named_origins(), origin_of(settings.IGNY8_SANDBOX_URL)} - {None}:
        return
    if origin is None or not (origin.startswith("https://") and origin.endswith(":443")):
        raise failed(Kind.INVALID, code="address_refused")
    host = origin.removeprefix("https://").removesuffix(":443")
    if not all(ipaddress.ip_address(ip).is_global for ip in _addresses(host)):
        raise failed(Kind.INVALID, code="address_refused")


def _addresses(host: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, 443)}
    except OSError:
        raise failed(Kind.UNREACHABLE) from None


def _bounded(response: httpx2.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise failed(Kind.INVALID, code="picture_too_large")
    return bytes(data)
