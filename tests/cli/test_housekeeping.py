"""The worker's chore: whoever runs a worker need not think of the trash."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from igny8_core.ai.worker import Worker
from igny8_core.cli.housekeeping import empty_trash
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from igny8_core.writer.content import create_content
from igny8_core.writer.models import Content, ContentVersion, Images, Tasks
from igny8_core.writer.tasks import create_task
from tests.cli.processes import until


def trashed(world, title, days) -> tuple[Content, list[str]]:
    """A keyword, a task and an article with a picture, in the trash for so many days."""
    went = {"deleted_at": timezone.now() - timedelta(days=days)}
    keyword = create_keyword(world.account, keyword=title)
    task = create_task(world.account, title=title)
    content = create_content(world.account, user=world.bob.user, title=title, task=task)
    files = [
        default_storage.save(f"{title}-{size}.png", ContentFile(b"x"))
        for size in ("original", "mobile")
    ]
    Images.objects.create(
        account=world.account,
        site=content.site,
        content=content,
        placement="featured",
        path=files[0],
        variants={"mobile": {"path": files[1], "width": 1, "height": 1}},
    )
    for row in (keyword, task, content):
        type(row).unscoped.filter(pk=row.pk).update(**went)
    return content, files


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_starts_deletes_what_is_too_old_and_keeps_the_rest(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    trashed(world, "old", days=31)
    kept, kept_files = trashed(world, "kept", days=1)
    worker = Worker(chore=empty_trash)
    worker.start()
    try:
        until(lambda: not Keyword.unscoped.filter(keyword="old").exists())
    finally:
        worker.stop()
    assert Keyword.unscoped.get().keyword == Tasks.unscoped.get().title == "kept"
    assert Content.unscoped.get() == kept
    assert Images.unscoped.get().content == kept
    assert set(ContentVersion.unscoped.values_list("content", flat=True)) == {kept.pk}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept_files)
