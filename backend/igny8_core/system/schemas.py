"""The shape of what an account may set: JSON has a schema the moment it leaves the database."""

from typing import Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

ResponseFormat = Literal["json_schema", "json_object", "text"]


class CallOptions(BaseModel):
    """How one call is made; None leaves it to the next step of resolution."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str | None = Field(default=None, min_length=1, max_length=200)
    max_tokens: int | None = Field(default=None, ge=16, le=1_000_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    response_format: ResponseFormat | None = None


Interface = Literal["chat_completions", "responses"]
Provider = Literal["openai", "runware"]


class Fallback(BaseModel):
    """What is asked where the first choice is down, out of quota or gone.

    Without a `provider` it is another model of the same one.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str = Field(min_length=1, max_length=200)
    provider: Provider | None = None


class FallbackChange(BaseModel):
    """What a PUT may say about it; what it leaves out keeps its value, null resets it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str | None = Field(default=None, max_length=200)
    provider: Provider | None = None


class _Shown(BaseModel):
    """Read back as the contract has it; what goes beyond it is shown where it is set."""

    BEYOND: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _shown(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values = handler(self)
        return {
            name: value
            for name, value in values.items()
            if value is not None or name not in self.BEYOND
        }


class IntegrationConfig(CallOptions, _Shown):
    """An integration's `config`: options for every call, and for single functions by name.

    `interface`: which of OpenAI's for text is spoken; Runware has one. `embedding_model`: what
    keywords are likened by before a model is asked to group them; without it the installed one.
    """

    BEYOND = frozenset({"interface", "fallback", "embedding_model"})

    interface: Interface | None = None
    fallback: Fallback | None = None
    embedding_model: str | None = Field(default=None, min_length=1, max_length=200)
    functions: dict[str, CallOptions] = Field(default_factory=dict)


class IntegrationConfigChange(CallOptions):
    """What a PUT may say about `config`: null resets an option or takes a function out."""

    interface: Interface | None = None
    fallback: FallbackChange | None = None
    embedding_model: str | None = Field(default=None, min_length=1, max_length=200)
    functions: dict[str, CallOptions | None] | None = None


class IntegrationChange(BaseModel):
    """What a PUT may say about an integration; what it leaves out keeps its value."""

    model_config = ConfigDict(extra="forbid", strict=True)

    api_key: str | None = Field(default=None, max_length=500)
    base_url: str | None = Field(default=None, max_length=500)
    is_active: bool | None = None
    config: IntegrationConfigChange | None = None


#: The model behind an empty `model` of the image settings.
DEFAULT_IMAGE_MODELS = {"openai": "dall-e-3", "runware": "runware:97@1"}


class ImageConfigChange(BaseModel):
    """What a PUT may say about the image settings: null resets one of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    provider: Provider | None = None
    model: str | None = Field(default=None, max_length=200)
    image_type: Literal["realistic", "artistic", "cartoon"] | None = None
    max_in_article_images: int | None = Field(default=None, ge=0, le=10)
    image_format: Literal["webp", "jpg", "png"] | None = None
    desktop: bool | None = None
    mobile: bool | None = None
    fallback: FallbackChange | None = None


class ImageConfig(_Shown):
    """The account's image settings, defaults included."""

    model_config = ConfigDict(extra="forbid", strict=True)
    BEYOND = frozenset({"fallback"})

    provider: Provider = "openai"
    model: str = Field(default="", max_length=200)
    image_type: Literal["realistic", "artistic", "cartoon"] = "realistic"
    max_in_article_images: int = Field(default=2, ge=0, le=10)
    image_format: Literal["webp", "jpg", "png"] = "webp"
    desktop: bool = True
    mobile: bool = True
    fallback: Fallback | None = None


def merged(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """What PUT leaves: absent fields keep their value, null resets them, objects merge."""
    result = dict(stored)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = merged(result.get(name) or {}, value)
        else:
            result[name] = value
    return result
