"""Accounts as an operator names them."""

from django.db.models import Q

from igny8_core.core.errors import InvalidPayload, NotInAccount
from igny8_core.core.models import Account, Membership, Role, fold_email


def find_account(name: str) -> Account:
    """The account of this id, name or owner's address; raises where there is none, or several."""
    owned = Membership.unscoped.filter(user__email=fold_email(name), role=Role.OWNER)
    named = Q(name=name) | Q(pk__in=owned.values("account"))
    if name.isdecimal() and len(name) < 19:
        named = Q(pk=int(name))
    found = list(Account.objects.filter(named).order_by("pk")[:20])
    if not found:
        raise NotInAccount(f"There is no account {name!r}; name its id, its name or its owner.")
    if len(found) > 1:
        known = ", ".join(f"{account.pk} ({account.name})" for account in found)
        raise InvalidPayload(f"Several accounts are called {name!r}; name one by its id: {known}.")
    return found[0]
