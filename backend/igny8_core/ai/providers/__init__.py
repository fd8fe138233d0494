"""Providers: one class in one file each, with the same handful of methods."""

import importlib
from functools import cache
from typing import Protocol

from igny8_core.ai.providers.listed import Listed
from igny8_core.ai.requests import AIRequest, Answer, Endpoint
from igny8_core.core.errors import NotConfigured


class Provider(Protocol):
    """What the engine asks of a provider; nothing here may touch the ORM."""

    name: str
    default_url: str
    #: Whether a question that is sent again, under the same name, is paid for once.
    pays_once: bool

    def connect(self, endpoint: Endpoint) -> None:
        """Make the client that all calls share, before many threads ask for it at once."""

    def send(self, request: AIRequest) -> Answer:
        """One attempt; raises CallFailed."""

    def read(self, body: bytes) -> Answer:
        """The answer in a body as it was journalled; raises CallFailed where it is unreadable."""

    def check(self, endpoint: Endpoint) -> None:
        """The cheapest call that proves address and key, in 10 s; raises CallFailed."""

    def models(self, endpoint: Endpoint) -> Listed:
        """The models it lists, with their shutdown dates where it tells them; raises CallFailed."""


def get_provider(name: str) -> Provider:
    """The provider whose file bears the name; raises NotConfigured where there is none."""
    return _class_of(name)()


@cache
def _class_of(name: str) -> type[Provider]:
    """Imported on first use, for a provider's SDK is heavy."""
    try:
        module = importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise NotConfigured(f"There is no provider {name}: no such file in ai/providers.") from None
    for found in vars(module).values():
        if isinstance(found, type) and getattr(found, "name", None) == name:
            return found
    raise NotConfigured(f"There is no provider {name}: its file holds no class of that name.")
