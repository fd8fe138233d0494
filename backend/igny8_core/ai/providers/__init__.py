"""Providers: one class each, with the same handful of methods."""

from typing import Protocol

from igny8_core.ai.providers.listed import Listed
from igny8_core.ai.requests import AIRequest, Answer, Endpoint


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
    """The provider of a name; imported on first use, for its SDK is heavy."""
    if name == "runware":
        from igny8_core.ai.providers.runware import RunwareProvider

        return RunwareProvider()
    from igny8_core.ai.providers.openai import OpenAIProvider

    return OpenAIProvider()
