"""What an account has set, as the rooms above read it."""

from dataclasses import dataclass, field
from typing import Any

from igny8_core.core.models import Account
from igny8_core.system.models import AIPrompt, ImageSettings, IntegrationSettings
from igny8_core.system.providers import provider_names
from igny8_core.system.schemas import DEFAULT_IMAGE_MODELS, ImageConfig, IntegrationConfig

Type = IntegrationSettings.Type


@dataclass(frozen=True, slots=True)
class PromptState:
    """What an account has made of a prompt type; version 0: never touched."""

    text: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class IntegrationState:
    """An integration as everybody may see it who may see it at all."""

    integration_type: str
    api_key: str | None
    base_url: str
    is_active: bool
    config: IntegrationConfig


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """An account's options for one text function: those of its own and those for all."""

    provider: str = "openai"
    own: dict[str, Any] = field(default_factory=dict)
    general: dict[str, Any] = field(default_factory=dict)


def integration_of(
    account: Account, integration_type: str, *, even_off: bool = False
) -> IntegrationSettings | None:
    """The account's integration, None where there is none or, as a rule, it is switched off."""
    rows = IntegrationSettings.objects.for_account(account).filter(
        integration_type=integration_type
    )
    return (rows if even_off else rows.filter(is_active=True)).first()


def call_options(account: Account, function_name: str) -> FunctionOptions:
    """Which provider runs a text function for the account, and with what.

    A function named under another provider runs there, every other one on `openai`.
    """
    rows = IntegrationSettings.objects.for_account(account).filter(is_active=True)
    configs = {row.integration_type: IntegrationConfig(**row.config) for row in rows}
    naming = [name for name in provider_names() if _names(configs.get(name), function_name)]
    provider = next(iter(naming), Type.OPENAI.value)
    config = configs.get(provider, IntegrationConfig())
    own = config.functions.get(function_name)
    return FunctionOptions(
        provider=provider,
        own=own.model_dump(exclude_none=True) if own else {},
        general=config.model_dump(exclude={"functions", "embedding_model"}, exclude_none=True),
    )


def embedding_model(account: Account) -> str:
    """The model that the account's texts are embedded by; "" where it has chosen none."""
    row = integration_of(account, Type.OPENAI)
    return (row and IntegrationConfig(**row.config).embedding_model) or ""


def _names(config: IntegrationConfig | None, function_name: str) -> bool:
    return config is not None and function_name in config.functions


def image_config(account: Account) -> ImageConfig:
    """The account's image settings with the defaults filled in, that of the model included."""
    row = ImageSettings.objects.for_account(account).first()
    config = ImageConfig(**(row.config if row else {}))
    return config.model_copy(
        update={"model": config.model or DEFAULT_IMAGE_MODELS[config.provider]}
    )


def prompt_of(account: Account, prompt_type: str) -> PromptState:
    """The account's own text of a type and its version; an empty text: the default holds."""
    prompt = AIPrompt.objects.for_account(account).filter(prompt_type=prompt_type).first()
    if prompt is None:
        return PromptState()
    if not prompt.active:
        return PromptState(version=prompt.version)
    return PromptState(prompt.versions.get(version=prompt.version).text, prompt.version)


def integration_state(account: Account, integration_type: str) -> IntegrationState:
    """The integration as it is read back, its key masked; defaults where there is none."""
    row = (
        IntegrationSettings.objects.for_account(account)
        .filter(integration_type=integration_type)
        .first()
    )
    row = row or IntegrationSettings(account=account, integration_type=integration_type)
    return IntegrationState(
        integration_type=row.integration_type,
        api_key=row.key_hint or None,
        base_url=row.base_url,
        is_active=row.is_active,
        config=IntegrationConfig(**row.config),
    )
