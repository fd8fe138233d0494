"""What a clustering run found, put into clusters."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from igny8_core.core.errors import InvalidPayload, NotInAccount
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.clusters import change_cluster, create_cluster, trash_cluster
from igny8_core.planner.grouping import GroupToSave, Member, save_groups
from igny8_core.planner.keywords import change_keyword, create_keyword
from igny8_core.planner.models import Cluster, Keyword
from tests.world import a_site


@pytest.fixture
def keyword(world):
    def make(text, **values):
        return create_keyword(world.account, keyword=text, **values)

    return make


def group(name, *rows, by="ai", similarity=None):
    return GroupToSave(name, [Member(row.pk, by, similarity) for row in rows])


def cluster_of(row):
    row.refresh_from_db()
    return row.cluster


def test_an_intent_that_nobody_said_is_read_from_the_words_and_marked(world, keyword):
    cheap, plain = keyword("cheap shoes"), keyword("shoes")
    said = keyword("buy blue shoes", intent="commercial")
    save_groups(world.site, [group("Shoes", cheap, plain, said)])
    for row in (cheap, plain, said):
        row.refresh_from_db()
    assert (cheap.intent, cheap.intent_inferred) == ("transactional", True)
    assert (plain.intent, plain.intent_inferred) == (None, False)
    assert (said.intent, said.intent_inferred) == ("commercial", False)


def test_groups_become_clusters_with_head_keyword_and_dominant_intent(world, keyword):
    small = keyword("shoe size", volume=10, intent="informational")
    big = keyword("buy shoes", volume=500, intent="transactional")
    other = keyword("hats")
    ids = save_groups(
        world.site,
        [group("Shoes", small, big), group("Hats", other, by="offline", similarity=0.25)],
    )
    shoes, hats = (cluster_of(big), cluster_of(other))
    assert ids == [shoes.pk, hats.pk]
    assert cluster_of(small) == shoes
    assert (shoes.head_keyword, shoes.intent) == ("buy shoes", "transactional")
    assert (hats.head_keyword, hats.intent, hats.locked) == ("hats", None, False)
    assert (other.assigned_by, other.similarity) == ("offline", 0.25)


def test_a_group_joins_the_living_cluster_of_its_name(world, keyword):
    shoes = create_cluster(world.account, name="Ｓhoes")
    elsewhere = create_cluster(world.account, name="Shoes", site=a_site(world.account))
    row = keyword("red shoes", volume=9)
    assert save_groups(world.site, [group("shoes ", row)]) == [], "none is new"
    assert cluster_of(row) == shoes
    shoes.refresh_from_db()
    assert shoes.head_keyword == "", "a locked cluster is added to and not rewritten"
    put_in_trash(shoes)
    assert save_groups(world.site, [group("SHOES", keyword("old shoes"))]) != [elsewhere.pk]


def test_what_was_deleted_or_clustered_meanwhile_is_left_alone(world, keyword):
    gone, taken, free = keyword("gone"), keyword("taken"), keyword("free")
    put_in_trash(gone)
    taken.cluster = create_cluster(world.account, name="A person's")
    taken.save(update_fields=["cluster"])
    save_groups(world.site, [group("New", gone, taken, free), group("Empty", gone)])
    assert cluster_of(gone) is None
    assert cluster_of(taken).name == "A person's"
    assert cluster_of(free).name == "New"
    assert not Cluster.unscoped.filter(name="Empty").exists()


def test_a_keyword_in_two_groups_goes_to_the_first(world, keyword):
    row, other = keyword("shoes"), keyword("hats")
    save_groups(world.site, [group("First", row), group("Second", row, other)])
    assert cluster_of(row).name == "First"
    assert cluster_of(other).name == "Second"


def test_again_regroups_and_puts_what_it_emptied_into_the_trash(world, keyword):
    rows = [keyword("a"), keyword("b")]
    save_groups(world.site, [group("Old", *rows)])
    old = cluster_of(rows[0])
    save_groups(world.site, [group("New", rows[0])], again=True)
    old.refresh_from_db()
    assert old.deleted_at is None, "one keyword is still there"
    save_groups(world.site, [group("New", rows[1])], again=True)
    old.refresh_from_db()
    assert old.deleted_at is not None


def test_again_leaves_locked_clusters_as_they_are(world, keyword):
    row, new = keyword("a"), keyword("b")
    save_groups(world.site, [group("Old", row)])
    change_cluster(cluster_of(row), description="mine")
    save_groups(world.site, [group("New", row, new)], again=True)
    assert cluster_of(row).name == "Old"
    assert cluster_of(new).name == "New"


def test_again_leaves_what_a_person_has_put_somewhere(world, keyword):
    row, other = keyword("a"), keyword("b")
    save_groups(world.site, [group("Old", row, other)])
    mine = create_cluster(world.account, name="Mine")
    change_cluster(mine, locked=False)
    change_keyword(row, cluster=mine)
    save_groups(world.site, [group("New", row, other)], again=True)
    assert cluster_of(row) == mine
    assert cluster_of(other).name == "New"


def test_keywords_of_another_account_are_not_touched(world, keyword):
    theirs = create_keyword(world.charlie.account, keyword="theirs")
    assert save_groups(world.site, [group("Mine", theirs)], again=True) == []
    assert cluster_of(theirs) is None


def test_a_hundred_keywords_take_few_statements(world, django_assert_max_num_queries):
    Keyword.unscoped.bulk_create(
        Keyword(account=world.account, site=world.site, keyword=f"k{n}", folded=f"k{n}")
        for n in range(100)
    )
    rows = list(Keyword.objects.for_account(world.account))
    groups = [group(f"Cluster {n}", *rows[n::10]) for n in range(10)]
    # SQLite takes the hundred keywords in three statements, PostgreSQL in one.
    with django_assert_max_num_queries(10):
        assert len(save_groups(world.site, groups)) == 10
    assert not Keyword.unscoped.filter(cluster=None).exists()


@pytest.mark.django_db(transaction=True)
def test_people_and_runs_that_move_the_same_keywords_never_lock_each_other_out(world, keyword):
    rows = [keyword(f"k{n}") for n in range(10)]
    save_groups(world.site, [group("Old", *rows)])

    def run(number):
        save_groups(world.site, [group(f"New {number % 2}", *rows[number:])], again=True)

    def delete(number):
        for cluster in Cluster.objects.for_account(world.account):
            trash_cluster(cluster)

    def move(number):
        for row in rows:
            cluster = Cluster.objects.for_account(world.account).first()
            change_keyword(row, cluster=cluster)

    def work(number):
        try:
            (run, delete, move)[number % 3](number)
        except (NotInAccount, InvalidPayload):
            pass  # somebody else was faster, which is an answer
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(9)))
    in_trash = Cluster.unscoped.exclude(deleted_at=None)
    assert not Keyword.unscoped.filter(cluster__in=in_trash).exists()
