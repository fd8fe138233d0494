"""Changing what an account has set."""

import hashlib
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F

from igny8_core.core.errors import InvalidPayload
from igny8_core.core.locks import lock_account
from igny8_core.core.models import Account, User
from igny8_core.core.shapes import checked
from igny8_core.system.models import (
    AIPrompt,
    AIPromptVersion,
    ImageSettings,
    IntegrationSettings,
)
from igny8_core.system.origins import check_base_url
from igny8_core.system.schemas import (
    ImageConfig,
    ImageConfigChange,
    IntegrationChange,
    IntegrationConfig,
    merged,
)

MAX_PROMPT_CHARACTERS = 20_000


def set_prompt(account: Account, prompt_type: str, text: str, *, author: User) -> None:
    """Make this the account's prompt of its type; raises InvalidPayload on `prompt`."""
    if not text.strip():
        raise InvalidPayload("Write a prompt, or DELETE it for the default.", attr="prompt")
    if len(text) > MAX_PROMPT_CHARACTERS:
        raise InvalidPayload(
            f"A prompt has at most {MAX_PROMPT_CHARACTERS:,} characters.",
            code="max_length",
            attr="prompt",
        )
    _write_version(account, prompt_type, text, author)


def reset_prompt(account: Account, prompt_type: str, *, author: User) -> None:
    """Let the default hold again; the versions stay."""
    if AIPrompt.objects.for_account(account).filter(prompt_type=prompt_type, active=True).exists():
        _write_version(account, prompt_type, "", author)


@transaction.atomic
def set_integration(
    account: Account,
    integration_type: str,
    values: Any,
    *,
    functions: Collection[str],
    of_pictures: Collection[str] = (),
) -> None:
    """Merge the values into the integration; `functions` are the names there are.

    Raises InvalidPayload naming the field: unknown keys, functions that do not exist, run at
    the other provider or are `of_pictures`, options without effect, and a `base_url` that the
    account's own key may not go to.
    """
    given = checked(IntegrationChange, values, attr="").model_dump(exclude_unset=True)
    _refuse_pictures(given, of_pictures)
    lock_account(account.pk)
    row = _integration(account, integration_type)
    sealed = row.sealed_key
    if "config" in given:
        row.config = _new_config(row, given["config"], functions)
    if "api_key" in given:
        _set_key(row, given["api_key"] or "")
    row.base_url = given.get("base_url", row.base_url) or ""
    active = given.get("is_active", row.is_active)
    row.is_active = True if active is None else active
    _check_address(row)
    _save(row, with_key=row.sealed_key is not sealed)


@transaction.atomic
def delete_integration(account: Account, integration_type: str) -> None:
    """As if it had never been set."""
    lock_account(account.pk)
    rows = IntegrationSettings.objects.for_account(account)
    rows.filter(integration_type=integration_type).delete()


@transaction.atomic
def set_image_config(account: Account, values: Any) -> None:
    """Merge the values into the image settings; another provider brings its own default model."""
    given = checked(ImageConfigChange, values, attr="").model_dump(exclude_unset=True)
    lock_account(account.pk)
    row = ImageSettings.objects.for_account(account).first() or ImageSettings(account=account)
    before = ImageConfig(**row.config).provider
    config = merged(row.config, given)
    if checked(ImageConfig, config, attr="").provider != before and "model" not in given:
        config.pop("model", None)
    row.config = config
    row.save()


@transaction.atomic
def _write_version(account: Account, prompt_type: str, text: str, author: User) -> None:
    prompt, _ = AIPrompt.unscoped.get_or_create(account=account, prompt_type=prompt_type)
    # The UPDATE locks the row, so that two writers get two numbers.
    AIPrompt.unscoped.filter(pk=prompt.pk).update(version=F("version") + 1, active=bool(text))
    prompt.refresh_from_db(fields=["version"])
    AIPromptVersion.objects.create(
        account=account,
        prompt=prompt,
        version=prompt.version,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        author=author,
    )


