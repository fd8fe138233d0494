"""planner."""

from igny8_core.core.models import Role
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.pages import create_page
from tests.api.cases import Case
from tests.world import a_site

VIEWER, EDITOR = Role.VIEWER, Role.EDITOR
NOBODY_KNOWS = {"ids": [10**12]}


def a_keyword(world):
    return {"pk": create_keyword(world.account, keyword="shoes").pk}


def a_cluster(world):
    return {"pk": create_cluster(world.account, name="Shoes").pk}


def an_idea(world):
    return {"pk": create_idea(world.account, title="How to lace shoes").pk}


def a_page(world):
    return {"pk": create_page(world.account, url="https://example.com/shoes").pk}


def trashed(create, **values):
    def ids(world):
        row = create(world.account, **values)
        put_in_trash(row)
        return {"pk": row.pk}

    return ids


def charlies_site(world):
    return a_site(world.charlie.account).pk


def charlies_cluster(world):
    return create_cluster(world.charlie.account, name="Charlie's").pk


def charlies_keywords(world):
    return [create_keyword(world.charlie.account, keyword="charlie").pk]


def charlies_ideas(world):
    return [create_idea(world.charlie.account, title="Charlie's").pk]


SITE = {"site": charlies_site}
PLACE = {**SITE, "cluster": charlies_cluster}

CASES = {
    ("GET", "planner/keywords/"): Case(VIEWER),
    ("POST", "planner/keywords/"): Case(
        EDITOR, 201, body=lambda world: {"keyword": "hats"}, foreign=PLACE
    ),
    ("GET", "planner/keywords/{pk}/"): Case(VIEWER, ids=a_keyword),
    ("PATCH", "planner/keywords/{pk}/"): Case(
        EDITOR, ids=a_keyword, body=lambda world: {"volume": 5}, foreign=PLACE
    ),
    ("DELETE", "planner/keywords/{pk}/"): Case(EDITOR, 204, ids=a_keyword),
    ("POST", "planner/keywords/{pk}/restore/"): Case(
        EDITOR, ids=trashed(create_keyword, keyword="shoes")
    ),
    # It takes a form; tests/api/test_imports.py sends some.
    ("POST", "planner/keywords/import/"): Case(EDITOR, 415),
    ("GET", "planner/keywords/export/"): Case(VIEWER),
    ("POST", "planner/keywords/auto_cluster/"): Case(
        EDITOR, 400, body=lambda world: NOBODY_KNOWS, foreign={"ids": charlies_keywords}
    ),
    ("GET", "planner/clusters/"): Case(VIEWER),
    ("POST", "planner/clusters/"): Case(
        EDITOR, 201, body=lambda world: {"name": "Hats"}, foreign=SITE
    ),
    ("GET", "planner/clusters/{pk}/"): Case(VIEWER, ids=a_cluster),
    ("PATCH", "planner/clusters/{pk}/"): Case(
        EDITOR, ids=a_cluster, body=lambda world: {"name": "Hats"}, foreign=SITE
    ),
    ("DELETE", "planner/clusters/{pk}/"): Case(EDITOR, 204, ids=a_cluster),
    ("POST", "planner/clusters/{pk}/restore/"): Case(
        EDITOR, ids=trashed(create_cluster, name="Shoes")
    ),
    ("GET", "planner/clusters/export/"): Case(VIEWER),
    ("POST", "planner/clusters/auto_generate_ideas/"): Case(
        EDITOR,
        400,
        body=lambda world: NOBODY_KNOWS,
        foreign={"ids": lambda world: [charlies_cluster(world)]},
    ),
    ("GET", "planner/ideas/"): Case(VIEWER),
    ("POST", "planner/ideas/"): Case(
        EDITOR, 201, body=lambda world: {"title": "Hats"}, foreign=PLACE
    ),
    ("GET", "planner/ideas/{pk}/"): Case(VIEWER, ids=an_idea),
    ("PATCH", "planner/ideas/{pk}/"): Case(
        EDITOR, ids=an_idea, body=lambda world: {"title": "Hats"}, foreign=PLACE
    ),
    ("DELETE", "planner/ideas/{pk}/"): Case(EDITOR, 204, ids=an_idea),
    ("POST", "planner/ideas/{pk}/restore/"): Case(EDITOR, ids=trashed(create_idea, title="Old")),
    ("GET", "planner/ideas/export/"): Case(VIEWER),
    ("POST", "planner/ideas/queue/"): Case(
        EDITOR,
        201,
        body=lambda world: {"ids": [an_idea(world)["pk"]]},
        foreign={"ids": charlies_ideas},
    ),
    ("GET", "planner/pages/"): Case(VIEWER),
    ("POST", "planner/pages/"): Case(
        EDITOR, 201, body=lambda world: {"url": "https://example.com/hats"}, foreign=SITE
    ),
    ("GET", "planner/pages/{pk}/"): Case(VIEWER, ids=a_page),
    ("PATCH", "planner/pages/{pk}/"): Case(
        EDITOR, ids=a_page, body=lambda world: {"title": "Hats"}, foreign=SITE
    ),
    ("DELETE", "planner/pages/{pk}/"): Case(EDITOR, 204, ids=a_page),
    ("POST", "planner/pages/{pk}/restore/"): Case(
        EDITOR, ids=trashed(create_page, url="https://example.com/shoes")
    ),
    # It takes a form; tests/api/test_overlaps.py sends some.
    ("POST", "planner/pages/import/"): Case(EDITOR, 415),
}
