"""What answers on this machine, each at its usual place: PostgreSQL, Redis, RabbitMQ, Chromium, and
the weights of the embedding model."""

import os
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import psycopg

from igny8_core.planner.clustering.weights import packaged

REDIS_URL = "redis://127.0.0.1:6379"
RABBITMQ_URL = "amqp://guest:guest@127.0.0.1:5672"


@cache
def postgres_url() -> str:
    """The server's address with a user it lets in, "" where it lets in none of ours."""
    password = os.environ.get("PGPASSWORD", "")
    for user in filter(None, (os.environ.get("PGUSER"), "root", "postgres")):
        url = f"postgresql://{user}{f':{password}' if password else ''}@127.0.0.1:5432"
        with suppress(psycopg.OperationalError):
            psycopg.connect(f"{url}/postgres", connect_timeout=2).close()
            return url
    return ""


@cache
def answers(service: str) -> bool:
    """Whether the service can be used in this run of the tests."""
    return PROBES[service]()


def _redis() -> bool:
    return _said(6379, b"PING\r\n").startswith((b"+PONG", b"-NOAUTH"))


def _rabbitmq() -> bool:
    # A broker greets a client of its protocol with the method connection.start (10, 10).
    return _said(5672, b"AMQP\x00\x00\x09\x01")[7:11] == b"\x00\x0a\x00\x0a"


def _chromium() -> bool:
    return bool(shutil.which("chromium") or shutil.which("chromium-browser"))


def _weights() -> bool:
    return packaged() is not None


def _said(port: int, greeting: bytes) -> bytes:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(greeting)
        return connection.recv(64)
    return b""


PROBES: dict[str, Callable[[], bool]] = {
    "postgres": lambda: bool(postgres_url()),
    "redis": _redis,
    "rabbitmq": _rabbitmq,
    "chromium": _chromium,
    "weights": _weights,
}
