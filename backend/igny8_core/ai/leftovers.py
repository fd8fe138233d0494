"""What was paid for and no Retry has come for: pictures, and rows that no item was made of."""

from datetime import datetime, timedelta

from igny8_core.ai import inbox
from igny8_core.ai.models import CallState, ItemState, ProviderCall
from igny8_core.ai.requests import StoredPicture

#: For so long after it failed a Retry makes a picture of the bytes that are there.
KEPT = timedelta(days=30)
BATCH = 200


def purge_leftovers(now: datetime) -> int:
    """Delete the bytes that items have failed over, in every account; answers how many pictures.

    At most a batch at a time: until it answers 0 there may be more.
    """
    own = ProviderCall.unscoped.filter(item=None, created_at__lt=now - KEPT)
    own.exclude(raw=None).update(raw=None)
    given_up = ProviderCall.unscoped.filter(
        state=CallState.OK,
        picture__isnull=False,
        item__state__in=(ItemState.FAILURE, ItemState.CANCELLED),
        item__finished_at__lt=now - KEPT,
    )
    batch = list(given_up.only("picture")[:BATCH])
    for call in batch:
        inbox.discard(StoredPicture(**(call.picture or {})))
        call.picture = None
    return ProviderCall.unscoped.bulk_update(batch, ["picture"])
