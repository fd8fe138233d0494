"""What a run wrote, beside what people wrote."""

import pytest
from django.db import transaction

from igny8_core.core.errors import TargetGone
from igny8_core.core.trash import put_in_trash
from igny8_core.writer.articles import ArticleToSave, save_article
from igny8_core.writer.content import change_content
from igny8_core.writer.models import Content, ContentVersion
from igny8_core.writer.services import contents_for, set_meta
from igny8_core.writer.tasks import create_task, tasks_for
from igny8_core.writer.versions import restore_version


@pytest.fixture
def task(world):
    created = create_task(world.account, title="T")
    return tasks_for(world.account, [created.pk])[0]


def article(html="<p>one two</p>", **values):
    return ArticleToSave(title="T" * 600, html=html, **values)


def states(content):
    rows = ContentVersion.unscoped.filter(content=content).order_by("number")
    return list(rows.values_list("source", "state"))


def test_an_article_is_stored_and_its_task_completed(world, task):
    content = save_article(
        task, article(tags=["a", "a", " "], primary_keyword="k" * 300, meta_title="M"), run_item=7
    )
    content.refresh_from_db()
    assert (len(content.title), len(content.primary_keyword)) == (500, 255)
    assert (content.word_count, content.tags, content.language) == (2, ["a"], "en")
    assert (content.task, content.site_id, content.version) == (task, task.site_id, 1)
    assert content.slug
    version = ContentVersion.unscoped.get()
    assert (version.source, version.state, version.run_item) == ("ai", "current", 7)
    assert version.details["tags"] == ["a"]
    task.refresh_from_db()
    assert task.status == "completed"


def test_a_first_article_takes_four_statements(task, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(4):
        save_article(task, article(), run_item=1)


def test_a_second_article_takes_the_place_of_the_first(world, task):
    content = save_article(task, article(slug="first"), run_item=1)
    save_article(task, article("<p>three</p>", slug="second", tags=["new"]), run_item=2)
    content.refresh_from_db()
    assert states(content) == [("ai", "past"), ("ai", "current")]
    assert (content.html, content.tags, content.slug) == ("<p>three</p>", ["new"], "first")
    assert content.version == 2


@pytest.mark.parametrize("why", [{"html": "<p>mine</p>"}, {"status": "published"}])
def test_a_persons_words_and_published_ones_are_only_proposed_to(world, task, why):
    content = save_article(task, article(), run_item=1)
    change_content(content, user=world.bob.user, **why)
    content.refresh_from_db()
    before = content.html, content.version
    save_article(task, article("<p>three</p>", tags=["new"]), run_item=2)
    content.refresh_from_db()
    assert (content.html, content.version) == before
    assert states(content)[-1] == ("ai", "proposed")

    accepted = restore_version(content, len(states(content)), user=world.bob.user)
    content.refresh_from_db()
    assert accepted.state == "current"
    assert (content.html, content.tags) == ("<p>three</p>", ["new"])
    assert [state for _, state in states(content)].count("current") == 1


def test_nothing_is_stored_for_a_task_that_was_deleted(task):
    put_in_trash(task)
    with pytest.raises(TargetGone), transaction.atomic():
        save_article(task, article(), run_item=1)
    assert not Content.unscoped.exists()


def test_a_new_meta_title_is_a_version_of_its_own(world, task):
    content = save_article(task, article(), run_item=1)
    (found,) = contents_for(world.account, [content.pk])
    set_meta(found, title="Short", description="Said briefly")
    content.refresh_from_db()
    assert (content.meta_title, content.meta_description) == ("Short", "Said briefly")
    assert (content.html, states(content)[-1]) == ("<p>one two</p>", ("ai", "current"))
    change_content(content, user=world.bob.user, meta_title="My own")
    set_meta(found, title="Other", description="")
    content.refresh_from_db()
    assert (content.meta_title, states(content)[-1]) == ("My own", ("ai", "proposed"))
