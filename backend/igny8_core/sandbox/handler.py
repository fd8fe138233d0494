"""One connection to the stand-in: requests read, exchanged and answered as the script says."""

import json
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from igny8_core.sandbox.damage import RAW_BODIES
from igny8_core.sandbox.errors import ERRORS, ProviderError, Refused, error_for, openai_body
from igny8_core.sandbox.faults import Action, BadRule
from igny8_core.sandbox.ledger import Call, Entry
from igny8_core.sandbox.openai_wire import (
    ChatWire,
    EmbeddingsWire,
    ImagesWire,
    OpenAIWire,
    ResponsesWire,
    listed_models,
)
from igny8_core.sandbox.runware_wire import RunwareWire
from igny8_core.sandbox.wire import Answer, Bill, Studio

if TYPE_CHECKING:
    from igny8_core.sandbox.server import Sandbox, Server

REJECTED_KEY = "invalid"
MOST_BYTES = 64 * 2**20
OPENAI_WIRES: dict[str, OpenAIWire] = {
    "/chat/completions": ChatWire(),
    "/responses": ResponsesWire(),
    "/images/generations": ImagesWire(),
    "/embeddings": EmbeddingsWire(),
}


class Wire(Protocol):
    """A provider's format."""

    def calls(self, path: str, body: Any, heads: Mapping[str, str]) -> list[Call]: ...
    def error(self, error: ProviderError, body: Any) -> dict[str, Any]: ...
    def generate(self, body: Any, calls: list[Call], action: Action, studio: Studio) -> Answer: ...


class Dropped(Exception):
    """No answer is sent; with `reset` the client sees its connection reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("dropped")
        self.reset = reset


@dataclass(frozen=True)
class Reply:
    """An answer on the wire, with what the script does to its bytes."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    action: Action = field(default_factory=Action)


