"""Whether a provider lets somebody in, and what is wrong where it does not, in a person's words."""

import time
from typing import Any

from igny8_core.ai.ai_core import endpoint_for
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.patience import within
from igny8_core.ai.providers import get_provider
from igny8_core.ai.requests import Endpoint
from igny8_core.core.errors import NotConfigured
from igny8_core.core.models import Account
from igny8_core.system.queries import integration_of

TEXTS = {
    Kind.UNREACHABLE: "{provider} cannot be reached. Check base_url and the network.",
    Kind.THROTTLED: "{provider} answers, but lets no call through at the moment: the rate limit "
    "is reached. Try again in a minute.",
    Kind.QUOTA: "{provider} knows the key, but the account there has no quota left. Add billing "
    "there.",
    Kind.KEY: "{provider} does not accept the API key. Check it; a restricted key must be allowed "
    "to list models.",
    Kind.MODEL: "{provider} has no API at this address. Check base_url; most end in /v1.",
    Kind.SERVER: "{provider} has trouble of its own at the moment. Its status page may say more; "
    "try again later.",
    Kind.LOST: "{provider} did not answer in time, or broke off. Try again.",
    Kind.UNREADABLE: "What answers is not the API of {provider}, but perhaps a web page. Check "
    "base_url; most end in /v1.",
}
#: Seconds: a person waits, and is promised 10.
_LONGEST = 9.8
_OTHERWISE = "{provider} does not take the request. Check base_url."


def check_integration(account: Account, integration_type: str) -> dict[str, Any]:
    """Whether the provider lets the account in: `ok`, `detail` for a person, `latency_ms`.

    An integration that is switched off is tried as it would be if it were on.
    """
    started = time.monotonic()
    try:
        endpoint = endpoint_for(account, integration_type, even_off=True)
        wrong = wrong_with(endpoint)
        detail = wrong or _sentence(f"{endpoint.label} answers and accepts the key.")
    except NotConfigured as error:
        wrong = detail = error.detail
    if _is_off(account, integration_type):
        detail += " This integration is switched off: no run uses it until is_active is true."
    milliseconds = int((time.monotonic() - started) * 1000)
    return {"ok": not wrong, "detail": detail, "latency_ms": milliseconds}


def wrong_with(endpoint: Endpoint) -> str:
    """What keeps calls from being answered there, "" for nothing; costs nothing, takes 10 s."""
    provider = get_provider(endpoint.provider)
    try:
        within(_LONGEST, lambda: provider.check(endpoint))
    except CallFailed as failure:
        text = TEXTS.get(failure.kind, _OTHERWISE)
    except TimeoutError:
        # The look-up of a name, which no client bounds.
        text = TEXTS[Kind.LOST]
    else:
        return ""
    return _sentence(text.replace("{provider}", endpoint.label))


def _is_off(account: Account, integration_type: str) -> bool:
    row = integration_of(account, integration_type, even_off=True)
    return row is not None and not row.is_active


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
