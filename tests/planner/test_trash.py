"""What lies in the planner's trash for too long."""

from datetime import timedelta

from igny8_core.core.trash import TRASH_LIFETIME, put_in_trash
from igny8_core.planner.clusters import create_cluster, trash_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.planner.trash import purge_trash


def test_after_thirty_days_it_is_gone_and_what_named_it_stays(world):
    cluster = create_cluster(world.account, name="Shoes")
    idea = create_idea(world.account, title="Kept", cluster=cluster)
    keyword = create_keyword(world.account, keyword="shoes", cluster=cluster)
    put_in_trash(keyword)
    trash_cluster(cluster)
    cluster.refresh_from_db()
    assert purge_trash(keyword.deleted_at + TRASH_LIFETIME) == 0
    assert purge_trash(cluster.deleted_at + TRASH_LIFETIME + timedelta(seconds=1)) == 2
    assert not Keyword.unscoped.exists()
    assert not Cluster.unscoped.exists()
    assert ContentIdeas.unscoped.get() == idea
