"""What the wire formats share: answers with their bills, and the studio that makes them."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from igny8_core.sandbox.answers import Answers
from igny8_core.sandbox.damage import PICTURES
from igny8_core.sandbox.drawing import MEDIA_TYPES, draw
from igny8_core.sandbox.faults import Action

MOST_PICTURES = 20_000
Spec = tuple[str, int, int, str]


@dataclass(frozen=True)
class Bill:
    """What one piece of work is charged."""

    usage: dict[str, Any] | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Answer:
    """A body, and a bill for each call of the request; None for a call that is not charged."""

    body: Any
    bills: list[Bill | None]
    status: int = 200


class Studio:
    """Writes texts, draws pictures and remembers under which address it gave them out."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answers = Answers()
        self._lock = threading.Lock()
        self._specs: OrderedDict[str, Spec] = OrderedDict()

    def picture(
        self, prompt: str, width: int, height: int, kind: str, *, action: Action | None = None
    ) -> tuple[bytes, str]:
        """The picture's bytes and media type, or what a script puts in their place."""
        if action and action.picture in PICTURES:
            return PICTURES[action.picture]()
        return draw(prompt, width, height, kind), MEDIA_TYPES[kind]

    def address_of(self, prompt: str, width: int, height: int, kind: str) -> str:
        """An address that answers with the picture; it is drawn when it is fetched."""
        spec = (prompt, width, height, kind)
        name = f"{sha256(repr(spec).encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.{kind}"
        with self._lock:
            self._specs[name] = spec
            if len(self._specs) > MOST_PICTURES:
                self._specs.popitem(last=False)
        return f"{self._url}/pictures/{name}"

    def spec_of(self, name: str) -> Spec | None:
        """What was asked for under an address."""
        with self._lock:
            return self._specs.get(name)


def tokens_in(text: str) -> int:
    """About as many tokens as a tokenizer would count."""
    return -(-len(text) // 4)
