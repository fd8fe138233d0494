"""Brokers that may be pulled: a Redis of our own, and RabbitMQ behind a wire that we can cut.

RabbitMQ is the one on the standard port, in a virtual host that lives as long as the test.
"""

import secrets
import shutil
import socket
import subprocess
import threading
from contextlib import suppress

from tests.chaos.services import OwnRedis


class RedisBroker(OwnRedis):
    """Stopping it loses every message; hanging is a SIGSTOP."""

    def lose_messages(self) -> None:
        assert self.ask(b"FLUSHALL\r\n").startswith(b"+OK")


class RabbitBroker:
    """Its messages are lost with the queue; stopped and hung is the wire to it."""

    def __init__(self) -> None:
        self._vhost = f"igny8-chaos-{secrets.token_hex(4)}"
        _rabbitmqctl("add_vhost", self._vhost)
        _rabbitmqctl("set_permissions", "-p", self._vhost, "guest", ".*", ".*", ".*")
        self._wire = Wire(5672)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._wire.port}/{self._vhost}"

    def stop(self) -> None:
        self._wire.cut()

    def start(self) -> None:
        self._wire.mend()

    def hang(self) -> None:
        self._wire.block()

    def wake(self) -> None:
        self._wire.mend()

    def lose_messages(self) -> None:
        _rabbitmqctl("purge_queue", "-p", self._vhost, "celery")

    def close(self) -> None:
        self._wire.close()
        _rabbitmqctl("delete_vhost", self._vhost)


def can_use_rabbitmq() -> bool:
    return bool(shutil.which("rabbitmqctl"))


def _rabbitmqctl(*arguments: str) -> None:
    subprocess.run(["rabbitmqctl", "-q", *arguments], check=True, stdout=subprocess.DEVNULL)


class Wire:
    """A port that passes bytes on to another, until it is blocked (silent) or cut (refuses)."""

    def __init__(self, to_port: int) -> None:
        self._to = to_port
        self._flows = threading.Event()
        self._flows.set()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        self._flows.set()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def block(self) -> None:
        self._flows.clear()

    def cut(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._flows.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        for one in (source, target):
            self._open.discard(one)
            with suppress(OSError):
                one.close()


BROKERS = {"redis": RedisBroker, "rabbitmq": RabbitBroker}
