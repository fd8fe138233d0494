"""Every list answers to page, page_size, search, ordering and filters, whatever it is made of."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core.api import rows
from igny8_core.billing import ledger
from igny8_core.core import tokens
from igny8_core.planner.clusters import create_cluster
from igny8_core.planner.ideas import create_idea
from igny8_core.planner.keywords import create_keyword
from igny8_core.planner.models import Keyword
from igny8_core.writer.tasks import create_task
from tests.api.test_billing import usage  # noqa: F401
from tests.world import a_run, a_site


@pytest.fixture
def lists(world):
    """What the field says in each row of a list that the query asks for."""

    def ask(path, field, **query):
        response = world.alice.api.get(path, query)
        assert response.status_code == 200, response.content
        return [row[field] for row in response.json()["results"]]

    return ask


@pytest.fixture
def full(world):
    """Something in every list of the account."""
    for name in ("Laptop", "Server"):
        tokens.issue_token(world.alice.membership, name=name)
    for email, role in (("zoe@example.com", "viewer"), ("yan@example.com", "editor")):
        world.alice.api.post("team/invites/", {"email": email, "role": role})
    for number in (5, 3):
        ledger.grant(world.account, number, key=f"grant {number}")
    a_run(world.account, model="gpt-4o")
    a_run(world.account, function_name="auto_cluster", message="Grouping")
    a_site(world.account, name="Zebra", language="de")


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("path", "field", "search", "found"),
    [
        ("auth/tokens/", "name", "LAP", ["Laptop"]),
        ("team/members/", "email", "vera", ["vera@example.com"]),
        ("team/invites/", "email", "zoe view", ["zoe@example.com"]),
        ("billing/transactions/", "amount", "grant", [3, 5]),
        ("billing/transactions/", "amount", "settle", []),
        ("ai/tasks/", "function_name", "group", ["auto_cluster"]),
        ("ai/tasks/", "function_name", "4o", ["generate_ideas"]),
        ("sites/", "name", "zeb", ["Zebra"]),
        ("ai/models/", "id", "SUNBURST 2026", []),
        ("ai/models/", "id", "astra", ["gpt-6-astra"]),
        ("ai/functions/", "name", "make pictures", ["generate_images"]),
    ],
)
def test_a_search_finds_what_holds_every_word(lists, path, field, search, found):
    assert lists(path, field, search=search) == found


def test_a_field_without_a_value_holds_no_word():
    assert not rows._holds({"successor": None}, ["successor"], "none")


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("path", "field", "ordering"),
    [
        ("auth/tokens/", "name", "name"),
        ("team/members/", "email", "email"),
        ("team/invites/", "email", "email"),
        ("billing/transactions/", "amount", "amount"),
        ("ai/tasks/", "function_name", "function_name"),
        ("sites/", "name", "name"),
        ("ai/models/", "id", "id"),
        ("ai/functions/", "name", "name"),
    ],
)
def test_a_list_is_ordered_either_way(lists, path, field, ordering):
    rows = lists(path, field, ordering=ordering)
    assert len(rows) > 1
    assert rows == sorted(rows)
    assert lists(path, field, ordering=f"-{ordering}") == rows[::-1]


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("path", "field", "query", "found"),
    [
        ("auth/tokens/", "name", {"name": "Server"}, ["Server"]),
        ("team/members/", "email", {"role": "viewer"}, ["vera@example.com"]),
        ("team/invites/", "email", {"role": "editor"}, ["yan@example.com"]),
        ("billing/transactions/", "amount", {"kind": "settle"}, []),
        ("billing/transactions/", "amount", {"task_id": "no-run"}, []),
        ("ai/tasks/", "function_name", {"model": "gpt-4o"}, ["generate_ideas"]),
        ("ai/tasks/", "function_name", {"requested_by": 10**30}, []),
        ("sites/", "name", {"language": "de"}, ["Zebra"]),
        ("ai/models/", "id", {"provider": "runware"}, ["runware:97@1"]),
        ("ai/functions/", "name", {"prompt_type": "ideas"}, ["generate_ideas"]),
    ],
)
def test_a_list_is_filtered_by_its_fields(lists, path, field, query, found):
    assert lists(path, field, **query) == found


def test_a_list_that_no_table_holds_comes_in_pages(world, lists):
    first = world.vera.api.get("ai/models/", {"page_size": 2, "ordering": "-shutdown_date"}).json()
    assert len(first["results"]) == 2
    assert first["next"]
    assert first["results"][0]["shutdown_date"] is None
    assert world.vera.api.get("ai/models/", {"page": 999}).status_code == 404
    assert lists("ai/models/", "id", ordering="nothing") == lists("ai/models/", "id")
    too_much = world.vera.api.get("ai/functions/", {"search": "a " * 21})
    assert too_much.status_code == 400


def test_a_function_costs_what_the_operator_has_set(settings, lists):
    settings.IGNY8_CREDITS = {"generate_ideas": 7}
    assert lists("ai/functions/", "credits", name="generate_ideas") == [7]


def test_usage_is_searched_and_ordered_row_by_row_and_summed(world, usage, lists):  # noqa: F811
    assert lists("billing/usage/", "operation", search="content") == ["generate_content"]
    assert lists("billing/usage/", "credits_used", ordering="-credits_used") == [10, 1, 1]
    sums = {"group_by": "function", "ordering": "credits_used"}
    assert lists("billing/usage/", "group", **sums) == ["generate_ideas", "generate_content"]
    assert lists("billing/usage/", "group", search="ideas", **sums) == ["generate_ideas"]


def test_versions_are_searched_and_ordered(world, lists):
    api = world.bob.api
    pk = api.post("writer/content/", {"title": "First", "html": "<p>a</p>"}).json()["id"]
    api.patch(f"writer/content/{pk}/", {"title": "Second"})
    path = f"writer/content/{pk}/versions/"
    assert lists(path, "number") == [2, 1]
    assert lists(path, "number", ordering="number") == [1, 2]
    assert lists(path, "title", search="fir") == ["First"]


def make_keywords(world, number=7):
    return [create_keyword(world.account, keyword=f"k{n}", volume=n) for n in range(number)]


@pytest.mark.parametrize("ordering", ["volume", "-volume", "keyword", "-id", "created_at"])
def test_the_pages_together_are_the_list_in_its_order(world, lists, ordering):
    make_keywords(world)
    whole = lists("planner/keywords/", "keyword", ordering=ordering)
    for size in (1, 2, 3, 7):
        pages = range(1, -(-7 // size) + 1)
        leafed = [
            text
            for page in pages
            for text in lists(
                "planner/keywords/", "keyword", ordering=ordering, page=page, page_size=size
            )
        ]
        assert leafed == whole


@pytest.mark.parametrize(
    ("query", "status", "count", "length"),
    [
        ({}, 200, 7, 7),
        ({"page_size": 7}, 200, 7, 7),
        ({"page_size": 8}, 200, 7, 7),
        ({"page_size": 3}, 200, 7, 3),
        ({"page_size": 3, "page": 3}, 200, 7, 1),
        ({"page_size": 3, "page": "last"}, 200, 7, 1),
        ({"search": "nothing"}, 200, 0, 0),
        ({"page": 2}, 404, None, None),
        ({"page_size": 3, "page": 4}, 404, None, None),
        ({"page": 0}, 404, None, None),
        ({"page": -1}, 404, None, None),
        ({"page": "x"}, 404, None, None),
        ({"page": 10**30}, 404, None, None),
    ],
)
def test_a_page_tells_how_many_there_are_in_all(world, query, status, count, length):
    make_keywords(world)
    response = world.vera.api.get("planner/keywords/", query)
    body = response.json()
    assert response.status_code == status
    if status == 200:
        assert set(body) == {"count", "next", "previous", "results"}
        assert (body["count"], len(body["results"])) == (count, length)
        more = query.get("page_size", 50) == 3 and "page" not in query
        assert (body["next"] is not None) == more
        assert (body["previous"] is not None) == ("page" in query)


@pytest.mark.parametrize(
    "path", ["planner/keywords/", "planner/clusters/", "planner/ideas/", "writer/tasks/"]
)
def test_a_page_takes_the_same_few_queries_however_long_it_is(world, path):
    for number in range(20):
        cluster = create_cluster(world.account, name=f"c{number}")
        create_keyword(world.account, keyword=f"k{number}", cluster=cluster)
        create_idea(world.account, title=f"i{number}", cluster=cluster)
        create_task(world.account, title=f"t{number}", cluster=cluster)

    def queries(**query):
        with CaptureQueriesContext(connection) as captured:
            assert world.vera.api.get(path, query).status_code == 200
        return len(captured)

    queries()
    # The token and the rows; how many there are is asked where the first page does not tell.
    assert queries() == queries(page_size=500) == 2
    for ordering in ("id", "-created_at"):
        sizes = {queries(page=2, page_size=size, ordering=ordering) for size in (1, 9, 19)}
        assert sizes == {queries(page_size=20)} == {3}


def test_what_has_no_value_comes_below_all_that_have_one(world, lists):
    for text, volume in (("a", 5), ("b", None), ("c", 0)):
        cluster = create_cluster(world.account, name=text)
        create_keyword(world.account, keyword=text, volume=volume, cluster=cluster)
    for path, field in (("planner/keywords/", "keyword"), ("planner/clusters/", "name")):
        assert lists(path, field, ordering="volume") == ["b", "c", "a"]
        assert lists(path, field, ordering="-volume") == ["a", "c", "b"]


@pytest.mark.parametrize(
    "search", ["STRASSE", "straße", "Straße köln", "koe ＳＴＲ", '"aße kö"', "%"]
)
def test_a_search_folds_its_words_as_keywords_are(world, lists, search):
    create_keyword(world.account, keyword="Straße KÖLN")
    create_keyword(world.account, keyword="hats")
    found = [] if search in {"%", "koe ＳＴＲ"} else ["Straße KÖLN"]
    assert lists("planner/keywords/", "keyword", search=search) == found


def test_keywords_are_ordered_without_regard_to_case(world, lists):
    for text in ("Zebra", "apple", "Banana"):
        create_keyword(world.account, keyword=text)
    found = lists("planner/keywords/", "keyword", ordering="keyword")
    assert found == ["apple", "Banana", "Zebra"]
    assert lists("planner/keywords/", "keyword", ordering="-keyword") == found[::-1]


@pytest.fixture
def plans(world):
    """How PostgreSQL answers what a list asks of its keywords, of which there are many."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no statistics to plan by.")
    same = {"account": world.account, "site": world.site, "extra": {"note": "n" * 100}}
    texts = [f"garden {number}" for number in range(5_000)]
    Keyword.unscoped.bulk_create(Keyword(**same, keyword=text, folded=text) for text in texts)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE planner_keyword")

    def explained(query):
        with CaptureQueriesContext(connection) as captured:
            assert world.vera.api.get("planner/keywords/", query).status_code == 200
        asked = [q["sql"] for q in captured if '"planner_keyword"' in q["sql"]]
        with connection.cursor() as cursor:
            for sql in asked:
                cursor.execute(f"EXPLAIN {sql}")
                yield "\n".join(row[0] for row in cursor.fetchall())

    return lambda **query: list(explained(query))


