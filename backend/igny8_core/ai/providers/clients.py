"""The clients of a process, one for each address and key: a new one costs twenty times a call."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class _Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)
_Key = tuple[str, str]


class Clients(Generic[C]):
    """Clients of one kind; beyond `most`, those that nobody has used for longest are closed.

    One that is being used is never closed, so that there may be more for a while.
    """

    def __init__(self, make: Callable[[str, str], C], most: int = 256) -> None:
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._made: OrderedDict[_Key, C] = OrderedDict()
        self._users: Counter[_Key] = Counter()

    @contextmanager
    def held(self, base_url: str, api_key: str) -> Iterator[C]:
        """The client for an address and a key, made where there is none, open until the end."""
        key = (base_url, api_key)
        with self._lock:
            client = self._made.get(key) or self._make(base_url, api_key)
            self._made[key] = client
            self._made.move_to_end(key)
            self._users[key] += 1
        try:
            yield client
        finally:
            with self._lock:
                self._users[key] -= 1
                spare = self._spare() if len(self._made) > self._most else []
            for one in spare:
                one.close()

    def _spare(self) -> list[C]:
        """Taken out: as many as there are too many, the longest unused first."""
        idle = [key for key in self._made if not self._users[key]]
        spare = idle[: len(self._made) - self._most]
        for key in spare:
            del self._users[key]
        return [self._made.pop(key) for key in spare]
