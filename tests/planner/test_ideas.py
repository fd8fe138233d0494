"""Ideas that a run found."""

import pytest
from django.db import transaction

from igny8_core.core.errors import TargetGone
from igny8_core.planner.clusters import create_cluster, trash_cluster
from igny8_core.planner.ideas import IdeaToSave, save_ideas
from igny8_core.planner.models import ContentIdeas
from igny8_core.planner.outlines import outline_of


@pytest.fixture
def cluster(world):
    return create_cluster(world.account, name="Shoes")


def test_ideas_are_added_and_the_cluster_is_planned(world, cluster):
    found = IdeaToSave(
        title=" How to lace\0 shoes ",
        description="Every way. With pictures.",
        content_type="guide",
        target_keywords=["lace shoes", " lace shoes", ""],
        estimated_word_count=-5,
    )
    (pk,) = save_ideas(cluster, [found], run_item=7)
    idea = ContentIdeas.unscoped.get(pk=pk)
    assert (idea.title, idea.site_id, idea.run_item) == ("How to lace shoes", cluster.site_id, 7)
    assert idea.target_keywords == ["lace shoes"]
    assert idea.estimated_word_count == 0
    assert [part["heading"] for part in idea.outline] == ["Every way", "With pictures"]
    cluster.refresh_from_db()
    assert cluster.status == "planned"


def test_a_title_that_the_site_has_is_not_added_twice(world, cluster):
    save_ideas(cluster, [IdeaToSave("Lacing shoes")], run_item=1)
    ids = save_ideas(
        cluster,
        [IdeaToSave("LACING  shoes"), IdeaToSave("Two"), IdeaToSave("two"), IdeaToSave("")],
        run_item=2,
    )
    assert list(ContentIdeas.unscoped.filter(pk__in=ids).values_list("title", flat=True)) == ["Two"]


def test_no_idea_is_stored_for_a_cluster_that_was_deleted(world, cluster):
    trash_cluster(cluster)
    with pytest.raises(TargetGone), transaction.atomic():
        save_ideas(cluster, [IdeaToSave("Late")], run_item=1)
    assert not ContentIdeas.unscoped.exists()


def test_saving_takes_few_statements(world, cluster, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        save_ideas(cluster, [IdeaToSave(f"Idea {n}") for n in range(10)], run_item=1)


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ([{"level": 3, "heading": "A", "notes": "n"}], [(3, "A", "n")]),
        ([{"level": "h3", "heading": "A", "notes": ["x", "y"]}], [(3, "A", "x; y")]),
        ([{"level": 1, "heading": "A", "other": 1}], [(2, "A", "")]),
        (["A", " ", "B"], [(2, "A", ""), (2, "B", "")]),
        ("# A\n\n### B\n- C\n2. D", [(2, "A", ""), (3, "B", ""), (2, "C", ""), (2, "D", "")]),
        (None, []),
        ([None, 5, {"heading": None}], []),
        ({"heading": "A"}, []),
    ],
)
def test_an_outline_has_one_shape_whatever_it_came_in(given, parts):
    found = outline_of(given)
    assert [(part["level"], part["heading"], part["notes"]) for part in found] == parts
