"""Accounts' API keys: nobody else's, read by nobody, and never lost while keys are changed."""

import logging
from importlib import import_module

import pytest
from django.apps import apps

from igny8_core.billing import ledger
from igny8_core.core import crypto
from igny8_core.core.crypto import CannotDecrypt
from igny8_core.system import services
from igny8_core.system.keys import rotate
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration
from tests.world import error

Type = IntegrationSettings.Type
KEY = "sk-canary-0123456789abcd"
OPENAI = "system/integrations/openai/"


def stored(account, provider=Type.OPENAI, key=KEY):
    set_integration(account, provider, {"api_key": key}, functions=[])
    return row_of(account, provider)


def row_of(account, provider=Type.OPENAI):
    return IntegrationSettings.objects.for_account(account).get(integration_type=provider)


def copy(source, target):
    rows = IntegrationSettings.unscoped.filter(pk=target.pk)
    rows.update(sealed_key=bytes(source.sealed_key), key_hint=source.key_hint)
    target.refresh_from_db()


@pytest.fixture
def another_key(settings):
    """A new encryption key before those there are."""
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key(), *settings.IGNY8_ENCRYPTION_KEYS]


def forget_old_keys(settings):
    settings.IGNY8_ENCRYPTION_KEYS = settings.IGNY8_ENCRYPTION_KEYS[:1]


def test_a_key_copied_to_another_account_or_integration_does_not_open(world):
    mine = stored(world.account)
    others = (
        stored(world.charlie.account, key="sk-charlie-0123456789"),
        stored(world.account, Type.RUNWARE, key="rw-0123456789abcdef"),
    )
    for other in others:
        copy(mine, other)
        with pytest.raises(CannotDecrypt, match="Enter the API key again"):
            _ = other.api_key
    body = world.charlie.api.post(f"{OPENAI}test/").json()
    assert body["ok"] is False
    assert body["detail"] == (
        "The stored key of openai cannot be read any more. Enter the API key again in "
        "Settings > Integrations."
    )


def test_a_lost_key_is_said_wherever_it_is_needed_and_can_be_entered_again(world, settings, caplog):
    api = world.adam.api
    ledger.grant(world.account, 10, key="test")
    stored(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key()]
    keyword = api.post("planner/keywords/", {"keyword": "maps"}).json()["id"]
    response = api.post("planner/keywords/auto_cluster/?dry_run=true", {"ids": [keyword]})
    assert response.status_code == 409
    assert error(response)["code"] == "key_lost"
    assert "Enter the API key again" in error(response)["detail"]
    assert "Enter the API key again" in api.post(f"{OPENAI}test/").json()["detail"]
    assert api.get(OPENAI).json()["api_key"] == "sk-...abcd"
    assert api.put(OPENAI, {"api_key": "sk-another-0123456789"}).status_code == 200
    assert row_of(world.account).api_key == "sk-another-0123456789"
    assert "Traceback" not in caplog.text


def test_every_key_is_sealed_anew_and_the_old_encryption_key_can_go(world, another_key, settings):
    newest = settings.IGNY8_ENCRYPTION_KEYS
    settings.IGNY8_ENCRYPTION_KEYS = newest[1:]
    rows = [stored(world.account), stored(world.charlie.account, Type.RUNWARE)]
    settings.IGNY8_ENCRYPTION_KEYS = newest
    rows.append(stored(world.account, Type.RUNWARE))
    done = rotate()
    assert (done.sealed_anew, done.current, done.lost) == (2, 1, [])
    again = rotate()
    assert (again.sealed_anew, again.current) == (0, 3)
    forget_old_keys(settings)
    for row in rows:
        row.refresh_from_db()
        assert row.api_key == KEY
        assert row.key_hint == "sk-...abcd"


def test_a_key_that_does_not_open_is_named_and_stays_for_when_it_does(world, another_key, settings):
    newest, *old = settings.IGNY8_ENCRYPTION_KEYS
    settings.IGNY8_ENCRYPTION_KEYS = old
    lost = stored(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [newest]
    kept = stored(world.charlie.account)
    done = rotate()
    assert done.lost == [f"openai of account {world.account.pk}"]
    assert (done.sealed_anew, done.current) == (0, 1)
    settings.IGNY8_ENCRYPTION_KEYS = [newest, *old]
    assert rotate().sealed_anew == 1
    forget_old_keys(settings)
    for row in (lost, kept):
        row.refresh_from_db()
        assert row.api_key == KEY


def test_a_key_entered_while_it_is_sealed_anew_is_not_written_over(world, settings, monkeypatch):
    stored(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key(), *settings.IGNY8_ENCRYPTION_KEYS]
    encrypt = crypto.encrypt

    def slowly(secret, *, place):
        monkeypatch.setattr(crypto, "encrypt", encrypt)
        stored(world.account, key="sk-entered-0123456789")
        return encrypt(secret, place=place)

    monkeypatch.setattr(crypto, "encrypt", slowly)
    assert rotate().sealed_anew == 0
    assert row_of(world.account).api_key == "sk-entered-0123456789"


def test_a_key_sealed_anew_while_another_setting_is_changed_is_not_written_over(
    world, settings, monkeypatch
):
    stored(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key(), *settings.IGNY8_ENCRYPTION_KEYS]

    monkeypatch.setattr(services, "_check_address", lambda row: rotate())
    set_integration(world.account, Type.OPENAI, {"config": {"model": "gpt-4o"}}, functions=[])
    forget_old_keys(settings)
    assert row_of(world.account).api_key == KEY


def test_a_key_from_before_its_integration_counted_is_bound_to_it(world):
    migration = import_module("igny8_core.system.migrations.0002_bind_keys_to_their_integration")
    row, lost = stored(world.account), stored(world.charlie.account)
    old = crypto.encrypt(KEY, place=f"account:{world.account.pk}")
    rows = IntegrationSettings.unscoped
    rows.filter(pk=row.pk).update(sealed_key=old)
    rows.filter(pk=lost.pk).update(sealed_key=b"of a key that is gone")
    migration.forward(apps, None)
    assert row_of(world.account).api_key == KEY
    assert bytes(row_of(world.charlie.account).sealed_key) == b"of a key that is gone"
    migration.backward(apps, None)
    sealed = row_of(world.account).sealed_key
    assert crypto.decrypt(sealed, place=f"account:{world.account.pk}") == KEY


def test_a_key_stands_nowhere_but_sealed(world, caplog, settings):
    caplog.set_level(logging.DEBUG)
    api = world.adam.api
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    answers = [
        api.put(OPENAI, {"api_key": KEY, "base_url": settings.OPENAI_BASE_URL}),
        api.put(OPENAI, {"api_key": KEY, "modle": 1}),
        api.put("system/integrations/runware/", {"api_key": f"{KEY} {KEY}"}),
        api.get(OPENAI),
        api.post(f"{OPENAI}test/"),
    ]
    assert not any(KEY in answer.content.decode() for answer in answers)
    assert KEY not in caplog.text
    for model in apps.get_models():
        for values in model._base_manager.values_list():
            assert KEY not in repr([bytes(v) if isinstance(v, memoryview) else v for v in values])
