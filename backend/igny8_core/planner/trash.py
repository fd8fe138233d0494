"""What has lain in the planner's trash for too long."""

from datetime import datetime

from django.db import transaction

from igny8_core.core.trash import TRASH_LIFETIME
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword


@transaction.atomic
def purge_trash(now: datetime) -> int:
    """Delete for good, in every account, what went to the trash 30 days ago; answers how many."""
    deleted = 0
    for model in (Keyword, ContentIdeas, Cluster):
        rows = model.unscoped.filter(deleted_at__lt=now - TRASH_LIFETIME)
        deleted += rows.delete()[1].get(model._meta.label, 0)
    return deleted
