"""Encryption of secrets at rest, bound to the place they are kept in.

AES-256-GCM. A stored value is `key id (4) | nonce (12) | ciphertext`; the place is the associated
data, so a value copied to another one does not open there. Keys come from
`IGNY8_ENCRYPTION_KEYS`, newest first: the first encrypts, all decrypt.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from igny8_core.core.errors import NotConfigured


class CannotDecrypt(NotConfigured):
    """A stored secret does not open with any key of this installation, or not in this place."""

    status = 409
    default_code = "key_lost"


def encrypt(secret: str, *, place: str) -> bytes:
    """The secret, sealed with the newest key for this place."""
    key = _keys()[0]
    nonce = os.urandom(12)
    return _key_id(key) + nonce + AESGCM(key).encrypt(nonce, secret.encode(), _bound_to(place))


def decrypt(stored: bytes | memoryview, *, place: str) -> str:
    """The secret behind a stored value; raises CannotDecrypt where no key opens it there."""
    stored = bytes(stored)
    key_id, nonce, sealed = stored[:4], stored[4:16], stored[16:]
    for key in _keys():
        if _key_id(key) == key_id:
            try:
                return AESGCM(key).decrypt(nonce, sealed, _bound_to(place)).decode()
            except (InvalidTag, ValueError):  # another place's, or broken off
                break
    raise CannotDecrypt("The stored key cannot be read any more. Enter the API key again.")


def is_newest(stored: bytes | memoryview) -> bool:
    """Whether it is the newest key that the value was sealed with."""
    return bytes(stored[:4]) == _key_id(_keys()[0])


def new_key() -> str:
    """A fresh key in the form that IGNY8_ENCRYPTION_KEYS takes."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _keys() -> list[bytes]:
    return [base64.urlsafe_b64decode(key) for key in settings.IGNY8_ENCRYPTION_KEYS]


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:4]


def _bound_to(place: str) -> bytes:
    return f"igny8:{place}".encode()
