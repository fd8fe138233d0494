"""A row that leaves out its market is of the site's, whatever other rows of the file say."""

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from igny8_core.planner.imports import import_keywords, preview
from igny8_core.planner.models import Keyword
from tests.planner.intake.files import a_workbook
from tests.world import a_site

HEADER = "Keyword,Volume,Difficulty,CPC,Intents,Parent Topic,Position,URL,Language,Country"
VALUES = [
    ["shoes", "Shoes", "shoes", "hats"],
    ["", "5", "70", "10-100", "10-100", "7", "many"],
    ["", "1", "99"],
    ["", "0.5", "2"],
    ["", "commercial", "informational"],
    ["", "boots", "tents"],
    ["", "1", "7"],
    ["", "https://a.example/", "https://b.example/"],
]
OWN, ELSEWHERE = ("en", "US"), [("de", ""), ("", "AT"), ("de", "AT")]
#: Cells, and a market that is not the site's; None: the row is of the site's own.
ROWS = st.lists(
    st.tuples(st.tuples(*map(st.sampled_from, VALUES)), st.sampled_from([*[None] * 9, *ELSEWHERE])),
    max_size=7,
)
#: Which of its own language and country a row names.
NAMED = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=7, max_size=7)
#: What the first leaves out, the second says before the third does.
ONE_BETWEEN = [
    (("shoes", "", "", "", intent, "", "", ""), None)
    for intent in ("", "commercial", "informational")
]
FIELDS = [
    *("folded", "language", "country", "volume", "volume_max", "volume_source", "difficulty"),
    *("cpc", "intents", "parent_topic", "position", "url"),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(rows=ONE_BETWEEN, named=[(True, False), (True, True), (True, False)])
@given(rows=ROWS, named=NAMED)
def test_a_market_that_is_named_and_one_that_is_left_out_come_to_the_same(world, rows, named):
    site = a_site(world.account, language="en", country="US")
    wholly = a_file(rows, [(True, True)] * 7)
    partly = a_file(rows, named)
    told = came_of(site, wholly)
    assert came_of(site, partly) == told
    counts, _ = told
    assert sum(counts) == len(rows)


def a_file(rows, named):
    lines = [HEADER]
    for (cells, market), shown in zip(rows, named, strict=False):
        own = [part if shows else "" for part, shows in zip(OWN, shown, strict=True)]
        lines.append(",".join([*cells, *(market or own)]))
    return "\n".join(lines).encode()


def came_of(site, data):
    """What a file is answered with, and what is stored by it; then it is as it was."""
    with transaction.atomic():
        looked, result = preview(site, data), import_keywords(site, data)
        counts = (result.imported, result.updated, result.skipped, result.evidence["bad_rows"])
        assert (looked.imported, looked.updated, looked.skipped) == counts[:3]
        stored = list(Keyword.unscoped.filter(site=site).order_by("pk").values(*FIELDS))
        transaction.set_rollback(True)
    return counts, stored


def test_a_keyword_of_no_country_is_another_than_one_that_leaves_its_country_out(world):
    site = a_site(world.account, country="US")
    ours, other = ["Keyword", "Country", "Volume source"], ["Keyword", "Volume"]
    book = a_workbook(Exported=[ours, ["shoes", "", ""]], Other=[other, ["shoes", 5]])
    assert import_keywords(site, book).imported == 2
    found = dict(Keyword.unscoped.filter(site=site).values_list("country", "volume"))
    assert found == {"": None, "US": 5}
