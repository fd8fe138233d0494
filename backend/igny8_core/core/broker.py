"""Does anything listen where the broker should be?"""

import socket
from urllib.parse import urlsplit

_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "pyamqp": 5672, "amqps": 5671}


def place_of(url: str) -> tuple[str, int]:
    """Host and port of a broker's URL."""
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or _PORTS.get(parts.scheme, 0)


def knock(url: str, *, seconds: float = 1) -> None:
    """Connect and leave; raises OSError where nothing listens.

    No conversation: that could hang for longer than a probe may.
    """
    socket.create_connection(place_of(url), timeout=seconds).close()
