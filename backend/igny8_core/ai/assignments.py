"""Which model each function of an account asks, and what is to be said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from igny8_core.ai import catalogue, registry
from igny8_core.ai.ai_core import endpoint_for, is_elsewhere
from igny8_core.ai.settings import get_options
from igny8_core.core.errors import NotConfigured
from igny8_core.core.models import Account


@dataclass(frozen=True, slots=True)
class Assignment:
    """One function's model: as it is set, and the one that answers for it today."""

    provider: str
    asked: str
    model: str
    #: The model that is asked where this one cannot answer; "" where none is set.
    second: str
    #: What is to be said where one of the two is gone, or will be within 90 days; else "".
    notice: str


def assignments_of(account: Account) -> dict[str, Assignment]:
    """Every registered function's model, by the function's name."""
    # Looked up once for each provider.
    elsewhere = cache(partial(_is_elsewhere, account))
    return {name: _assignment(name, account, elsewhere) for name in registry.list_functions()}


def users_of(assignments: dict[str, Assignment]) -> dict[str, list[str]]:
    """The functions that are set to ask a model, first or second, by its id in the catalogue."""
    users: dict[str, list[str]] = {}
    for name, one in assignments.items():
        models = (catalogue.find(asked) for asked in (one.asked, one.second))
        for model in dict.fromkeys(model.id for model in models if model):
            users.setdefault(model, []).append(name)
    return users


def _assignment(name: str, account: Account, is_elsewhere_at: Callable[[str], bool]) -> Assignment:
    options = get_options(registry.get_function_instance(name), account)
    asked, provider = str(options["model"]), str(options["provider"])
    fallback = options.get("fallback") or {}
    second = str(fallback.get("model") or "")
    elsewhere = is_elsewhere_at(provider)
    second_elsewhere = is_elsewhere_at(str(fallback.get("provider") or provider))
    notices = [
        catalogue.notice_of(asked, elsewhere=elsewhere),
        catalogue.notice_of(second, elsewhere=second_elsewhere),
    ]
    return Assignment(
        provider=provider,
        asked=asked,
        model=catalogue.living(asked, elsewhere=elsewhere)[0],
        second=second,
        notice=" ".join(dict.fromkeys(filter(None, notices))),
    )


def _is_elsewhere(account: Account, provider: str) -> bool:
    try:
        return is_elsewhere(endpoint_for(account, provider))
    except NotConfigured:
        return False
