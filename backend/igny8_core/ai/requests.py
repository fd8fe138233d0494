"""What goes to a provider and what comes back: plain values that a thread may hold."""

import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from igny8_core.ai.cost import Usage
from igny8_core.ai.failures import CallFailed
from igny8_core.ai.shapes import Shape
from igny8_core.system.origins import PROVIDER_ORIGINS, origin_of

_LABELS = {"openai": "OpenAI"}


def label_of(provider: str) -> str:
    """A provider's name in a sentence."""
    return _LABELS.get(provider, provider.replace("_", " ").title())


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider answers and with which key; the key never shows in a repr."""

    provider: str
    base_url: str
    api_key: str = field(repr=False)
    sandbox: bool = False

    @property
    def shown_as(self) -> str:
        """The provider's name as users see it."""
        return "sandbox" if self.sandbox else self.provider

    @property
    def label(self) -> str:
        """The provider's name in a sentence; that of the host where it is another one's."""
        if self.sandbox:
            return "the sandbox"
        home = PROVIDER_ORIGINS.get(self.provider)
        is_home = home is None or origin_of(self.base_url) == home
        host = None if is_home else urlsplit(self.base_url).hostname
        return host or label_of(self.provider)


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """A picture to make: pixels, file format (`webp`, `jpg`, `png`), what it must not show.

    `subject` is the part of the prompt that may be shortened where it is too long.
    """

    prompt: str
    width: int
    height: int
    format: str = "webp"
    negative_prompt: str = ""
    subject: str = ""

    @property
    def size(self) -> str:
        """Width and height as providers and the catalogue write them."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A provider's picture, kept by us: path in the storage, SHA-256 and size of its bytes."""

    path: str
    checksum: str
    bytes: int
    provider: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class AIRequest:
    """One attempt at one provider."""

    endpoint: Endpoint
    function_name: str
    account_id: int
    task_id: UUID
    request_id: UUID
    question_id: UUID
    model: str
    timeout: float
    prompt: str = field(default="", repr=False)
    #: The rest of the conversation where the question is asked once more.
    follow_up: tuple[dict[str, str], ...] = field(default=(), repr=False)
    max_tokens: int = 4096
    temperature: float | None = None
    response_format: str = "text"
    shape: Shape | None = field(default=None, repr=False)
    #: Which of OpenAI's interfaces for text is spoken: `chat_completions` or `responses`.
    interface: str = "chat_completions"
    picture: PictureOrder | None = field(default=None, repr=False)
    #: Texts to make rows of numbers of, where that is what is asked.
    texts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def contents(self) -> list[str]:
        """All that the model is given to read, whatever it is asked for."""
        if self.picture:
            return [self.picture.prompt]
        return list(self.texts) or [message["content"] for message in self.messages]

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation, the prompt first."""
        return [{"role": "user", "content": self.prompt}, *self.follow_up]

    @property
    def headers(self) -> dict[str, str]:
        """What lets a gateway attribute and route the request."""
        return {
            "X-IGNY8-Function": self.function_name,
            "X-IGNY8-Task-Id": str(self.task_id),
            "X-Client-Request-Id": str(self.request_id),
        }

    @property
    def cache_key(self) -> str:
        """What an account's questions of one kind share, for a provider that caches prompts."""
        kind = f"{self.account_id}:{self.function_name}"
        return f"igny8-{hashlib.sha256(kind.encode()).hexdigest()[:32]}"

    def parameters(self) -> dict[str, Any]:
        """What an item keeps of how it was asked."""
        if self.picture:
            return {"width": self.picture.width, "height": self.picture.height}
        return {
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "response_format": self.response_format,
        }

    def again(self, **changes: Any) -> "AIRequest":
        """The same request with another id, or other changes."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; `body` is what the journal keeps and `read` can read again."""

    body: bytes = field(repr=False)
    text: str = field(default="", repr=False)
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    stated_cost: Decimal | None = None
    provider_request_id: str = ""
    latency_ms: int = 0
    picture: StoredPicture | None = None
    #: Bytes of a picture, or the address it can be fetched from, until it is stored.
    picture_data: bytes | None = field(default=None, repr=False)
    picture_url: str = ""
    #: Why the picture, paid for as it is, has not come or is not kept.
    unfetched: CallFailed | None = None

    @property
    def is_held_back(self) -> bool:
        """Whether there is nothing to be had of it: the model, or the provider, refused."""
        return self.finish_reason in {"content_filter", "refusal"}
