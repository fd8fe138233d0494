"""Pictures: their places, prompts and files."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from igny8_core.core.errors import Conflict, InvalidPayload, TargetGone
from igny8_core.core.trash import TRASH_LIFETIME, put_in_trash, take_from_trash
from igny8_core.writer import images
from igny8_core.writer.content import create_content, restore_content, trash_content
from igny8_core.writer.images import PromptToSave
from igny8_core.writer.models import Content, ContentVersion, Images, Tasks
from igny8_core.writer.tasks import create_task
from igny8_core.writer.trash import purge_trash


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def content(world):
    return create_content(world.account, user=world.bob.user, title="T")


@pytest.fixture
def image(world, content):
    return images.create_image(world.account, content=content, placement="featured", prompt="A cat")


def picture(name):
    """A stored picture and its mobile form."""
    paths = [default_storage.save(f"{name}-{form}.png", ContentFile(b"x")) for form in "ab"]
    return {
        "path": paths[0],
        "checksum": "c",
        "variants": {"mobile": {"path": paths[1], "width": 1, "height": 1}},
        "provider": "openai",
        "model": "m",
        "width": 2,
        "height": 2,
        "format": "png",
    }


def files():
    return sorted(default_storage.listdir("")[1])


def test_a_place_with_a_prompt_is_prompted_and_one_without_is_pending(world, content, image):
    assert image.status == "prompted"
    images.change_image(image, prompt="")
    assert image.status == "pending"


def test_a_place_is_taken_once(world, content, image):
    other = images.create_image(world.account, content=content, placement="in_article")
    with pytest.raises(InvalidPayload) as refused:
        images.change_image(other, placement="featured")
    assert refused.value.attr == "position"
    put_in_trash(image)
    images.change_image(other, placement="featured")
    with pytest.raises(Conflict):
        take_from_trash(image)


def test_a_picture_does_not_come_back_without_its_article(world, content, image):
    put_in_trash(image)
    trash_content(content)
    with pytest.raises(Conflict):
        images.restore_image(image)
    restore_content(content)
    images.restore_image(image)
    trash_content(content)
    with pytest.raises(InvalidPayload):
        images.create_image(world.account, content=content, placement="in_article")


def test_prompts_fill_the_places_that_have_none(world, content, image):
    ids = images.save_image_prompts(
        content, PromptToSave("A dog"), [PromptToSave("One", "alt"), PromptToSave("Two")]
    )
    found = Images.unscoped.order_by("placement", "position")
    assert list(found.values_list("placement", "position", "prompt", "alt_text", "status")) == [
        ("featured", 0, "A cat", "", "prompted"),
        ("in_article", 1, "One", "alt", "prompted"),
        ("in_article", 2, "Two", "", "prompted"),
    ]
    assert len(ids) == 2
    assert image.pk not in ids


def test_again_refills_the_places_and_the_pictures_stay(world, content, image):
    images.save_picture(image, **picture("old"))
    ids = images.save_image_prompts(content, PromptToSave("A dog"), [], again=True)
    image.refresh_from_db()
    assert ids == [image.pk]
    assert (image.prompt, image.status) == ("A dog", "prompted")
    assert default_storage.exists(image.path)


def test_prompts_take_few_statements(world, content, image, django_assert_max_num_queries):
    prompts = [PromptToSave(f"P{n}") for n in range(5)]
    with transaction.atomic(), django_assert_max_num_queries(4):
        images.save_image_prompts(content, PromptToSave("A dog"), prompts, again=True)


def test_old_files_go_when_their_successors_are_committed(
    image, django_capture_on_commit_callbacks
):
    images.save_picture(image, **picture("old"))
    new = picture("new")
    with django_capture_on_commit_callbacks(execute=True):
        saved = images.save_picture(image, **new)
        assert len(files()) == 4
    assert files() == ["new-a.png", "new-b.png"]
    assert (saved.generation, saved.status, saved.path) == (2, "generated", new["path"])


def test_a_failure_is_said_and_takes_no_picture_away(image):
    images.mark_images_failed(image.account, [image.pk], error="No luck")
    image.refresh_from_db()
    assert (image.status, image.error) == ("failed", "No luck")
    images.save_picture(image, **picture("old"))
    images.mark_images_failed(image.account, [image.pk], error="No luck again")
    image.refresh_from_db()
    assert (image.status, image.error) == ("generated", "No luck again")


def test_nothing_is_stored_for_what_was_deleted(content, image):
    put_in_trash(image)
    with pytest.raises(TargetGone), transaction.atomic():
        images.save_picture(image, **picture("late"))
    trash_content(content)
    with pytest.raises(TargetGone), transaction.atomic():
        images.save_image_prompts(content, PromptToSave("A dog"), [])


def test_after_thirty_days_an_article_goes_with_all_that_is_its(
    world, content, image, django_capture_on_commit_callbacks
):
    task = create_task(world.account, title="T")
    kept = create_content(world.account, user=world.bob.user, title="Kept", task=task)
    images.save_picture(image, **picture("old"))
    put_in_trash(task)
    trash_content(content)
    content.refresh_from_db()
    assert purge_trash(content.deleted_at) == 0
    with django_capture_on_commit_callbacks(execute=True):
        deleted = purge_trash(content.deleted_at + TRASH_LIFETIME + timedelta(seconds=1))
    assert deleted == 3
    assert (list(Content.unscoped.all()), list(Tasks.unscoped.all())) == ([kept], [])
    assert list(ContentVersion.unscoped.values_list("content", flat=True)) == [kept.pk]
    assert files() == []


def test_pictures_come_with_their_article_in_one_query(world, image, django_assert_num_queries):
    with django_assert_num_queries(1):
        (found,) = images.images_for(world.account, [image.pk])
        assert found.content.title
        assert found.site.name