@pytest.mark.django_db(transaction=True)
def test_postgresql_finds_and_counts_keywords_in_an_index(plans):
    for query in ({"search": "4321"}, {"search": "garden"}, {"intent": "commercial"}):
        found = plans(**query)
        assert found
        assert not any("Seq Scan" in plan for plan in found), found
        assert "Index Only Scan" in found[-1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "order", ["keyword", "volume", "difficulty", "cpc", "created_at", "cluster"]
)
def test_postgresql_begins_a_page_at_once_in_every_order(plans, order):
    for ordering in (order, f"-{order}"):
        page, _ = plans(ordering=ordering)
        assert re.search(r"Limit .*\n *-> +(Index|Incremental Sort)", page), page


def test_a_page_of_keywords_is_found_without_reading_rows(world):
    if connection.vendor != "sqlite":
        pytest.skip("The plan is SQLite's; PostgreSQL's depends on what is in the table.")
    make_keywords(world)
    queries = [
        {"ordering": "-volume"},
        {"ordering": "keyword", "search": "k"},
        {"ordering": "cpc", "status": "new", "site": world.site.pk, "volume__gte": 1},
        {"ordering": "-difficulty", "intent": "commercial", "language": "en", "country": ""},
        {"ordering": "created_at", "assigned_by": "ai", "cluster": 5, "difficulty__lte": 5},
    ]
    for query in queries:
        with CaptureQueriesContext(connection) as captured:
            world.vera.api.get("planner/keywords/", {**query, "page_size": 3})
        listed = [q["sql"] for q in captured if '"planner_keyword"' in q["sql"]]
        assert listed
        for sql in listed:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [row[3] for row in cursor.fetchall()]
            assert any("USING COVERING INDEX keyword_in_lists" in step for step in plan), plan
            assert not any(step.startswith("SCAN planner_keyword") for step in plan), plan
