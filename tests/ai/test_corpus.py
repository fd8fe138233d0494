"""Figure R14: what is made of a corpus of model outputs, in the parsers and over the wire."""

import json
from itertools import groupby
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igny8_core.ai.answers import elements_of, values_in
from igny8_core.ai.models import AITaskItem, AITaskLog, ItemState
from igny8_core.ai.progress import StepTracker
from igny8_core.ai.reading import read
from igny8_core.ai.registry import get_function_instance
from igny8_core.ai.requests import Answer
from igny8_core.ai.work import Work
from igny8_core.billing import ledger
from igny8_core.core.errors import BadResponse
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.writer.models import Content, Images
from tests.ai import corpus
from tests.ai.corpus import SOUND, F, dumped, seen
from tests.ai.runs import a_cluster, a_content, a_task, calls_of, ended, items_of, some_keywords

RECOVERABLE, REFUSABLE = corpus.recoverable(), corpus.refusable()
REFUSED = object()


def outcome(function, text, finish="stop"):
    """What is saved of an answer that is asked for once, without a database."""
    work = Work(AITaskItem(), answer=Answer(body=b"", text=text, finish_reason=finish))
    instance = get_function_instance(function)
    instance.missing = lambda data, parsed: "the rest"
    instance.settle = lambda parsed, data, is_last: parsed
    try:
        return seen(function, read(instance, work, StepTracker(AITaskLog())))
    except BadResponse:
        return REFUSED


# --- the figure --------------------------------------------------------------------------------


def test_the_corpus_is_large_enough_and_names_each_case_once():
    assert len(RECOVERABLE) >= 150
    assert len(REFUSABLE) >= 150
    names = [case.name for case in RECOVERABLE + REFUSABLE]
    assert len(set(names)) == len(names)
    assert {case.function for case in RECOVERABLE} == {function for function, _ in SOUND.values()}


def test_98_percent_of_what_holds_an_answer_are_recovered_and_none_wrongly():
    got = {case.name: (case.value, outcome(case.function, case.text)) for case in RECOVERABLE}
    lost = [name for name, (_, value) in got.items() if value is REFUSED]
    wrong = [
        name for name, (due, value) in got.items() if value is not REFUSED and differ(due, value)
    ]
    assert wrong == []
    assert len(lost) <= 0.02 * len(got), lost


def differ(due, value):
    return (
        any(value[name] != one for name, one in due.items())
        if isinstance(due, dict)
        else due != value
    )


def test_nothing_is_made_of_what_holds_no_answer():
    asked = [case for case in REFUSABLE if case.finish in {"stop", "length"}]
    made = [c.name for c in asked if outcome(c.function, c.text, c.finish) is not REFUSED]
    assert made == []


# --- cut anywhere ------------------------------------------------------------------------------

CUT_FORMS = {
    "plain": dumped,
    "indented": lambda value: dumped(value, indent=2),
    "fenced": lambda value: f"Here:\n{F}json\n{dumped(value)}",
    "single quotes": corpus.single_quoted,
    "raw newlines": lambda value: dumped(value).replace("\\n", "\n"),
    "smart keys": corpus.FORMS["smart keys"],
    "comments": corpus.commented,
    "string": lambda value: dumped(dumped(value)),
    "wrapped": lambda value: dumped({"response": value}),
    "thoughts": lambda value: f"<think>{dumped(value)}</think>{dumped(value)}",
}


@pytest.mark.parametrize("form", CUT_FORMS)
@pytest.mark.parametrize("name", SOUND)
def test_an_answer_cut_at_any_byte_gives_nothing_or_a_list_that_was_closed(name, form):
    function, value = SOUND[name]
    due = corpus.expected(function, value)
    whole = CUT_FORMS[form](value).encode()
    for end in range(len(whole)):
        text = whole[:end].decode("utf-8", "ignore")
        got = outcome(function, text)
        is_list = name in {"clusters", "ideas"}
        assert got is REFUSED or (is_list and got == due), text[-80:]


@pytest.mark.parametrize("form", ["plain", "indented", "fenced", "raw newlines", "comments"])
@pytest.mark.parametrize("name", ["clusters", "ideas"])
def test_of_a_list_cut_at_any_byte_only_whole_elements_are_kept(name, form):
    function, value = SOUND[name]
    listed = get_function_instance(function).elements
    whole = CUT_FORMS[form](value).encode()
    kept_before = 0
    for end in range(len(whole)):
        kept, is_all = elements_of(whole[:end].decode("utf-8", "ignore"), listed)
        assert kept == value[listed][: len(kept)]
        assert not is_all or kept == value[listed]
        assert len(kept) >= kept_before
        kept_before = len(kept)
    if form != "comments":
        assert kept_before == len(value[listed])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, min_size=1, max_size=4), st.data())
