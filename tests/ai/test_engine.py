"""One run through its six phases: progress, journal, items that fail alone, answers asked again."""

import json
import threading

import pytest

from igny8_core.ai import catalogue, claims
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.functions.generate_ideas import Answer as Answered
from igny8_core.ai.models import AITaskItem, AITaskLog, ProviderCall
from igny8_core.ai.phases import BANDS, Phase
from igny8_core.ai.progress import ProgressTracker, progress_payload
from igny8_core.ai.reading import complaint
from igny8_core.ai.requests import Answer
from igny8_core.ai.work import Work
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.core.errors import BadResponse, InvalidPayload
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration
from igny8_core.writer.models import Tasks
from tests.ai.runs import (
    a_task,
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_tasks,
    states_of,
    usage_of,
    worked,
)

GOOD = {"title": "done"}


def test_a_run_ends_with_everything_the_contract_shows(account, toy):
    run = ended("toy", some_tasks(account, 3))
    shown = progress_payload(run)
    meta = shown["meta"]
    assert (shown["state"], shown["task_id"]) == ("SUCCESS", str(run.pk))
    assert (meta["phase"], meta["percentage"], meta["message"]) == ("DONE", 100, "3 items done")
    assert (meta["items_total"], meta["items_done"], meta["items_failed"]) == (3, 3, 0)
    assert (meta["provider"], meta["model"]) == ("sandbox", "gpt-4o-mini")
    assert meta["result"]["succeeded"] == 3
    assert meta["result"]["created"] == {"content": [item.target_id for item in items_of(run)]}
    assert "error" not in meta
    assert isinstance(meta["tokens"], int)
    assert meta["tokens"] > 0
    for step in (*meta["request_steps"], *meta["response_steps"]):
        assert set(step) == {"name", "status", "message", "duration_ms"}
        assert step["status"] == "success"
    assert ledger.balance(account) == ledger.Balance(991, 0)


def test_all_keys_of_progress_are_there_from_the_start(account, toy):
    run = begun("toy", some_tasks(account, 1))
    shown = progress_payload(run)
    assert (shown["state"], shown["meta"]["phase"], shown["meta"]["percentage"]) == (
        "PENDING",
        "INIT",
        0,
    )
    keys = set(shown["meta"])
    worked(run)
    assert set(progress_payload(run)["meta"]) == keys | {"result"}


def test_phase_and_percentage_never_go_back_and_keep_to_their_bands(
    account, toy, sandbox, monkeypatch
):
    sandbox.script.add(["kind=chat nth=2 malformed=plain", "kind=chat nth=4 truncate"])
    seen = []
    write = ProgressTracker._write

    def watched(tracker, fields):
        write(tracker, fields)
        row = AITaskLog.unscoped.get(pk=tracker.run.pk)
        seen.append((row.state, Phase(row.phase), row.percentage))

    monkeypatch.setattr(ProgressTracker, "_write", watched)
    run = ended("toy", some_tasks(account, 6))
    assert run.state == "SUCCESS"
    assert [phase.order for _, phase, _ in seen] == sorted(phase.order for _, phase, _ in seen)
    assert [share for *_, share in seen] == sorted(share for *_, share in seen)
    assert {phase for _, phase, _ in seen} >= {Phase.INIT, Phase.PREP, Phase.AI_CALL, Phase.DONE}
    for _, phase, percentage in seen:
        lower, upper = BANDS[phase]
        assert lower <= percentage <= (99 if phase is Phase.DONE else upper)


@pytest.mark.parametrize(
    ("fault", "code", "calls"),
    [
        ("malformed=plain", "bad_output", 2),
        ("refusal", "refused", 1),
        ("content_filter", "refused", 1),
        ("content_policy_violation", "refused", 1),
        ("context_length_exceeded", "too_long", 1),
        ("invalid_request", "invalid", 1),
        ("truncate", "output_truncated", 2),
    ],
)
def test_one_failed_item_fails_alone(fault, code, calls, account, toy, sandbox):
    tasks = some_tasks(account, 3)
    sandbox.script.add(f"contains=<task-002> {fault}")
    run = ended("toy", tasks)
    assert run.state == "SUCCESS"
    assert states_of(run) == ["SUCCESS", "FAILURE", "SUCCESS"]
    assert errors_of(run) == [None, code, None]
    assert (run.items_done, run.items_failed) == (2, 1)
    assert run.message == "2 items done, 1 failed"
    assert len([call for call in calls_of(run) if call.item == items_of(run)[1]]) == calls
    assert ledger.balance(account) == ledger.Balance(994, 0)
    assert [row.credits_used for row in usage_of(run)] == [3, 0, 3]
    assert ledger.reconcile() == []


