"""A sealed secret opens in its own place, with a key that is there, or not at all."""

import pytest

from igny8_core.core.crypto import CannotDecrypt, decrypt, encrypt, is_newest, new_key

HERE = "account:1:integration:openai"


def test_a_secret_opens_where_it_was_sealed():
    sealed = encrypt("sk-secret", place=HERE)
    assert b"sk-secret" not in sealed
    assert decrypt(sealed, place=HERE) == decrypt(memoryview(sealed), place=HERE) == "sk-secret"
    assert encrypt("sk-secret", place=HERE) != sealed


@pytest.mark.parametrize(
    "place",
    ["account:2:integration:openai", "account:1:integration:runware", "account:1", ""],
)
def test_copied_to_another_place_it_does_not_open(place):
    sealed = encrypt("sk-secret", place=HERE)
    with pytest.raises(CannotDecrypt, match="Enter the API key again"):
        decrypt(sealed, place=place)


def test_changed_or_broken_off_it_does_not_open():
    sealed = encrypt("sk-secret", place=HERE)
    broken = [sealed[:length] for length in range(len(sealed))]
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in (0, 4, 16, -1)]
    for stored in (*broken, *changed[:3], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(CannotDecrypt):
            decrypt(stored, place=HERE)


def test_the_first_key_seals_and_every_key_opens(settings):
    old = encrypt("sk-secret", place=HERE)
    settings.IGNY8_ENCRYPTION_KEYS = [new_key(), *settings.IGNY8_ENCRYPTION_KEYS]
    new = encrypt("sk-secret", place=HERE)
    assert (is_newest(old), is_newest(new)) == (False, True)
    assert decrypt(old, place=HERE) == decrypt(new, place=HERE) == "sk-secret"
    settings.IGNY8_ENCRYPTION_KEYS = settings.IGNY8_ENCRYPTION_KEYS[:1]
    assert decrypt(new, place=HERE) == "sk-secret"
    with pytest.raises(CannotDecrypt):
        decrypt(old, place=HERE)
