"""What has lain in the planner's trash for too long."""

from datetime import datetime

from django.db import transaction

from igny8_core.core.trash import TRASH_LIFETIME
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword, Page

BATCH = 200


@transaction.atomic
def purge_trash(now: datetime) -> int:
    """Delete for good, in every account, what went to the trash 30 days ago; answers how many.

    At most a batch of each kind at a time: until it answers 0 there may be more.
    """
    deleted = 0
    for model in (Keyword, ContentIdeas, Cluster, Page):
        rows = model.unscoped.filter(deleted_at__lt=now - TRASH_LIFETIME)
        # Held: nobody can restore them from now on.
        batch = list(rows.select_for_update().values_list("pk", flat=True)[:BATCH])
        deleted += model.unscoped.filter(pk__in=batch).delete()[0]
    return deleted
