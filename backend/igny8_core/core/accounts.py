"""New accounts: each begins with an owner and a default site."""

from django.db import transaction

from igny8_core.core import sites
from igny8_core.core.models import Account, Membership, Role, User


@transaction.atomic
def create_account(*, name: str, owner: User) -> Membership:
    """An account of this name with its owner's membership and its default site."""
    account = Account.objects.create(name=name)
    membership = Membership.objects.create(account=account, user=owner, role=Role.OWNER)
    sites.create_site(account, name=name, is_default=True)
    return membership
