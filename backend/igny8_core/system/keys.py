"""Bring the API keys that accounts have stored under the newest encryption key."""

from dataclasses import dataclass, field

from igny8_core.core import crypto
from igny8_core.core.crypto import CannotDecrypt
from igny8_core.system.models import IntegrationSettings


@dataclass
class Rotation:
    """What became of the stored keys; `lost` names those that no key opens."""

    sealed_anew: int = 0
    current: int = 0
    lost: list[str] = field(default_factory=list)


def rotate() -> Rotation:
    """Seal every stored key with the newest encryption key, while everything else goes on.

    Each key is a statement of its own: broken off, it is taken up where it was by the next call.
    """
    done = Rotation()
    rows = IntegrationSettings.unscoped.exclude(sealed_key=None).order_by("pk")
    for row in rows:
        try:
            anew = _seal_anew(row)
        except CannotDecrypt:
            done.lost.append(f"{row.integration_type} of account {row.account_id}")
        else:
            done.sealed_anew += anew
            done.current += not anew
    return done


def _seal_anew(row: IntegrationSettings) -> bool:
    """False where it is sealed so already, or somebody has just entered another."""
    secret, before = row.api_key, row.sealed_key
    if before is None or crypto.is_newest(before):
        return False
    sealed = crypto.encrypt(secret, place=row.place)
    same = IntegrationSettings.unscoped.filter(pk=row.pk, sealed_key=bytes(before))
    return bool(same.update(sealed_key=sealed))
