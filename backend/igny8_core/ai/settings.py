"""Which model a function calls and how: our defaults, and four readers that ask the account first.

Data, and its readers, nothing else. The account's options for the function win over the
function's own wish, which wins over the account's general options, which win over MODEL_CONFIG.
"""

from typing import Any, Final

from igny8_core.ai import registry
from igny8_core.ai.base import BaseAIFunction
from igny8_core.core.models import Account
from igny8_core.system.queries import call_options, image_config

_TEXT: Final = {
    "model": "gpt-4o-mini",
    "max_tokens": 4096,
    "temperature": 0.7,
    "response_format": "json_schema",
}
MODEL_CONFIG: Final[dict[str, dict[str, Any]]] = {
    "default": _TEXT,
    "auto_cluster": {**_TEXT, "max_tokens": 8192, "temperature": 0.2},
    "generate_ideas": _TEXT,
    "generate_content": {**_TEXT, "model": "gpt-4o", "max_tokens": 8192},
    "generate_image_prompts": {**_TEXT, "max_tokens": 2048},
    "generate_images": {"model": "dall-e-3"},
}


def get_model_config(function_name: str, account: Account | None = None) -> dict[str, Any]:
    """`provider`, `model`, `max_tokens`, `temperature` and `response_format` of one call."""
    config = {"provider": "openai", **MODEL_CONFIG.get(function_name, _TEXT)}
    wish = _wish_of(function_name)
    if account is None:
        return {**config, **wish}
    options = call_options(account, function_name)
    return {**config, **options.general, **wish, **options.own, "provider": options.provider}


def get_options(function: BaseAIFunction, account: Account) -> dict[str, Any]:
    """How an account's calls of a function are made; pictures follow the image settings alone."""
    if function.modality == "image":
        config = image_config(account)
        fallback = config.fallback and config.fallback.model_dump(exclude_none=True)
        return {"provider": config.provider, "model": config.model, "fallback": fallback}
    return get_model_config(function.get_name(), account)


def get_model(function_name: str, account: Account | None = None) -> str:
    """The name of the model, before the catalogue replaces a dead one."""
    return str(get_model_config(function_name, account)["model"])


def get_max_tokens(function_name: str, account: Account | None = None) -> int:
    """How many tokens an answer may have."""
    return int(get_model_config(function_name, account).get("max_tokens", _TEXT["max_tokens"]))


def get_temperature(function_name: str, account: Account | None = None) -> float:
    """How freely the model chooses its words, 0 to 2."""
    config = get_model_config(function_name, account)
    return float(config.get("temperature", _TEXT["temperature"]))


def _wish_of(function_name: str) -> dict[str, str]:
    if function_name not in registry.list_functions():
        return {}
    wish = registry.get_function_instance(function_name).get_model()
    return {"model": wish} if wish else {}
