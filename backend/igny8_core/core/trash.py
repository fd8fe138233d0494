"""The trash: what is deleted can be brought back for 30 days."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from igny8_core.core.errors import Conflict, NotInAccount
from igny8_core.core.tenancy import SiteModel

TRASH_LIFETIME = timedelta(days=30)

S = TypeVar("S", bound=SiteModel)


def hold(row: SiteModel) -> bool:
    """Lock the row until the transaction ends; False where it lies in the trash or is gone."""
    living = type(row).objects.for_account(row.account_id).filter(pk=row.pk)
    return bool(living.select_for_update(no_key=True).values_list("pk"))


@transaction.atomic(savepoint=False)
def put_in_trash(row: SiteModel) -> datetime:
    """Hide the row from everything but the trash; answers the moment it went."""
    now = timezone.now()
    living = type(row).objects.for_account(row.account_id).filter(pk=row.pk)
    if not living.update(deleted_at=now):
        raise NotInAccount
    row.deleted_at = now
    return now


def take_from_trash(row: S) -> S:
    """Bring the row back; where another has taken its place, it stays in the trash."""
    trashed = type(row).objects.trashed(row.account_id).filter(pk=row.pk)
    try:
        with transaction.atomic():
            restored = trashed.update(deleted_at=None)
    except IntegrityError as e:
        raise Conflict("Another one has taken its place; delete that one first.") from e
    if not restored:
        raise NotInAccount
    row.deleted_at = None
    return row
