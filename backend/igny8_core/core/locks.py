"""One writer at a time for rules that span several rows of an account."""

import time

from django.db import connection

from igny8_core.core.models import Account, Site
from igny8_core.core.tenancy import AccountRef


def lock_account(account_id: int) -> None:
    """Until the transaction ends, nobody else holds this; SQLite's own lock is wider already."""
    Account.objects.select_for_update().get(pk=account_id)


def lock_site(account: AccountRef, site_id: int) -> None:
    """The same for rules that span several rows of a site; taken before any of those rows is."""
    Site.objects.for_account(account).select_for_update(no_key=True).get(pk=site_id)


def give_way(held: float) -> None:
    """Behind a transaction that took so many seconds, and before the next: let others write.

    SQLite wakes nobody who waits for it. They look again by themselves, the later the longer they
    have waited (sqliteDefaultBusyCallback), and would hardly ever meet a gap between two writes.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(0.025 if held < 0.128 else 0.05 if held < 0.228 else 0.1)
