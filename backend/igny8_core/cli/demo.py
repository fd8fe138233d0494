"""The demo account: made once, with a password of its own in the data folder."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from igny8_core.billing.signup import open_account
from igny8_core.core.models import Membership, User
from igny8_core.core.passwords import new_user

EMAIL = "demo@igny8.local"


@dataclass(frozen=True)
class Demo:
    """The demo account's owner; no password where another machine made it."""

    membership: Membership
    password: str | None


def demo() -> Demo:
    """The demo account, made on first use.

    The password is in its file before the user is in the database, so that no crash between the
    two leaves a user whom nobody can sign in as.
    """
    path = settings.DATA_DIR / "demo.txt"
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        password = _password(path)
        return Demo(open_account(new_user(EMAIL, password), "Demo"), password)
    membership = (
        Membership.unscoped.select_related("account", "user").filter(user=user).earliest("pk")
    )
    return Demo(membership, _password(path) if path.exists() else None)


def _password(path: Path) -> str:
    """What the file says; a new one where there is none."""
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{EMAIL} {secrets.token_urlsafe(12)}\n")
        draft.rename(path)
    return path.read_text(encoding="utf-8").split()[1]
