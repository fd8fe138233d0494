"""What lies in the planner's trash for too long."""

from datetime import timedelta

from igny8_core.core.trash import TRASH_LIFETIME, put_in_trash
from igny8_core.planner.clusters import create_cluster, trash_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword, Page
from igny8_core.planner.pages import create_page
from igny8_core.planner.trash import BATCH, purge_trash


def test_after_thirty_days_it_is_gone_and_what_named_it_stays(world):
    cluster = create_cluster(world.account, name="Shoes")
    idea = create_idea(world.account, title="Kept", cluster=cluster)
    keyword = create_keyword(world.account, keyword="shoes", cluster=cluster)
    page = create_page(world.account, url="https://example.com/shoes")
    put_in_trash(page)
    put_in_trash(keyword)
    trash_cluster(cluster)
    cluster.refresh_from_db()
    assert purge_trash(page.deleted_at + TRASH_LIFETIME) == 0
    assert purge_trash(cluster.deleted_at + TRASH_LIFETIME + timedelta(seconds=1)) == 3
    assert not Page.unscoped.exists()
    assert not Keyword.unscoped.exists()
    assert not Cluster.unscoped.exists()
    assert ContentIdeas.unscoped.get() == idea


def test_what_is_too_much_for_one_transaction_goes_batch_by_batch(world):
    gone = create_keyword(world.account, keyword="shoes").created_at
    later = gone + TRASH_LIFETIME + timedelta(seconds=1)
    Keyword.unscoped.bulk_create(
        Keyword(account=world.account, site=world.site, keyword=f"k{n}", folded=f"k{n}")
        for n in range(BATCH + 50)
    )
    Keyword.unscoped.exclude(keyword="shoes").update(deleted_at=gone)
    assert [purge_trash(later) for _ in range(3)] == [BATCH, 50, 0]
    assert Keyword.unscoped.get().keyword == "shoes"
