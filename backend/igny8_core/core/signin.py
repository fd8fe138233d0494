"""Signing in: an address and a password for a place in one account."""

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils import timezone

from igny8_core.core.errors import Forbidden, InvalidPayload, NotSignedIn
from igny8_core.core.models import Membership, User, fold_email


def sign_in(*, email: str, password: str, account_id: int | None = None) -> Membership:
    """The membership to work with: that of the account named, else the one used last.

    Raises NotSignedIn for an unknown address and a wrong password alike, and only then
    InvalidPayload on `account` where the user is no member of it.
    """
    user = user_with(email, password)
    if user is None:
        raise NotSignedIn("This address and password do not belong together.")
    membership = _chosen(user, account_id)
    membership.used_at = timezone.now()
    membership.save(update_fields=["used_at"])
    return membership


def user_with(email: str, password: str) -> User | None:
    """The active user of this address and password; an unknown address takes as long."""
    user = User.objects.filter(email=fold_email(email), is_active=True).first()
    if user is None:
        make_password(password)
        return None
    return user if user.check_password(password) else None


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's places, the one used last first."""
    # Not through an account: this is the question which accounts there are.
    return (
        Membership.unscoped.filter(user=user)
        .select_related("account", "user")
        .order_by("-used_at", "id")
    )


def _chosen(user: User, account_id: int | None) -> Membership:
    memberships = memberships_of(user)
    if account_id is None:
        membership = memberships.first()
        if membership is None:
            raise Forbidden("You are not a member of any account.", code="no_account")
        return membership
    membership = memberships.filter(account_id=account_id).first()
    if membership is None:
        raise InvalidPayload("There is no such account.", code="does_not_exist", attr="account")
    return membership
