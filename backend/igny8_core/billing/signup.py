"""Registration: a person, their account and the credits it begins with."""

from django.conf import settings
from django.db import IntegrityError, transaction

from igny8_core.billing import ledger
from igny8_core.core.accounts import create_account
from igny8_core.core.errors import Forbidden, InvalidPayload
from igny8_core.core.models import Membership, User, fold_email
from igny8_core.core.passwords import new_user


def register(*, email: str, password: str, account_name: str) -> Membership:
    """A new account owned by a new user, with the signup credits.

    Raises Forbidden `registration_closed`, and InvalidPayload on `email` for a known address.
    """
    if not settings.IGNY8_OPEN_REGISTRATION:
        raise Forbidden(
            "Registration is closed here; ask a member for an invitation.",
            code="registration_closed",
        )
    if User.objects.filter(email=fold_email(email)).exists():
        raise _known_address()
    return open_account(new_user(email, password), account_name)


@transaction.atomic
def open_account(user: User, account_name: str) -> Membership:
    """Save a new user as the owner of a new account, whoever may register here."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise _known_address() from error
    membership = create_account(name=account_name, owner=user)
    if settings.IGNY8_SIGNUP_CREDITS > 0:
        ledger.grant(
            membership.account, settings.IGNY8_SIGNUP_CREDITS, key="signup", requested_by=user
        )
    return membership


def _known_address() -> InvalidPayload:
    return InvalidPayload("There is a user with this address already.", code="unique", attr="email")
