"""The stand-in's own books: every request it received and what each was billed.

Tests of durability take this log, not the product's, as the truth about what was paid for; so an
entry is written when a request arrives and marked as billed when generation is done, before the
first byte of the answer is sent.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

MOST_ENTRIES = 200_000


@dataclass(frozen=True)
class Call:
    """What is known of a request for one piece of work when it arrives."""

    kind: str
    path: str
    prompt: str = ""
    model: str = ""
    function: str = ""
    task_id: str = ""
    client_request_id: str = ""
    task_uuid: str = ""
    key: str = field(default="", repr=False)


@dataclass
class Entry:
    """One line of the log."""

    n: int
    time: float
    kind: str
    path: str
    function: str
    task_id: str
    client_request_id: str
    task_uuid: str
    model: str
    prompt_sha: str
    in_flight: int
    state: str = "arrived"
    billed: bool = False
    status: int | None = None
    usage: dict[str, Any] | None = None
    cost: float | None = None
    fault: str = ""


ENTRY_NAMES = {field.name for field in fields(Entry)}


class Ledger:
    """A bounded, thread-safe log; `path` also keeps each billed entry in a file."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._in_flight = 0
        self._most_in_flight = 0
        self._next = 1
        self._file: IO[str] | None = open(path, "a", encoding="utf-8") if path else None  # noqa: SIM115

    def arrive(self, call: Call) -> Entry:
        """Write down that a request came in."""
        prompt_sha = sha256(call.prompt.encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
            entry = Entry(
                n=self._next,
                time=time.time(),
                kind=call.kind,
                path=call.path,
                function=call.function,
                task_id=call.task_id,
                client_request_id=call.client_request_id,
                task_uuid=call.task_uuid,
                model=call.model,
                prompt_sha=prompt_sha,
                in_flight=self._in_flight,
            )
            self._next += 1
            self._entries.append(entry)
        return entry

    def bill(self, entry: Entry, usage: dict[str, Any] | None, cost: float | None = None) -> None:
        """Mark an entry as generated and charged for."""
        with self._lock:
            entry.state, entry.billed = "billed", True
            entry.usage, entry.cost = usage, cost
            if self._file:
                self._file.write(json.dumps(vars(entry)) + "\n")
                self._file.flush()

    def leave(self, entry: Entry, status: int | None) -> None:
        """Note how a request ended; `None` when no answer was sent."""
        with self._lock:
            self._in_flight -= 1
            entry.status = status
            entry.state = "dropped" if status is None else "answered"

    def entries(self, **wanted: Any) -> list[Entry]:
        """Those entries whose fields equal all that is named."""
        return self._select(lambda entry: all(getattr(entry, k) == v for k, v in wanted.items()))

    def report(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The log as JSON; a query's names are fields of an entry, `after` (an n) and `limit`."""
        texts = dict(query)
        unknown = texts.keys() - ENTRY_NAMES - {"after", "limit"}
        if unknown:
            raise ValueError(f"Unknown filter: {', '.join(sorted(unknown))}")
        after, limit = int(texts.pop("after", 0)), int(texts.pop("limit", MOST_ENTRIES))
        chosen = self._select(lambda entry: entry.n > after and _agrees(entry, texts))
        return {
            "count": len(chosen),
            "billed": sum(entry.billed for entry in chosen),
            "in_flight": self._in_flight,
            "most_in_flight": self._most_in_flight,
            "entries": [dict(vars(entry)) for entry in chosen[:limit]],
        }

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        with self._lock:
            self._entries.clear()
            self._most_in_flight = self._in_flight

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def _select(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        with self._lock:
            return [entry for entry in self._entries if wanted(entry)]


def _agrees(entry: Entry, texts: Mapping[str, str]) -> bool:
    return all(_text(getattr(entry, name)) == text for name, text in texts.items())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
