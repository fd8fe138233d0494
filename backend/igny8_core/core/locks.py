"""One writer at a time for rules that span several rows of an account."""

from igny8_core.core.models import Account


def lock_account(account_id: int) -> None:
    """Until the transaction ends, nobody else holds this; SQLite's own lock is wider already."""
    Account.objects.select_for_update().get(pk=account_id)
