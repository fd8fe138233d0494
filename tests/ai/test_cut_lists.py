"""A list that was cut: what it holds whole is kept, the rest is asked for once, nothing is lost."""

import json

import pytest

from igny8_core.ai.functions.generate_ideas import GenerateIdeasFunction
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.tasks import retry
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.planner.models import ContentIdeas, Keyword
from tests.ai.runs import (
    a_cluster,
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_keywords,
    states_of,
    worked,
)

NAMES = ("red shoes", "blue shoes", "cheap flights", "flights to rome")
SHOES = {"name": "Shoes", "keywords": ["red shoes", "blue shoes"]}
FLIGHTS = {"name": "Flights", "keywords": ["cheap flights", "flights to rome"]}
WHOLE = json.dumps({"clusters": [SHOES, FLIGHTS]})
CUT = WHOLE[: WHOLE.index("flights to")]
REST = json.dumps({"clusters": [FLIGHTS]})
#: What the second question names, and the first does not.
LEFT = 'left:\n```json\n["cheap flights", "flights to rome"]'

TITLES = ("One", "Two", "Three")
IDEAS = json.dumps({"ideas": [{"title": title, "outline": ["a"]} for title in TITLES]})
CUT_IDEAS = IDEAS[: IDEAS.index("Three")]
REST_IDEAS = json.dumps({"ideas": [{"title": "Three"}]})


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


def answers(sandbox, *texts):
    sandbox.script.add([{"nth": n, "content": text} for n, text in enumerate(texts, start=1)])


def purposes(run):
    return [call.purpose for call in calls_of(run)]


def places(account):
    rows = Keyword.objects.for_account(account).values_list(
        "keyword", "cluster__name", "assigned_by"
    )
    return {keyword: (cluster, by) for keyword, cluster, by in rows}


def titles(account):
    return sorted(ContentIdeas.objects.for_account(account).values_list("title", flat=True))


def test_only_the_keywords_that_are_left_are_asked_for_once_more(account, sandbox):
    sandbox.script.add([{"contains": LEFT, "content": REST}, {"nth": 1, "content": CUT}])
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert purposes(run) == ["first", "longer"]
    assert items_of(run)[0].parameters["max_tokens"] == 2 * 8192
    assert places(account) == {
        name: ("Shoes" if "shoes" in name else "Flights", "ai") for name in NAMES
    }
    assert ledger.balance(account) == ledger.Balance(999, 0)


def test_a_provider_that_says_it_was_cut_is_believed(account, sandbox):
    sandbox.script.add([{"contains": LEFT, "content": REST}, {"content": WHOLE, "truncate": 0.7}])
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert calls_of(run)[0].finish_reason == "length"
    assert purposes(run) == ["first", "longer"]
    assert states_of(run) == ["SUCCESS"]


def test_a_list_cut_twice_is_kept_and_the_clusterer_places_what_is_left(account, sandbox):
    answers(sandbox, CUT, '{"clusters": [{"name": "Flights", "keyw')
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert (states_of(run), purposes(run)) == (["SUCCESS"], ["first", "longer"])
    assert places(account) == {
        name: ("Shoes", "ai") if "shoes" in name else (NAMES[2], "fallback") for name in NAMES
    }


@pytest.mark.parametrize("second", ["I cannot go on.", '{"clusters": 7}', ""])
def test_what_was_kept_is_saved_where_the_rest_is_unfit(second, account, sandbox):
    answers(sandbox, CUT, second)
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert (states_of(run), purposes(run)) == (["SUCCESS"], ["first", "longer"])


@pytest.mark.parametrize("end", [-1, -2])
def test_nothing_is_asked_for_where_a_cut_list_lacks_nothing(end, account, sandbox):
    answers(sandbox, WHOLE[:end])
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert (states_of(run), purposes(run)) == (["SUCCESS"], ["first"])


def test_a_list_cut_in_its_first_element_is_asked_for_whole(account, sandbox):
    sandbox.script.add(
        [{"contains": "was cut off", "content": REST}, {"nth": 1, "content": CUT[:40]}]
    )
    sandbox.script.add({"content": WHOLE})
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert purposes(run) == ["first", "longer"]
    assert {cluster for cluster, _ in places(account).values()} == {"Shoes", "Flights"}


def test_kept_ideas_and_those_that_were_missing_are_saved_together(account, sandbox):
    answers(sandbox, CUT_IDEAS, REST_IDEAS)
    run = ended("generate_ideas", [a_cluster(account, "Maps", "maps")])
    assert purposes(run) == ["first", "longer"]
    assert titles(account) == sorted(TITLES)


def test_an_idea_given_again_with_the_rest_is_saved_once(account, sandbox):
    answers(sandbox, CUT_IDEAS, IDEAS)
    ended("generate_ideas", [a_cluster(account, "Maps", "maps")])
    assert titles(account) == sorted(TITLES)


def test_ideas_cut_twice_are_kept(account, sandbox):
    answers(sandbox, CUT_IDEAS, CUT_IDEAS)
    run = ended("generate_ideas", [a_cluster(account, "Maps", "maps")])
    assert (states_of(run), purposes(run)) == (["SUCCESS"], ["first", "longer"])
    assert titles(account) == ["One", "Two"]


@pytest.mark.parametrize("answered", [1, 2])
def test_a_crash_between_two_parts_loses_nothing_and_pays_nothing_twice(
    answered, account, sandbox, monkeypatch
):
    answers(sandbox, CUT_IDEAS, REST_IDEAS)
    run = begun("generate_ideas", [a_cluster(account, "Maps", "maps")])
    parse = GenerateIdeasFunction.parse_response

    def plug(self, response, step_tracker=None):
        if len(sandbox.ledger.entries(billed=True)) == answered:
            raise PulledPlug
        return parse(self, response, step_tracker)

    with monkeypatch.context() as patch:
        patch.setattr(GenerateIdeasFunction, "parse_response", plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert (states_of(run), purposes(run)) == (["SUCCESS"], ["first", "longer"])
    assert titles(account) == sorted(TITLES)
    assert len(sandbox.ledger.entries(billed=True)) == 2
    assert run.cost == sum(call.cost for call in calls_of(run))
    assert ledger.reconcile() == []


def test_a_retry_reads_both_parts_again_for_nothing(account, sandbox, monkeypatch):
    answers(sandbox, CUT_IDEAS, REST_IDEAS)

    def fail(*given, **values):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("igny8_core.ai.functions.generate_ideas.save_ideas", fail)
        run = ended("generate_ideas", [a_cluster(account, "Maps", "maps")])
    assert errors_of(run) == ["unexpected"]
    assert states_of(worked(retry(run))) == ["SUCCESS"]
    assert titles(account) == sorted(TITLES)
    assert len(sandbox.ledger.entries(billed=True)) == 2
