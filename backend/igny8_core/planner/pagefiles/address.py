"""The one form of a page's address, so that a page named in several ways is one page."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from django.utils.encoding import iri_to_uri

from igny8_core.planner.tracking import without_tracking

MAX_ADDRESS = 2_000
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_USUAL_PORTS = {None, 80, 443}
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")


def page_address(text: str) -> str:
    """The address as it is stored, in ASCII; raises ValueError.

    Of http and https, of names with and without capitals, of default ports, fragments, tracking
    and passwords nothing is left that would make two pages of one; the path keeps its case.
    """
    text = text.strip()
    if any(sign.isspace() or not sign.isprintable() for sign in text):
        raise ValueError("the address holds a space or a control character")
    parts = _parts(text)
    query = "&".join(without_tracking(parts.query))
    told = SplitResult("https", _place(parts), parts.path or "/", query, "")
    url = _ESCAPED.sub(lambda found: found[0].upper(), str(iri_to_uri(told.geturl())))
    if len(url) > MAX_ADDRESS:
        raise ValueError(f"the address is longer than {MAX_ADDRESS} characters")
    return url


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:  # Its text repeats the host with whatever password stands before it.
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("this is no web address; it begins with https:// or http://")
    return parts


def _place(parts: SplitResult) -> str:
    """Host, and port where it is not the usual one; never who signs in, and with what."""
    host = _host(unquote(parts.hostname or "").rstrip("."))
    if ":" in host:
        host = f"[{host}]"
    try:
        port = parts.port
    except ValueError as e:
        raise ValueError("the address has a port that cannot be") from e
    return host if port in _USUAL_PORTS else f"{host}:{port}"


def _host(name: str) -> str:
    """The name as the network knows it: xn--mnchen-3ya.de for münchen.de."""
    try:
        host = name.lower() if name.isascii() else name.encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError("the address names no host that can be")
    return host