class Handler(BaseHTTPRequestHandler):
    """Answers one client until it closes its connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"
    sandbox: "Sandbox"
    raw_requestline: bytes

    def handle(self) -> None:
        self.sandbox = self.server.sandbox
        try:
            super().handle()
        except Dropped as drop:
            self.close_connection = True
            if drop.reset:
                self._reset()

    def parse_request(self) -> bool:
        """Read request line and headers; the base class's mail parser is slow."""
        words = self.raw_requestline.decode("latin-1").split()
        if len(words) != 3:
            return False
        self.command, self.path, self.request_version = words
        self.requestline, self.close_connection = " ".join(words), False
        self.heads = dict(self._header_lines())
        if self.heads.get("connection", "").lower() == "close" or words[2] == "HTTP/1.0":
            self.close_connection = True
        if self.heads.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _header_lines(self) -> Iterator[tuple[str, str]]:
        while (line := self.rfile.readline(65_537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            yield name.strip().lower(), value.strip()

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        try:
            body = json.loads(self._read() or b"null")
        except (ValueError, RecursionError):
            body = None
        if path == "/__sandbox__/script":
            self._send(self._scripted(body))
        elif wire := self._wire(path, body):
            calls = wire.calls(path, body, self.heads)
            perform = partial(self._performed, wire, body, calls)
            self._send(self._exchanged(calls, perform))
        else:
            self._send(_no_such_address(f"POST {path}"))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/pictures/"):
            call = Call(kind="picture", path=parts.path)
            self._send(self._exchanged([call], partial(self._fetched, call)))
        elif "/models/" in f"{parts.path}/":
            key = self.heads.get("authorization", "").removeprefix("Bearer ")
            call = Call(kind="models", path=parts.path, key=key)
            self._send(self._exchanged([call], partial(self._listed, call)))
        else:
            self._send(self._shown(parts.path, dict(parse_qsl(parts.query))))

    def do_DELETE(self) -> None:
        cleared = {
            "/__sandbox__/script": self.sandbox.script.clear,
            "/__sandbox__/log": self.sandbox.ledger.clear,
        }
        clear = cleared.get(urlsplit(self.path).path)
        if clear:
            clear()
        self._send(_json(200 if clear else 404, {}))

    def _read(self) -> bytes:
        length = self.heads.get("content-length", "0")
        size = int(length) if length.isdigit() else 0
        if size > MOST_BYTES or "transfer-encoding" in self.heads:
            raise Dropped
        return self.rfile.read(size)

    def _wire(self, path: str, body: Any) -> Wire | None:
        if isinstance(body, list):
            return RunwareWire(self.sandbox.book)
        return next((wire for end, wire in OPENAI_WIRES.items() if path.endswith(end)), None)

    def _exchanged(self, calls: list[Call], perform: Callable[[list[Entry]], Reply]) -> Reply:
        """One exchange: written down on arrival, and how it ended before the answer leaves."""
        entries = [self.sandbox.ledger.arrive(call) for call in calls]
        status = None
        try:
            reply = perform(entries)
            status = reply.status
        finally:
            for entry in entries:
                self.sandbox.ledger.leave(entry, status)
        return reply

    def _performed(self, wire: Wire, body: Any, calls: list[Call], entries: list[Entry]) -> Reply:
        action = self._next_action(calls, entries)
        self._hold_up(action)
        error = action.provider_error() or _rejected(calls)
        try:
            if error:
                raise Refused(error)
            answer = wire.generate(body, calls, action, self.sandbox.studio)
        except Refused as e:
            self._bill(entries, [Bill() if action.billed else None] * len(entries))
            return _json(e.error.status, wire.error(e.error, body), action)
        if action.billed or (action.billed is None and _is_paid(action)):
            self._bill(entries, answer.bills)
        self._let_down(action)
        if action.raw is not None:
            return _raw(action)
        return _json(answer.status, answer.body, action)

    def _next_action(self, calls: list[Call], entries: list[Entry]) -> Action:
        if not calls:
            return Action()
        prompt = "\n\n".join(call.prompt for call in calls)
        action, fault = self.sandbox.script.next(replace(calls[0], prompt=prompt))
        for entry in entries:
            entry.fault = fault
        return action

    def _bill(self, entries: list[Entry], bills: list[Bill | None]) -> None:
        for entry, bill in zip(entries, bills, strict=True):
            if bill:
                self.sandbox.ledger.bill(entry, bill.usage, bill.cost)

    def _hold_up(self, action: Action) -> None:
        """What a script does before generation."""
        if action.delay and self.sandbox.stopping.wait(action.delay):
            raise Dropped
        if action.hang == "before":
            self._hang()
        if action.reset == "before":
            raise Dropped(reset=True)

    def _let_down(self, action: Action) -> None:
        """What a script does once generation is done and paid for."""
        if action.reset == "after":
            raise Dropped(reset=True)
        if action.hang == "after":
            self._hang()

    def _hang(self) -> NoReturn:
        while not self.sandbox.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.2)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                break
            if readable:  # the client says more instead of leaving
                self.sandbox.stopping.wait(0.2)
        raise Dropped

    def _fetched(self, call: Call, entries: list[Entry]) -> Reply:
        action = self._next_action([call], entries)
        self._hold_up(action)
        reply = self._picture(call.path, action)
        self._let_down(action)
        return reply

    def _picture(self, path: str, action: Action) -> Reply:
        error = action.provider_error()
        spec = self.sandbox.studio.spec_of(path.removeprefix("/pictures/"))
        if error or action.picture == "404" or not spec:
            return _json(error.status if error else 404, {"error": "no such picture"}, action)
        if action.picture == "redirect":
            place = {"Location": action.location or "http://169.254.169.254/latest/meta-data/"}
            return Reply(302, b"", "text/html", place, action)
        picture, media_type = self.sandbox.studio.picture(*spec, action=action)
        return Reply(200, picture, action.content_type or media_type, {}, action)

    def _listed(self, call: Call, entries: list[Entry]) -> Reply:
        action = self._next_action([call], entries)
        self._hold_up(action)
        error = action.provider_error() or _rejected([call])
        try:
            if error:
                raise Refused(error)
            if action.raw is not None:
                return _raw(action)
            return _json(200, listed_models(call.path.rstrip("/")), action)
        except Refused as e:
            return _json(e.error.status, openai_body(e.error), action)

    def _scripted(self, body: Any) -> Reply:
        try:
            self.sandbox.script.add(body)
        except BadRule as e:
            return _json(400, {"error": str(e)})
        return _json(201, {"rules": self.sandbox.script.report()})

    def _shown(self, path: str, query: dict[str, str]) -> Reply:
        if path == "/__sandbox__/log":
            return self._logged(query)
        if path == "/__sandbox__/script":
            return _json(200, {"rules": self.sandbox.script.report()})
        if path == "/__sandbox__/health":
            return _json(200, {"status": "ok"})
        return _no_such_address(f"GET {path}")

    def _logged(self, query: dict[str, str]) -> Reply:
        try:
            return _json(200, self.sandbox.ledger.report(query))
        except ValueError as e:
            return _json(400, {"error": str(e)})

    def _send(self, reply: Reply) -> None:
        """Head and body in one piece, unless the script wants it otherwise."""
        action, body = reply.action, reply.body
        if action.picture == "huge":
            self._send_huge(reply)
            return
        head = self._head(reply, len(body))
        if action.cut is not None:
            self.close_connection = True
            body = body[: int(len(body) * action.cut)]
        if action.drip:
            self._drip(head, body, action.drip)
        else:
            self.connection.sendall(head + body)

    def _head(self, reply: Reply, length: int) -> bytes:
        heads = {
            "Server": "igny8-sandbox",
            "Content-Type": reply.content_type,
            "Content-Length": str(length),
            "x-request-id": f"req_{uuid4().hex}",
            **reply.headers,
            **({"Connection": "close"} if self.close_connection else {}),
        }
        reason = self.responses.get(reply.status, ("Unknown",))[0]
        lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{n}: {v}" for n, v in heads.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _drip(self, head: bytes, body: bytes, seconds: float) -> None:
        self.connection.sendall(head)
        for byte in body:
            if self.sandbox.stopping.wait(seconds):
                raise Dropped
            self.connection.sendall(bytes([byte]))

    def _send_huge(self, reply: Reply) -> None:
        left = reply.action.bytes or 2**30
        self.connection.sendall(self._head(reply, left) + reply.body[:left])
        left -= len(reply.body[:left])
        while left and not self.sandbox.stopping.is_set():
            chunk = bytes(min(left, 2**16))
            self.connection.sendall(chunk)
            left -= len(chunk)

    def _reset(self) -> None:
        # Closing with a linger of zero seconds sends RST; the descriptor is taken from the socket
        # because an orderly shutdown, which socketserver does next, would send FIN before it.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: Any) -> None:
        """The ledger is the log."""


def _no_such_address(asked: str) -> Reply:
    error = replace(error_for(404), message=f"Invalid URL ({asked})", code=None)
    return _json(404, openai_body(error))


def _rejected(calls: list[Call]) -> ProviderError | None:
    rejected = any(call.key == REJECTED_KEY for call in calls)
    return ERRORS["invalid_api_key"] if rejected else None


def _is_paid(action: Action) -> bool:
    return action.raw is None or (action.status or 200) < 400


def _json(status: int, body: Any, action: Action | None = None) -> Reply:
    action = action or Action()
    return Reply(status, json.dumps(body).encode(), headers=action.headers(), action=action)


def _raw(action: Action) -> Reply:
    text = RAW_BODIES.get(action.raw or "", action.raw or "")
    kind = "text/html" if action.raw == "html" else "application/json"
    headers = action.headers()
    return Reply(action.status or 200, text.encode(), action.content_type or kind, headers, action)
