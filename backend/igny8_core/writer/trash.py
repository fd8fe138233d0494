"""What has lain in the writer's trash for too long."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from igny8_core.core.trash import TRASH_LIFETIME
from igny8_core.writer.images import delete_files_on_commit, files_of
from igny8_core.writer.models import Content, ContentVersion, Images, Tasks

BATCH = 200


@transaction.atomic
def purge_trash(now: datetime) -> int:
    """Delete for good, in every account, what went to the trash 30 days ago; answers how many.

    Versions, pictures and files of an article go with it. At most a batch of each at a time:
    until it answers 0 there may be more.
    """
    old = Q(deleted_at__lt=now - TRASH_LIFETIME)
    contents = list(Content.unscoped.filter(old).values_list("pk", flat=True)[:BATCH])
    deleted = _delete_images(Images.unscoped.filter(Q(content__in=contents) | old))
    ContentVersion.unscoped.filter(content__in=contents).delete()
    deleted += Content.unscoped.filter(pk__in=contents).delete()[0]
    tasks = list(Tasks.unscoped.filter(old).values_list("pk", flat=True)[:BATCH])
    return deleted + Tasks.unscoped.filter(pk__in=tasks).delete()[0]


def _delete_images(images: QuerySet[Images]) -> int:
    for image in images:
        delete_files_on_commit(set(files_of(image)))
    return images.delete()[0]