def test_where_nothing_succeeds_the_run_fails_and_says_why(account, toy, sandbox):
    sandbox.script.add("refusal")
    run = ended("toy", some_tasks(account, 2))
    assert run.state == "FAILURE"
    assert run.error["code"] == "refused"
    assert "Change its text, then retry" in run.error["detail"]
    assert (run.phase, run.percentage, run.items_failed) == ("DONE", 100, 2)
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_a_bug_in_one_item_fails_that_item_alone_and_shows_no_trace(account, toy, caplog):
    def broken(task, tracker):
        if task.title == "task-001":
            raise KeyError("a secret detail")

    toy.at_save = staticmethod(broken)
    run = ended("toy", some_tasks(account, 3))
    assert errors_of(run) == ["unexpected", None, None]
    assert "secret" not in json.dumps(progress_payload(run)["meta"])
    assert str(run.pk)[:8] in items_of(run)[0].error["detail"]
    assert "a secret detail" in caplog.text


def test_what_a_failed_save_wrote_is_undone(account, toy):
    def half(task, tracker):
        Tasks.objects.for_account(account).filter(pk=task.pk).update(title="half")
        raise ValueError

    toy.at_save = staticmethod(half)
    run = ended("toy", [a_task(account, "whole")])
    assert states_of(run) == ["FAILURE"]
    assert Tasks.objects.for_account(account).get().title == "whole"


def test_every_answer_is_journalled_before_one_is_parsed(account, toy, sandbox):
    journalled = []
    toy.at_parse = staticmethod(
        lambda text: journalled.append(ProviderCall.unscoped.filter(state="ok").count())
    )
    run = ended("toy", some_tasks(account, 3))
    assert all(count >= number for number, count in enumerate(journalled, start=1))
    for call in calls_of(run):
        assert call.state == "ok"
        assert call.raw
        assert call.tokens_input > 0
        assert call.latency_ms is not None
    billed = {entry.client_request_id for entry in sandbox.ledger.entries(billed=True)}
    assert {str(call.request_id) for call in calls_of(run)} == billed


def test_requests_say_whose_they_are(account, toy, sandbox):
    run = ended("toy", some_tasks(account, 1))
    (entry,) = sandbox.ledger.entries(kind="chat")
    assert (entry.function, entry.task_id) == ("toy", str(run.pk))
    assert entry.client_request_id == str(calls_of(run)[0].request_id)


def test_a_cut_answer_is_asked_again_with_twice_the_room(account, toy, sandbox):
    sandbox.script.add("truncate first=1")
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"]
    (item,) = items_of(run)
    assert item.parameters["max_tokens"] == 2 * 4096
    assert [call.purpose for call in calls_of(run)] == ["first", "longer"]
    assert item.attempts == 2
    assert item.tokens == sum(call.tokens_input + call.tokens_output for call in calls_of(run))


def test_an_answer_cut_at_the_model_s_limit_is_not_paid_for_twice(account, toy, sandbox):
    openai, limit = IntegrationSettings.Type.OPENAI, catalogue.find("gpt-4o").max_output
    config = {"model": "gpt-4o", "max_tokens": limit}
    set_integration(account, openai, {"config": config}, functions=[])
    sandbox.script.add("truncate=0.9")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["output_truncated"]
    assert "the most that the model can write" in run.error["detail"]
    assert len(calls_of(run)) == 1


def test_an_answer_cut_twice_is_never_saved(account, toy, sandbox):
    sandbox.script.add("truncate=0.9")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["output_truncated"]
    assert "max_tokens" in run.error["detail"]
    assert Tasks.objects.for_account(account).get().description == ""
    assert len(calls_of(run)) == 2


def test_a_bad_answer_is_asked_once_more_with_what_was_wrong(account, toy, sandbox):
    sandbox.script.add([{"nth": 1, "content": "no JSON"}, {"nth": 2, "content": GOOD}])
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"]
    assert [call.purpose for call in calls_of(run)] == ["first", "reask"]
    first, second = sandbox.ledger.entries(kind="chat")
    assert first.prompt_sha != second.prompt_sha
    assert items_of(run)[0].parameters["temperature"] == 0.0


def test_the_model_is_shown_8_kb_of_its_answer_and_the_first_five_faults():
    work = Work(AITaskItem(), answer=Answer(body=b"", text="é" * 10_000))
    answer, wrong = complaint(work, BadResponse("It is not JSON."))
    assert (answer["role"], answer["content"]) == ("assistant", "é" * 4096)
    assert (wrong["role"], wrong["content"].startswith("It is not JSON.")) == ("user", True)
    with pytest.raises(BadResponse) as refused:
        AICore.extract_json(json.dumps({"ideas": [{}] * 9}), Answered)
    assert refused.value.detail.count("Field required") == 5


def test_the_second_bad_answer_is_the_last_and_is_kept(account, toy, sandbox):
    sandbox.script.add({"content": "no JSON"})
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["bad_output"]
    assert [(call.state, bool(call.raw)) for call in calls_of(run)] == [("ok", True)] * 2


SLIPS = (
    "fences prose bom wrapped two_blocks nested_string trailing_comma smart_quotes single_quotes "
    "raw_newline comment python nul"
)


