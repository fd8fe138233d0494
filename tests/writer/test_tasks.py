"""Tasks, by hand and from ideas."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from igny8_core.core.errors import InvalidPayload
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import ContentIdeas
from igny8_core.writer.models import Tasks
from igny8_core.writer.queueing import queue_ideas
from igny8_core.writer.tasks import change_task, create_task, mark_tasks, tasks_for
from tests.world import a_site


def test_keywords_are_one_text_each_once(world):
    task = create_task(world.account, title="T", keywords=" shoes,,hats\nshoes , ")
    assert task.keywords == "shoes, hats"


def test_only_a_member_can_be_assigned(world):
    task = create_task(world.account, title="T", assignee=world.bob.user)
    with pytest.raises(InvalidPayload) as refused:
        change_task(task, assignee=world.charlie.user)
    assert refused.value.attr == "assignee"
    change_task(task, assignee=None)


def test_the_site_is_that_of_what_is_named_and_stays(world):
    site = a_site(world.account)
    cluster = create_cluster(world.account, site=site, name="Shoes")
    task = create_task(world.account, title="T", cluster=cluster)
    assert task.site == site
    for values in (
        {"site": world.site},
        {"idea": create_idea(world.account, title="Elsewhere")},
    ):
        with pytest.raises(InvalidPayload) as refused:
            change_task(task, **values)
        assert refused.value.attr in values
    change_task(task, site=site, title="U")


def test_an_idea_becomes_a_task_with_all_it_knows(world):
    cluster = create_cluster(world.account, name="Shoes")
    outline = [{"level": 2, "heading": "H", "notes": ""}]
    idea = create_idea(
        world.account,
        title="T",
        description="D",
        outline=outline,
        content_type="guide",
        content_structure="listicle",
        target_keywords=["a", "b"],
        cluster=cluster,
        estimated_word_count=900,
    )
    (pk,) = queue_ideas(world.account, [idea.pk])
    task = Tasks.unscoped.get(pk=pk)
    assert (task.title, task.description, task.outline) == ("T", "D", outline)
    assert (task.keywords, task.cluster, task.word_count) == ("a, b", cluster, 900)
    assert (task.content_type, task.content_structure) == ("guide", "listicle")
    assert (task.idea, task.site_id, task.status) == (idea, idea.site_id, "pending")
    idea.refresh_from_db()
    assert idea.status == "queued"


def test_an_idea_is_queued_once_however_often_it_is_asked(world):
    ideas = [create_idea(world.account, title=title) for title in "abc"]
    first = queue_ideas(world.account, [ideas[1].pk, ideas[0].pk, ideas[1].pk])
    again = queue_ideas(world.account, [idea.pk for idea in ideas])
    assert again[:2] == [first[1], first[0]]
    assert Tasks.unscoped.count() == 3


def test_one_unknown_idea_and_nothing_is_queued(world):
    idea = create_idea(world.account, title="Mine")
    theirs = create_idea(world.charlie.account, title="Theirs")
    for stranger in (theirs.pk, 10**12):
        with pytest.raises(InvalidPayload) as refused:
            queue_ideas(world.account, [idea.pk, stranger])
        assert refused.value.attr == "ids"
    assert not Tasks.unscoped.exists()
    assert not ContentIdeas.unscoped.filter(status="queued").exists()


def test_an_idea_whose_task_was_deleted_gets_a_new_one_and_the_old_one_stays_out(world):
    idea = create_idea(world.account, title="T")
    (old,) = queue_ideas(world.account, [idea.pk])
    task = Tasks.unscoped.get(pk=old)
    put_in_trash(task)
    (new,) = queue_ideas(world.account, [idea.pk])
    assert new != old
    with pytest.raises(Exception, match="taken its place"):
        take_from_trash(task)


@pytest.mark.django_db(transaction=True)
def test_ideas_that_are_queued_at_once_get_the_same_tasks(world):
    ids = [create_idea(world.account, title=title).pk for title in "abc"]
    barrier = Barrier(4)

    def queue(_):
        barrier.wait()
        try:
            return queue_ideas(world.account, ids)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(queue, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert Tasks.unscoped.count() == 3


def test_queueing_takes_few_statements(world, django_assert_max_num_queries):
    ideas = [create_idea(world.account, title=f"Idea {n}") for n in range(30)]
    with django_assert_max_num_queries(7):
        queue_ideas(world.account, [idea.pk for idea in ideas])


def test_tasks_come_with_all_an_article_needs_in_two_queries(world, django_assert_num_queries):
    cluster = create_cluster(world.account, name="Shoes")
    create_keyword(world.account, keyword="shoes", cluster=cluster)
    rows = [create_task(world.account, title=f"T{n}", cluster=cluster) for n in range(5)]
    with django_assert_num_queries(2):
        for task in tasks_for(world.account, [row.pk for row in rows]):
            assert task.site.name
            assert task.idea is None
            assert len(task.cluster.keywords.all()) == 1


def test_tasks_are_marked_in_one_statement(world, django_assert_num_queries):
    mine = create_task(world.account, title="T")
    theirs = create_task(world.charlie.account, title="T")
    with django_assert_num_queries(1):
        assert mark_tasks(world.account, [mine.pk, theirs.pk], "in_progress") == 1
    assert Tasks.unscoped.get(pk=theirs.pk).status == "pending"


def test_an_idea_that_has_a_task_made_by_hand_gets_no_second_one(world):
    idea = create_idea(world.account, title="T")
    task = create_task(world.account, title="T", idea=idea)
    assert queue_ideas(world.account, [idea.pk]) == [task.pk]
