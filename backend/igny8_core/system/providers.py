"""Which providers there are: the two that everybody has, and those that the operator adds."""

from django.conf import settings

from igny8_core.system.models import IntegrationSettings


def provider_names() -> tuple[str, ...]:
    """The names that an account's integrations may have."""
    return (*IntegrationSettings.Type.values, *settings.IGNY8_PROVIDERS)
