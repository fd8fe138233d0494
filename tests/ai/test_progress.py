"""Progress to the letter: all keys from the start, bands, shares, steps that come to an end."""

from collections import Counter

import pytest

from igny8_core.ai import fanout
from igny8_core.ai.claims import give_back
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.phases import BANDS, Phase
from igny8_core.ai.progress import ProgressTracker, progress_payload
from igny8_core.ai.worker import work_on
from tests.ai.runs import begun, some_keywords, some_tasks, states_of, worked

KEYS = {
    *("phase", "percentage", "message", "request_steps", "response_steps", "cost", "tokens"),
    *("items_total", "items_done", "items_failed", "provider", "model"),
}


@pytest.fixture
def one_at_a_time(monkeypatch):
    """One call after the other, each change written."""
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    monkeypatch.setattr("igny8_core.ai.progress._EVERY", 0.0)


@pytest.fixture
def written(monkeypatch):
    """The row of the run after each of the engine's transactions."""
    rows = []
    commit = ProgressTracker.commit

    def commit_and_look(self, *given, **named):
        result = commit(self, *given, **named)
        rows.append(AITaskLog.unscoped.get(pk=self.run.pk))
        return result

    monkeypatch.setattr(ProgressTracker, "commit", commit_and_look)
    return rows


def test_every_key_is_there_from_the_start_and_the_rest_at_the_end(account, toy, sandbox):
    run = AITaskLog.unscoped.get(pk=begun("toy", some_tasks(account, 2)).pk)
    shown = progress_payload(run)
    assert set(shown) == {"state", "task_id", "meta"}
    assert set(shown["meta"]) == KEYS
    assert (shown["state"], shown["meta"]["phase"], shown["meta"]["percentage"]) == (
        *("PENDING", "INIT"),
        0,
    )
    sandbox.script.add("contains=<task-002> refusal")
    shown = progress_payload(worked(run))["meta"]
    assert set(shown) == KEYS | {"result"}
    assert set(shown["result"]) == {"succeeded", "failed", "cancelled", "items", "created"}
    assert [set(one) for one in shown["result"]["items"]] == [{"id", "state", "error"}] * 2
    assert shown["provider"] == "sandbox"
    assert type(shown["tokens"]) is int
    assert set(progress_payload(failed(account, sandbox))["meta"]) == KEYS | {"result", "error"}


def failed(account, sandbox) -> AITaskLog:
    sandbox.script.add("refusal")
    return worked(begun("toy", some_tasks(account, 1)))


def test_the_percentage_is_the_band_s_edge_and_the_share_of_items_past_the_phase(
    account, toy, sandbox, one_at_a_time, written
):
    worked(begun("toy", some_tasks(account, 10)))
    shares = {25 + 45 * past // 10 for past in range(10)}
    in_calls = [row.percentage for row in written if row.phase == "AI_CALL"]
    assert set(in_calls) == shares
    for row in written[:-1]:
        low, high = BANDS[Phase(row.phase)]
        assert low <= row.percentage < high or row.phase == "DONE"
    assert [row.percentage for row in written] == sorted(row.percentage for row in written)
    assert {row.percentage for row in written if row.phase == "DONE" and not row.is_finished} <= {
        *(98, 99)
    }


def test_items_that_ended_before_a_restart_still_count_as_past(
    account, toy, sandbox, one_at_a_time, written
):
    run = begun("toy", some_tasks(account, 10))
    left = []

    def leave(data, tracker):
        left.append(data)
        if len(left) == 5:
            give_back(tracker.claim)

    toy.at_save = staticmethod(leave)
    assert work_on(run.pk)
    assert Counter(states_of(run))["SUCCESS"] == 5
    toy.at_save = staticmethod(lambda *given: None)
    written.clear()
    worked(run)
    in_calls = {row.percentage for row in written if row.phase == "AI_CALL"}
    assert in_calls <= {25 + 45 * past // 10 for past in range(5, 10)}
    assert 25 + 45 * 9 // 10 in in_calls


def test_of_groups_too_the_least_advanced_one_says_the_phase(
    account, sandbox, one_at_a_time, written, monkeypatch
):
    made = some_keywords(account, *(f"map of place {n}" for n in range(150)))
    worked(begun("auto_cluster", made))
    in_prep = [row for row in written if row.items_total and row.phase == "PREP"]
    assert {row.percentage for row in in_prep} >= {10, 17}


def test_preparing_prompt_and_call_are_request_steps_reading_and_saving_response_steps(
    account, toy, sandbox
):
    run = worked(begun("toy", some_tasks(account, 1)))
    assert [step["name"].split()[0] for step in run.request_steps] == [
        *("Preparing", "Prompts", "Call")
    ]
    assert [step["name"].split()[0] for step in run.response_steps] == ["Reading", "Saving"]
    for step in (*run.request_steps, *run.response_steps):
        assert set(step) == {"name", "status", "message", "duration_ms"}
        assert step["status"] == "success"


def test_no_step_of_a_lost_worker_runs_on_for_ever(account, toy, sandbox):
    run = begun("toy", some_tasks(account, 1))
    step = {"name": "Call", "status": "running", "message": "", "duration_ms": 0}
    AITaskLog.unscoped.filter(pk=run.pk).update(request_steps=[step])
    worked(run)
    assert [step["status"] for step in run.request_steps] == ["error", *["success"] * 3]
