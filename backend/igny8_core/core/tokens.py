"""Keys to the API: shown once as `igk_<prefix>_<secret>`, stored as a digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from igny8_core.core.errors import NotInAccount
from igny8_core.core.models import Account, ApiToken, Membership

#: How exact `used_at` is; a write for every request would cost more than it tells.
USED_AT_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class IssuedToken:
    """A new token with the secret that is never shown again."""

    token: ApiToken
    secret: str


@transaction.atomic
def issue_token(membership: Membership, *, name: str) -> IssuedToken:
    """A token with the rights of the membership."""
    hint = secrets.token_hex(4)
    secret = f"igk_{hint}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        account_id=membership.account_id,
        membership=membership,
        name=name,
        hint=hint,
        digest=digest_of(secret),
    )
    return IssuedToken(token, secret)


def membership_of_token(secret: str) -> Membership | None:
    """Whose token this is, with account and user; None where it opens nothing."""
    token = (
        ApiToken.unscoped.select_related("membership__account", "membership__user")
        .filter(digest=digest_of(secret), membership__user__is_active=True)
        .first()
    )
    if token is None:
        return None
    _note_use(token)
    return token.membership


def revoke_token(account: Account, token_id: int) -> None:
    """The token stops working at once; raises NotInAccount."""
    deleted, _ = ApiToken.objects.for_account(account).filter(id=token_id).delete()
    if not deleted:
        raise NotInAccount


def revoke_secret(secret: str) -> None:
    """The token with this secret stops working at once."""
    ApiToken.unscoped.filter(digest=digest_of(secret)).delete()


def digest_of(secret: str) -> str:
    """What is stored of a secret; it is long and random, so that no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is not None and token.used_at > now - USED_AT_STEP:
        return
    stale = Q(used_at=None) | Q(used_at__lte=now - USED_AT_STEP)
    if ApiToken.unscoped.filter(stale, id=token.pk).update(used_at=now):
        Membership.unscoped.filter(id=token.membership_id).update(used_at=now)
