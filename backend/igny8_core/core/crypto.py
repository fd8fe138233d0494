"""Encryption of secrets at rest, bound to the account they belong to.

AES-256-GCM. A stored value is `key id (4) | nonce (12) | ciphertext`; the account's id is the
associated data, so a value copied to another account's row does not open. Keys come from
`IGNY8_ENCRYPTION_KEYS`, newest first: the first encrypts, all decrypt.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from igny8_core.core.errors import IgnyError


class CannotDecrypt(IgnyError):
    """A stored secret does not open with any key of this installation."""

    status = 409
    default_code = "key_lost"


def encrypt(secret: str, *, account_id: int) -> bytes:
    """The secret, sealed with the newest key for this account."""
    key = _keys()[0]
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), _bound_to(account_id))
    return _key_id(key) + nonce + sealed


def decrypt(stored: bytes | memoryview, *, account_id: int) -> str:
    """The secret behind a stored value; raises CannotDecrypt where no key opens it."""
    stored = bytes(stored)
    key_id, nonce, sealed = stored[:4], stored[4:16], stored[16:]
    for key in _keys():
        if _key_id(key) == key_id:
            try:
                return AESGCM(key).decrypt(nonce, sealed, _bound_to(account_id)).decode()
            except InvalidTag:
                break
    raise CannotDecrypt("The stored key cannot be opened here. Enter the API key again.")


def new_key() -> str:
    """A fresh key in the form that IGNY8_ENCRYPTION_KEYS takes."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _keys() -> list[bytes]:
    return [base64.urlsafe_b64decode(key) for key in settings.IGNY8_ENCRYPTION_KEYS]


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:4]


def _bound_to(account_id: int) -> bytes:
    return f"igny8:account:{account_id}".encode()
