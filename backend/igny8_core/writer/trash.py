"""What has lain in the writer's trash for too long."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from igny8_core.core.trash import TRASH_LIFETIME
from igny8_core.writer.images import delete_files_on_commit, files_of
from igny8_core.writer.models import Content, ContentVersion, Images, Tasks

BATCH = 200


@transaction.atomic
def purge_trash(now: datetime) -> int:
    """Delete for good, in every account, what went to the trash 30 days ago; answers how many.

    Versions, pictures and files of an article go with it. At most a batch of each kind at a
    time: until it answers 0 there may be more.
    """
    old = Q(deleted_at__lt=now - TRASH_LIFETIME)
    contents = _held(Content.unscoped.filter(old))
    images = _held(Images.unscoped.filter(old))
    deleted = _delete_images(Images.unscoped.filter(Q(content__in=contents) | Q(pk__in=images)))
    ContentVersion.unscoped.filter(content__in=contents).delete()
    deleted += Content.unscoped.filter(pk__in=contents).delete()[0]
    tasks = Tasks.unscoped.filter(pk__in=_held(Tasks.unscoped.filter(old)))
    return deleted + tasks.delete()[0]


def _held(rows: QuerySet[Any]) -> list[int]:
    """The ids of a batch of rows that nobody can restore from now on."""
    return list(rows.select_for_update().values_list("pk", flat=True)[:BATCH])


def _delete_images(images: QuerySet[Images]) -> int:
    for image in images:
        delete_files_on_commit(set(files_of(image)))
    return images.delete()[0]
