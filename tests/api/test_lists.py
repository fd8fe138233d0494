"""Every list answers to page, page_size, search, ordering and filters, whatever it is made of."""

import pytest

from igny8_core.api import rows
from igny8_core.billing import ledger
from igny8_core.core import tokens
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