def _integration(account: Account, integration_type: str) -> IntegrationSettings:
    rows = IntegrationSettings.objects.for_account(account)
    found = rows.filter(integration_type=integration_type).first()
    return found or IntegrationSettings(account=account, integration_type=integration_type)


def _save(row: IntegrationSettings, *, with_key: bool) -> None:
    """A key that is not given is not written: a rotation may have sealed it anew meanwhile."""
    if row._state.adding:
        return row.save()
    key = ["sealed_key", "key_hint"] if with_key else []
    row.save(update_fields=["config", "base_url", "is_active", "updated_at", *key])


def _new_config(
    row: IntegrationSettings, changes: dict[str, Any] | None, functions: Collection[str]
) -> dict[str, Any]:
    if changes is None:
        return {}
    _check_functions(row, changes.get("functions") or {}, functions)
    config = checked(IntegrationConfig, merged(row.config, changes), attr="config")
    if row.integration_type != IntegrationSettings.Type.OPENAI:
        _check_options_of_others(row.integration_type, config)
    return config.model_dump(exclude_none=True)


def _refuse_pictures(given: dict[str, Any], of_pictures: Collection[str]) -> None:
    named = (given.get("config") or {}).get("functions") or {}
    for name in (name for name, options in named.items() if options is not None):
        if name in of_pictures:
            raise InvalidPayload(
                f"{name} follows the image settings. Set its provider and model there "
                "(system/settings/images/).",
                code="no_effect",
                attr=f"config.functions.{name}",
            )


def _check_functions(
    row: IntegrationSettings, named: dict[str, Any], functions: Collection[str]
) -> None:
    """Every function named exists, and is not named under another provider as well."""
    others = IntegrationSettings.objects.for_account(row.account_id).exclude(
        integration_type=row.integration_type
    )
    elsewhere = {
        name: other.integration_type
        for other in others
        for name in IntegrationConfig(**other.config).functions
    }
    for name in (name for name, options in named.items() if options is not None):
        attr = f"config.functions.{name}"
        if name not in functions:
            raise InvalidPayload(f'There is no function "{name}".', code="unknown", attr=attr)
        if name in elsewhere:
            raise InvalidPayload(
                f"{name} is named under {elsewhere[name]} already; it runs at one provider.",
                code="named_twice",
                attr=attr,
            )


def _check_options_of_others(provider: str, config: IntegrationConfig) -> None:
    """What only makes sense at OpenAI: its interfaces, and our defaults, whose models are its."""
    only_there = {
        "interface": (config.interface, "has one interface for text"),
        "embedding_model": (config.embedding_model, "is not asked for embeddings"),
    }
    for name, (value, why) in only_there.items():
        if value is not None:
            raise InvalidPayload(
                f"{provider} {why}. Leave this out (null), or set it under openai.",
                code="no_effect",
                attr=f"config.{name}",
            )
    for name, options in config.functions.items():
        if not (options.model or config.model):
            raise InvalidPayload(
                f"Name the model of {provider} that {name} asks, here or in config.model.",
                code="required",
                attr=f"config.functions.{name}.model",
            )


def _set_key(row: IntegrationSettings, key: str) -> None:
    """Seal a new key; the mask that was read back means the key that is there."""
    key = key.strip()
    if key and key == row.key_hint:
        return
    if key.startswith("sk-..."):
        raise InvalidPayload("This is a mask, not a key.", attr="api_key")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidPayload("A key is made of visible ASCII characters.", attr="api_key")
    row.set_api_key(key)


def _check_address(row: IntegrationSettings) -> None:
    """An account's address is for the account's own key alone."""
    if not row.base_url:
        return
    if row.sealed_key is None:
        raise InvalidPayload(
            "A base_url of your own needs an api_key of your own.",
            code="needs_api_key",
            attr="base_url",
        )
    check_base_url(row.base_url)
