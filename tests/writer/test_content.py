"""Articles as people write them, and their versions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from igny8_core.core.errors import Conflict, InvalidPayload, NotInAccount
from igny8_core.writer.content import (
    change_content,
    contents_for,
    create_content,
    restore_content,
    trash_content,
)
from igny8_core.writer.images import create_image
from igny8_core.writer.models import Content, ContentVersion, Images
from igny8_core.writer.tasks import create_task
from igny8_core.writer.versions import restore_version
from tests.world import a_site


@pytest.fixture
def content(world):
    return create_content(
        world.account, user=world.bob.user, title="Über Schuhe", html="<p>Eins zwei</p>"
    )


def versions(content):
    rows = ContentVersion.unscoped.filter(content=content).order_by("number")
    return list(rows.values_list("number", "html", "source", "state"))


def test_what_a_person_writes_is_cleaned_counted_and_version_1(world, content):
    assert (content.version, content.word_count, content.slug) == (1, 2, "uber-schuhe")
    assert versions(content) == [(1, "<p>Eins zwei</p>", "person", "current")]
    assert ContentVersion.unscoped.get().author == world.bob.user
    change_content(content, user=world.bob.user, html="<p onclick=x>a</p><script>b</script>")
    assert Content.unscoped.get().html == "<p>a</p>"


def test_html_beyond_all_measure_is_refused(world):
    with pytest.raises(InvalidPayload) as refused:
        create_content(world.account, user=world.bob.user, title="T", html="<b>" * 10_000)
    assert refused.value.attr == "html"


def test_other_words_are_a_new_version_and_other_tags_are_not(world, content):
    change_content(content, user=world.bob.user, tags=["shoes"])
    assert Content.unscoped.get().version == 2
    assert len(versions(content)) == 1
    changed = change_content(content, user=world.bob.user, html="<p>Drei</p>", version=2)
    assert changed.version == 3
    assert versions(content) == [
        (1, "<p>Eins zwei</p>", "person", "past"),
        (2, "<p>Drei</p>", "person", "current"),
    ]


@pytest.mark.parametrize("version", [0, 2])
def test_a_version_that_is_not_the_articles_changes_nothing(world, content, version):
    with pytest.raises(Conflict) as refused:
        change_content(content, user=world.bob.user, title="Lost", version=version)
    assert refused.value.code == "stale_version"
    assert Content.unscoped.get().title == "Über Schuhe"


def test_a_past_version_comes_back_as_a_new_one(world, content):
    change_content(content, user=world.bob.user, html="<p>Drei vier fünf</p>")
    restored = restore_version(content, 1, user=world.alice.user)
    assert (restored.number, restored.source, restored.author) == (3, "restore", world.alice.user)
    assert [state for *_, state in versions(content)] == ["past", "past", "current"]
    content.refresh_from_db()
    assert (content.html, content.word_count, content.version) == ("<p>Eins zwei</p>", 2, 3)
    assert restore_version(content, 3, user=world.alice.user) == restored
    with pytest.raises(NotInAccount):
        restore_version(content, 4, user=world.alice.user)


def test_a_task_has_one_article(world):
    task = create_task(world.account, title="T", site=a_site(world.account))
    content = create_content(world.account, user=world.bob.user, title="T", task=task)
    assert content.site == task.site
    with pytest.raises(InvalidPayload) as refused:
        create_content(world.account, user=world.bob.user, title="U", task=task)
    assert refused.value.attr == "task"


def test_pictures_go_and_come_back_with_their_article(world, content):
    kept = create_image(world.account, content=content, placement="featured")
    gone = create_image(world.account, content=content, placement="in_article", position=1)
    Images.unscoped.filter(pk=gone.pk).update(deleted_at=content.created_at)
    trash_content(content)
    assert not Images.objects.for_account(world.account).exists()
    restore_content(content)
    assert list(Images.objects.for_account(world.account)) == [kept]


def test_a_deleted_article_is_not_changed(world, content):
    trash_content(content)
    with pytest.raises(NotInAccount):
        change_content(content, user=world.bob.user, title="Late")


def test_articles_come_with_their_site_in_one_query(world, content, django_assert_num_queries):
    with django_assert_num_queries(1):
        (found,) = contents_for(world.account, [content.pk, 10**12])
        assert found.site.name


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_to_one_version_one_wins(world, content):
    barrier = Barrier(4)

    def change(number):
        barrier.wait()
        try:
            change_content(content, user=world.bob.user, title=f"T{number}", version=1)
        except Conflict as conflict:
            return conflict.code
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(change, range(4)))
    assert outcomes == ["stale_version"] * 3 + ["won"]
    assert [state for *_, state in versions(content)] == ["past", "current"]
