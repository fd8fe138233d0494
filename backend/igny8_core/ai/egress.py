"""Fetching what a provider points at: only pictures, only from the outside, only so much."""

import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2
from django.conf import settings

from igny8_core.ai.deadline import Until
from igny8_core.ai.failures import Kind
from igny8_core.ai.patience import within
from igny8_core.ai.providers.retry_after import retry_after
from igny8_core.ai.providers.transport import failed
from igny8_core.core.pictures import TELLING_BYTES, format_of
from igny8_core.system.origins import named_origins, origin_of

MAX_BYTES = 20 * 1024 * 1024
#: Seconds for each part of a fetch, and for all of it, however slowly it drips; and before that
#: for the look-up of its host.
_TIMEOUT, _LONGEST, _LOOK_UP = 10, 60, 10
_TIMEOUTS = {"timeout": dict.fromkeys(("connect", "write", "read"), _TIMEOUT)}
_BROKEN = (
    *(httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError),
    httpcore2.UnsupportedProtocol,
)
#: Where the internet is in IPv6: what lies beside it leads on to IPv4, or to nobody.
_IPV6 = ipaddress.IPv6Network("2000::/3")
#: Within it and within IPv4: what leads on to an address that may be one of ours (Teredo, 6to4 and
#: its relays), examples, and what is set aside for protocols.
_ELSEWHERE = [
    ipaddress.ip_network(net)
    for net in (
        "2001::/32",
        "2002::/16",
        "2001:db8::/32",
        "3fff::/20",
        "192.88.99.0/24",
        "192.0.0.0/24",
    )
]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: by the address that was checked, speaking to the host that was meant."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


def fetch_picture(url: str) -> bytes:
    """The bytes behind a provider's picture address; raises CallFailed.

    No redirects, no private address, https alone, but for origins the operator has named; at
    most 20 MB and a minute, and nothing that does not begin as a picture does.
    """
    target = checked(url)
    try:
        asked = _request(target)
        with (
            httpcore2.ConnectionPool(_tls(), network_backend=Until(_LONGEST)) as pool,
            pool.stream(b"GET", **asked, extensions=target.extensions | _TIMEOUTS) as response,
        ):
            return _picture_in(response)
    except (*_BROKEN, httpx2.InvalidURL):
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
        look_up = partial(socket.getaddrinfo, host, 443, type=socket.SOCK_STREAM)
        found = within(_LOOK_UP, look_up)
    except (OSError, UnicodeError):
        raise failed(Kind.UNFETCHED) from None
    return [str(one[4][0]) for one in found]


def _is_outside(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 6 and address not in _IPV6:
        return False
    elsewhere = any(address in network for network in _ELSEWHERE)
    return address.is_global and not address.is_multicast and not elsewhere


def _pinned(url: str, host: str, address: str) -> Target:
    parts = urlsplit(url)
    place = f"[{address}]" if ":" in address else address
    pinned = parts._replace(netloc=place).geturl()
    return Target(pinned, {"Host": parts.netloc}, {"sni_hostname": host})


def _request(target: Target) -> dict[str, Any]:
    url = httpx2.URL(target.url)
    address = httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return {"url": address, "headers": {"Host": url.netloc.decode()} | target.headers}


def _picture_in(response: httpcore2.Response) -> bytes:
    if response.status != 200:
        raise _refusal(response)
    if _size_told(response) > MAX_BYTES:
        raise failed(Kind.BAD_PICTURE)
    data = bytearray()
    for chunk in response.iter_stream():
        data += chunk
        is_none = len(data) >= TELLING_BYTES and format_of(bytes(data[:TELLING_BYTES])) is None
        if is_none or len(data) > MAX_BYTES:
            raise failed(Kind.BAD_PICTURE)
    if format_of(bytes(data[:TELLING_BYTES])) is None:
        raise failed(Kind.BAD_PICTURE)
    return bytes(data)


def _refusal(response: httpcore2.Response) -> Exception:
    status, headers = response.status, httpx2.Headers(response.headers)
    if 300 <= status < 400:
        return failed(Kind.OUT_OF_BOUNDS, status=status)
    kind = Kind.GONE if status in {404, 410} else Kind.UNFETCHED
    return failed(kind, status=status, retry_after=retry_after(status, headers))


def _size_told(response: httpcore2.Response) -> int:
    told = httpx2.Headers(response.headers).get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are checked as everywhere; reading the system's takes longer than a fetch."""
    return httpx2.create_ssl_context(trust_env=False)
