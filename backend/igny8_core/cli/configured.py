"""The operator's own access to a provider, as the environment names it."""

from django.conf import settings

from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import Endpoint
from igny8_core.cli.standin import PROVIDERS, played


def endpoint_of(name: str) -> Endpoint | None:
    """Address and key of a provider of `PROVIDERS`; None where the sandbox plays it."""
    if name in played():
        return None
    prefix = PROVIDERS[name]
    provider = get_provider(prefix.lower())
    url = getattr(settings, f"{prefix}_BASE_URL") or provider.default_url
    return Endpoint(provider.name, url, getattr(settings, f"{prefix}_API_KEY") or "none")
