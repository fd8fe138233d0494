"""Fetching what a provider points at: only pictures, only from the outside, only so much."""

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.retry_after import retry_after
from igny8_core.ai.providers.transport import failed
from igny8_core.system.origins import named_origins, origin_of

MAX_BYTES = 20 * 1024 * 1024
#: Seconds for each part of a fetch, and for all of it, however slowly it drips.
_TIMEOUT, _LONGEST = 10, 60
#: Addresses that lead on to an IPv4 address, which may be one of ours.
_TUNNELS = [ipaddress.ip_network(net) for net in ("64:ff9b::/32", "2002::/16", "2001::/32")]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: by the address that was checked, speaking to the host that was meant."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


def fetch_picture(url: str) -> bytes:
    """The bytes behind a provider's picture address; raises CallFailed.

    No redirects, no private address, https alone, but for origins the operator has named.
    """
    target = checked(url)
    client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
    headers, extensions = target.headers, target.extensions
    try:
        with (
            client,
            client.stream("GET", target.url, headers=headers, extensions=extensions) as response,
        ):
            if response.status_code != 200:
                raise _refusal(response)
            return _bounded(response)
    except (httpx2.RequestError, httpx2.InvalidURL):
        raise failed(Kind.UNFETCHED) from None


def checked(url: str) -> Target:
    """What to connect to; raises CallFailed where it is not an address we may fetch from.

    A host is looked up once: a name that means the outside when it is checked could mean one of
    our own machines when it is connected to.
    """
    origin = origin_of(url.partition("?")[0])
    if origin is not None and origin in _named():
        return Target(url)
    if origin is None or not (origin.startswith("https://") and origin.endswith(":443")):
        raise failed(Kind.OUT_OF_BOUNDS)
    host = origin.removeprefix("https://").removesuffix(":443")
    addresses = _addresses(host)
    if not all(_is_outside(address) for address in addresses):
        raise failed(Kind.OUT_OF_BOUNDS)
    return _pinned(url, host, addresses[0])


def _named() -> set[str | None]:
    return {*named_origins(), origin_of(settings.IGNY8_SANDBOX_URL)}


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise failed(Kind.UNFETCHED) from None
    return [str(one[4][0]) for one in found]


def _is_outside(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    tunnelled = any(address in network for network in _TUNNELS)
    return address.is_global and not address.is_multicast and not tunnelled


def _pinned(url: str, host: str, address: str) -> Target:
    parts = urlsplit(url)
    place = f"[{address}]" if ":" in address else address
    pinned = parts._replace(netloc=place).geturl()
    return Target(pinned, {"Host": parts.netloc}, {"sni_hostname": host})


def _refusal(response: httpx2.Response) -> Exception:
    status = response.status_code
    if 300 <= status < 400:
        return failed(Kind.OUT_OF_BOUNDS, status=status)
    kind = Kind.GONE if status in {404, 410} else Kind.UNFETCHED
    asked = retry_after(status, response.headers)
    return failed(kind, status=status, retry_after=asked)


def _bounded(response: httpx2.Response) -> bytes:
    data, deadline = bytearray(), time.monotonic() + _LONGEST
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise failed(Kind.BAD_PICTURE)
        if time.monotonic() > deadline:
            raise failed(Kind.UNFETCHED)
    return bytes(data)
