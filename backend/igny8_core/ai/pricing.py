"""What a run costs a customer, in whole credits."""

from math import ceil
from typing import Any

from django.conf import settings

from igny8_core.ai.base import BaseAIFunction


def credits_for(function: BaseAIFunction, ids: int, payload: dict[str, Any]) -> int:
    """Credits for so many ids; what needs no provider costs none."""
    if function.is_free(payload):
        return 0
    return ceil(ids / function.credits_per) * price_of(function)


def price_of(function: BaseAIFunction) -> int:
    """Credits per item (per `credits_per` ids where grouped): the setting, else its own."""
    price: int = settings.IGNY8_CREDITS.get(function.get_name(), function.credits)
    return price
