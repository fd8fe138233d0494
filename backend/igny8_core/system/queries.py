"""What an account has set, as the rooms above read it."""

from dataclasses import dataclass, field
from typing import Any

from igny8_core.core.models import Account
from igny8_core.system.models import ImageSettings, IntegrationSettings
from igny8_core.system.schemas import ImageConfig, IntegrationConfig

Type = IntegrationSettings.Type


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """An account's options for one text function: those of its own and those for all."""

    provider: str = "openai"
    own: dict[str, Any] = field(default_factory=dict)
    general: dict[str, Any] = field(default_factory=dict)


def integration_of(account: Account, integration_type: str) -> IntegrationSettings | None:
    """The account's integration, None where there is none or it is switched off."""
    return (
        IntegrationSettings.objects.for_account(account)
        .filter(integration_type=integration_type, is_active=True)
        .first()
    )


def call_options(account: Account, function_name: str) -> FunctionOptions:
    """Which provider runs a text function for the account, and with what.

    A function named under `runware` runs there, every other one on `openai`.
    """
    rows = IntegrationSettings.objects.for_account(account).filter(is_active=True)
    configs = {row.integration_type: IntegrationConfig(**row.config) for row in rows}
    runware = configs.get(Type.RUNWARE, IntegrationConfig())
    provider = Type.RUNWARE if function_name in runware.functions else Type.OPENAI
    config = configs.get(provider, IntegrationConfig())
    own = config.functions.get(function_name)
    return FunctionOptions(
        provider=provider.value,
        own=own.model_dump(exclude_none=True) if own else {},
        general=config.model_dump(exclude={"functions"}, exclude_none=True),
    )


def image_config(account: Account) -> ImageConfig:
    """The account's image settings with the defaults filled in."""
    row = ImageSettings.objects.for_account(account).first()
    return ImageConfig(**(row.config if row else {}))