@pytest.mark.parametrize("slip", SLIPS.split())
def test_a_slip_of_syntax_costs_no_second_call(slip, account, toy, sandbox):
    sandbox.script.add(f"malformed={slip}")
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert len(calls_of(run)) == 1


@pytest.mark.parametrize("usage", ["missing", "null", "negative", "zero", "huge"])
def test_odd_usage_never_loses_an_answer_and_is_never_free(usage, account, toy, sandbox):
    sandbox.script.add(f"usage={usage}")
    run = ended("toy", some_tasks(account, 2))
    assert run.state == "SUCCESS"
    assert progress_payload(run)["meta"]["cost"] is None
    assert (run.tokens, run.unpriced_calls) == (0, 2)
    assert [row.cost_usd for row in usage_of(run)] == [None, None]


def test_a_lost_claim_writes_nothing_more(account, toy):
    tasks = some_tasks(account, 3)

    def taken_over(task, tracker):
        AITaskLog.unscoped.filter(pk=tracker.run.pk).update(fence=99)

    run = begun("toy", tasks)
    toy.at_save = staticmethod(taken_over)
    worked(run)
    # The first save had proved its claim before it was taken over; nothing after it is written.
    assert states_of(run).count("SUCCESS") == 1
    assert run.state == "PROGRESS"
    assert Tasks.objects.for_account(account).exclude(description="").count() == 1
    assert run.items_done == 1


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


def test_a_crash_behind_the_journal_goes_on_at_parse_without_a_second_call(account, toy, sandbox):
    def plug(text):
        if ProviderCall.unscoped.filter(state="ok").count() == 3:
            raise PulledPlug

    toy.at_parse = staticmethod(plug)
    run = begun("toy", some_tasks(account, 3))
    with pytest.raises(PulledPlug):
        work_on(run.pk)
    toy.at_parse = staticmethod(lambda text: None)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    percentage = AITaskLog.unscoped.get(pk=run.pk).percentage
    worked(run)
    assert run.state == "SUCCESS"
    assert run.percentage >= percentage
    assert len(sandbox.ledger.entries(billed=True)) == 3
    assert sum(item.crashes for item in items_of(run)) == 1
    assert run.cost == sum(call.cost for call in calls_of(run))
    assert ledger.reconcile() == []


def test_an_item_that_kills_its_worker_three_times_fails_alone(account, toy, sandbox):
    def plug(task, tracker):
        if task.title == "task-001":
            raise PulledPlug

    toy.at_save = staticmethod(plug)
    run = begun("toy", some_tasks(account, 2))
    for _ in range(3):
        with pytest.raises(PulledPlug):
            work_on(run.pk)
        AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert errors_of(run) == ["worker_crashed", None]
    answered = [call.item_id for call in calls_of(run) if call.state == "ok"]
    assert sorted(answered) == [item.pk for item in items_of(run)]


def test_a_run_that_loses_its_worker_five_times_ends(account, toy, monkeypatch):
    run = begun("toy", some_tasks(account, 1))
    AITaskLog.unscoped.filter(pk=run.pk).update(
        state="PROGRESS", owner="elsewhere:1", deaths=4, lease_until=None
    )
    worked(run)
    assert run.error["code"] == "worker_crashed"
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_a_deleted_target_is_gone_and_costs_nothing(account, toy, sandbox):
    tasks = some_tasks(account, 2)
    run = begun("toy", tasks)
    Tasks.unscoped.filter(pk=tasks[0].pk).update(deleted_at=run.created_at)
    worked(run)
    assert errors_of(run) == ["target_gone", None]
    assert len(sandbox.ledger.entries()) == 1
    assert ledger.balance(account) == ledger.Balance(997, 0)


@pytest.mark.django_db(transaction=True)
def test_ten_calls_are_in_flight_at_once_also_in_the_second_run(account, toy, sandbox):
    together = threading.Barrier(10, timeout=10)
    answer = sandbox.studio.answers.to

    def meeting(*given):
        together.wait()
        return answer(*given)

    sandbox.studio.answers.to = meeting
    try:
        for _ in range(2):
            run = ended("toy", some_tasks(account, 10))
            assert run.state == "SUCCESS"
            assert len(sandbox.ledger.entries(task_id=str(run.pk))) == 10
    finally:
        sandbox.studio.answers.to = answer


def test_validation_that_fails_at_init_ends_every_item(account, toy, monkeypatch):
    run = begun("toy", some_tasks(account, 2))

    def refuse(self, payload, account):
        raise InvalidPayload("No longer allowed.", code="not_now")

    monkeypatch.setattr(toy, "validate", refuse)
    worked(run)
    assert run.error["code"] == "not_now"
    assert states_of(run) == ["FAILURE", "FAILURE"]
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_claims_are_let_go_whatever_happens(account, toy):
    run = ended("toy", some_tasks(account, 1))
    assert run.pk not in {held.run_id for held in claims._held}