def test_a_cut_object_is_never_read_as_another(value, data):
    text = json.dumps(
        value, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.none() | st.just(1))
    )
    end = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(BadResponse):
        list(values_in(text[:end]))


# --- over the wire -----------------------------------------------------------------------------

#: Every so many of the corpus: each case is a run's item with one to three calls.
SHARE = 5
TARGETS = {
    "generate_content": lambda account, name: a_task(account, name),
    "generate_image_prompts": lambda account, name: a_content(account, title=name),
}
ENDS = {"length": {"truncate": 1.0}, "content_filter": {"content_filter": True}}
ENDS["refusal"] = {"refusal": "I'm sorry, but I can't help with that."}


def scripted(sandbox, number, case):
    """The object's name, which its prompt holds, and the provider's answer to that."""
    name = f"case-{number:03}."
    sandbox.script.add({"contains": name, "content": case.text, **ENDS.get(case.finish, {})})
    return name


def part_of(function):
    return sorted(
        (c for c in RECOVERABLE + REFUSABLE if c.function == function), key=attrgetter("name")
    )[::SHARE]


def test_it_takes_a_part_of_every_function():
    assert all(len(part_of(function)) > 10 for function in corpus.EXAMPLES)


def check_calls(run):
    """At most one re-ask an item and one question for what was cut, none for what was whole."""
    for _, calls in groupby(calls_of(run), key=attrgetter("item_id")):
        purposes = [call.purpose for call in calls]
        assert purposes.count("reask") <= 1
        assert purposes.count("longer") <= 1
        assert len(purposes) <= 3
    assert ledger.reconcile() == []


@pytest.mark.parametrize("function", TARGETS)
def test_items_are_asked_again_at_most_once_and_nothing_wrong_is_saved(function, account, sandbox):
    cases = part_of(function)
    ledger.grant(account, 1000, key="more")
    targets = [
        TARGETS[function](account, scripted(sandbox, number, case))
        for number, case in enumerate(cases)
    ]
    run = ended(function, targets)
    check_calls(run)
    for case, target, item in zip(cases, targets, items_of(run), strict=True):
        assert item.target_id == target.pk
        if case.value is not None:
            assert (item.state, item.attempts) == (ItemState.SUCCESS, 1), case.name
        elif item.state == ItemState.FAILURE:
            codes = {"bad_output", "output_truncated", "refused", "unreadable"}
            assert item.error["code"] in codes, case.name
        assert saved_of(function, target) <= due_of(function, case), case.name


def saved_of(function, target):
    """What a run has put on an object."""
    if function == "generate_content":
        return set(Content.unscoped.filter(task=target).values_list("html", flat=True))
    return set(Images.unscoped.filter(content=target).values_list("prompt", flat=True))


def due_of(function, case):
    """What may be saved of an answer: all of it, or nothing."""
    if case.value is None:
        return set()
    if function == "generate_content":
        return {case.value["html"]}
    prompts = [case.value["featured_prompt"], *case.value["in_article_prompts"]]
    return {one["prompt"] for one in prompts}


def test_of_ideas_only_whole_ones_are_saved(account, sandbox):
    cluster = a_cluster(account)
    due = {one["title"] for one in corpus.IDEAS["ideas"]}
    for case in part_of("generate_ideas"):
        ContentIdeas.unscoped.all().delete()
        sandbox.script.clear()
        sandbox.script.add({"content": case.text, **ENDS.get(case.finish, {})})
        run = ended("generate_ideas", [cluster])
        check_calls(run)
        saved = set(ContentIdeas.unscoped.values_list("title", flat=True))
        assert saved <= due, case.name
        if case.value is not None:
            assert (saved, items_of(run)[0].attempts) == (due, 1), case.name


def test_keywords_go_where_an_answer_puts_them_and_nowhere_else(account, sandbox):
    groups = {one["name"]: set(one["keywords"]) for one in corpus.CLUSTERS["clusters"]}
    made = some_keywords(account, *(text for texts in groups.values() for text in texts))
    for case in part_of("auto_cluster"):
        sandbox.script.clear()
        sandbox.script.add({"content": case.text, **ENDS.get(case.finish, {})})
        run = ended("auto_cluster", made, again=True)
        check_calls(run)
        if case.value is not None:
            assert (items_of(run)[0].state, items_of(run)[0].attempts) == ("SUCCESS", 1), case.name
        keywords = Keyword.objects.for_account(account)
        for keyword in keywords.filter(assigned_by="ai"):
            assert keyword.keyword in groups[keyword.cluster.name], case.name
        forgotten = set(keywords.filter(assigned_by="fallback").values_list("keyword", flat=True))
        names = {one.name for one in Cluster.objects.for_account(account)}
        assert names <= set(groups) | forgotten, case.name
