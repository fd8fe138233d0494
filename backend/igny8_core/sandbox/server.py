"""The stand-in provider as a server: started, stopped, and its own controls.

Besides the providers' paths it answers under `/__sandbox__/`: `POST`, `GET` and `DELETE` of
`script` (rules as in `faults`: one or a list, text or JSON), `GET` and `DELETE` of `log`, `GET`
of `health`.
"""

import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any

from igny8_core.sandbox.faults import Script
from igny8_core.sandbox.handler import Handler
from igny8_core.sandbox.ledger import Ledger
from igny8_core.sandbox.runware_wire import TaskBook
from igny8_core.sandbox.wire import Studio


class Sandbox:
    """A running stand-in: `with Sandbox() as sandbox: ... sandbox.url`.

    `faults` are rules as in the module `faults`; `log_path` keeps each billed entry in a file.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        faults: Iterable[Any] = (),
        log_path: Path | str | None = None,
    ) -> None:
        self.script = Script(list(faults))
        self.stopping = threading.Event()
        self._server = Server((host, port), self)
        self._thread: threading.Thread | None = None
        self.ledger = Ledger(log_path)
        self.studio = Studio(self.url)
        self.book = TaskBook()

    @property
    def url(self) -> str:
        """The address without a path; OpenAI's base is `url + "/v1"`, Runware's `url`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> "Sandbox":
        """Answer in a thread from now on."""
        self._thread = threading.Thread(target=self.run, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def run(self) -> None:
        """Answer in this thread until `stop` is called from another."""
        # Not `serve_forever`, which looks for its end a few times a second and so stops late.
        while not self.stopping.is_set():
            self._server.handle_request()

    def stop(self) -> None:
        """Refuse connections and drop those that are open; calls at work stay unbilled."""
        self.stopping.set()
        self._server.wake()
        if self._thread:
            self._thread.join()
            self._thread = None
        self._server.close()
        self.ledger.close()

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    port: int = 0,
    faults: Iterable[Any] = (),
    *,
    host: str = "127.0.0.1",
    log_path: Path | str | None = None,
) -> None:
    """Answer until interrupted, as `igny8 sandbox` does; prints the address first."""
    sandbox = Sandbox(port, host=host, faults=faults, log_path=log_path)
    print(f"IGNY8 sandbox on {sandbox.url}", flush=True)  # noqa: T201
    try:
        sandbox.run()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.stop()


class Server(ThreadingHTTPServer):
    """A thread for each connection; knows those that are open, so that it can end them."""

    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # HTTPServer looks up its own name here, which may take seconds without a network.
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def wake(self) -> None:
        """Let the thread that waits for connections go on."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the listening socket and wake every thread that reads from a client."""
        self.server_close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
