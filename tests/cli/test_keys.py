"""`igny8 keys`: a new encryption key, and everything under it."""

import base64

from igny8_core.cli.main import main
from igny8_core.core import crypto
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration
from tests.cli.processes import Command


def a_key(account):
    provider = IntegrationSettings.Type.OPENAI
    set_integration(account, provider, {"api_key": "sk-0123456789abcd"}, functions=[])


def test_a_new_key_is_what_the_variable_takes_also_where_it_is_wrong(started, tmp_path):
    made = started(Command("keys", "new", data=tmp_path / "var", IGNY8_ENCRYPTION_KEYS="wrong"))
    assert made.wait() == 0
    assert len(base64.urlsafe_b64decode(made.text.strip())) == 32


def test_stored_keys_are_sealed_anew_and_doctor_says_when_they_should_be(world, settings, capsys):
    a_key(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key(), *settings.IGNY8_ENCRYPTION_KEYS]
    assert main(["doctor"]) == 0
    assert "1 stored, 1 under an older encryption key: `igny8 keys rotate`" in (
        capsys.readouterr().out
    )
    assert main(["keys", "rotate"]) == 0
    assert capsys.readouterr().out == (
        "1 API key(s) encrypted anew, 0 as they were.\n"
        "Only the first of IGNY8_ENCRYPTION_KEYS is needed from now on.\n"
    )
    settings.IGNY8_ENCRYPTION_KEYS = settings.IGNY8_ENCRYPTION_KEYS[:1]
    assert main(["doctor"]) == 0
    assert "1 stored\n" in capsys.readouterr().out


def test_a_key_that_is_lost_is_named_without_a_trace(world, settings, capsys):
    a_key(world.account)
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key()]
    for words in (["keys", "rotate"], ["doctor"]):
        assert main(words) == 1
        said = capsys.readouterr()
        assert f"openai of account {world.account.pk}" in said.out
        assert "Traceback" not in said.out + said.err
