"""Connections that are over at a given time, however slowly the other side drips.

A read time-out bounds the wait for the next bytes alone: one byte every few seconds, in the head
of an answer or in its body, keeps a connection open for as long as the other side likes.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

from httpcore2 import NetworkBackend, NetworkStream, ReadTimeout, SyncBackend


class Until(NetworkBackend):
    """Opens connections that are of no more use after so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._backend = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """A connection whose every wait ends at the deadline."""
        left = _left(self._deadline, timeout)
        opened = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(opened, self._deadline)


class _Stream(NetworkStream):
    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        left = _left(self._deadline, timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise ReadTimeout("it took too long in all")
    return left if timeout is None else min(left, timeout)
