"""One writer at a time for rules that span several rows of an account."""

from igny8_core.core.models import Account, Site
from igny8_core.core.tenancy import AccountRef


def lock_account(account_id: int) -> None:
    """Until the transaction ends, nobody else holds this; SQLite's own lock is wider already."""
    Account.objects.select_for_update().get(pk=account_id)


def lock_site(account: AccountRef, site_id: int) -> None:
    """The same for rules that span several rows of a site; taken before any of those rows is."""
    Site.objects.for_account(account).select_for_update(no_key=True).get(pk=site_id)
