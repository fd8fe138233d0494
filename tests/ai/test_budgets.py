"""How often an item is asked for at most, whoever asks: attempts, paid calls, time, jitter."""

import random

import pytest

from igny8_core.ai import preparing, recourse, retries
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.retries import History, pause_after
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from tests.ai.runs import (
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_tasks,
    states_of,
    worked,
)

GOOD = {"title": "done"}
BAD = {"content": "no JSON"}


class PulledPlug(BaseException):
    """What no except of ours catches, as a power cut."""


@pytest.fixture
def at_once(monkeypatch):
    """The rules as they are, without their pauses."""
    monkeypatch.setattr(
        recourse, "pause_after", lambda *given: None if pause_after(*given) is None else 0.0
    )


def dies_after(monkeypatch, run, calls):
    """The worker dies when that many calls have come back and are journalled."""
    went_on, seen = recourse.Recourse.after_call, []

    def plug(self, work, outcome):
        seen.append(work)
        if len(seen) == calls:
            raise PulledPlug
        went_on(self, work, outcome)

    with monkeypatch.context() as patched:
        patched.setattr(recourse.Recourse, "after_call", plug)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)


@pytest.mark.parametrize("before", [1, 2, 3])
@pytest.mark.parametrize(
    ("fault", "calls", "code"),
    [("reset_after", 3, "lost"), ("503", 4, "server"), ("raw=html", 2, "unreadable")],
)
def test_what_was_used_up_before_a_crash_stays_used_up(
    before, fault, calls, code, account, toy, sandbox, at_once, monkeypatch
):
    sandbox.script.add(fault)
    run = begun("toy", some_tasks(account, 1))
    dies_after(monkeypatch, run, min(before, calls))
    worked(run)
    assert errors_of(run) == [code]
    assert len(sandbox.ledger.entries(kind="chat")) == calls
    assert items_of(run)[0].attempts == calls
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_a_kill_uses_no_attempt(account, toy, sandbox, monkeypatch):
    """Four workers die with the call just sent; the fifth still makes it."""

    def plug(self, work):
        raise PulledPlug

    run = begun("toy", some_tasks(account, 1))
    with monkeypatch.context() as patched:
        patched.setattr(Dispatch, "_submit", plug)
        for _ in range(4):
            with pytest.raises(PulledPlug):
                work_on(run.pk)
            AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert states_of(run) == ["SUCCESS"]
    assert [call.state for call in calls_of(run)] == [*["intent"] * 4, "ok"]


def test_calls_that_a_worker_took_with_it_count_against_the_hard_cap(
    account, toy, sandbox, at_once, monkeypatch
):
    def plug(self, work):
        raise PulledPlug

    sandbox.script.add("reset_after")
    run = begun("toy", some_tasks(account, 1))
    with monkeypatch.context() as patched:
        patched.setattr(Dispatch, "_submit", plug)
        for _ in range(3):
            with pytest.raises(PulledPlug):
                work_on(run.pk)
            AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    worked(run)
    assert errors_of(run) == ["lost"]
    assert len(sandbox.ledger.entries(kind="chat")) == 2


@pytest.mark.parametrize(
    ("answers", "code", "calls"),
    [
        # Two lost, one bad, asked once more and lost twice: five.
        (["lost", "lost", BAD, "lost", "lost", GOOD], "lost", 5),
        # Two lost, one cut, a longer one that is bad, and the one re-ask.
        (["lost", "lost", "cut", BAD, BAD, GOOD], "bad_output", 5),
        # Two lost, one bad, asked once more and lost, then cut: no sixth for a longer one.
        (["lost", "lost", BAD, "lost", "cut", GOOD], "bad_output", 5),
        (["cut", "cut", GOOD], "output_truncated", 2),
        ([BAD, BAD, GOOD], "bad_output", 2),
        (["lost", "lost", "lost", GOOD], "lost", 3),
    ],
)
def test_no_item_is_paid_for_more_than_five_times(
    answers, code, calls, account, toy, sandbox, at_once
):
    faults = {"lost": {"reset": "after"}, "cut": {"truncate": 0.5}}
    for number, answer in enumerate(answers, start=1):
        rule = answer if isinstance(answer, dict) else faults[answer]
        rule = {"content": rule} if rule is GOOD else rule
        sandbox.script.add({"nth": number, **rule})
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == [code], calls_of(run)
    assert len(sandbox.ledger.entries(kind="chat", billed=True)) == calls


def test_time_is_counted_anew_from_the_first_call_after_a_claim(
    account, toy, sandbox, at_once, monkeypatch
):
    """A run that lay for an hour still has its half hour."""
    times = []
    monkeypatch.setattr(
        preparing, "is_spent", lambda history, question: bool(times.append(history.first_call))
    )
    sandbox.script.add("503 first=1")
    run = begun("toy", some_tasks(account, 1))
    dies_after(monkeypatch, run, 1)
    worked(run)
    assert states_of(run) == ["SUCCESS"]
    assert times == [None, None]


# --- jitter ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failures", "longest"), [(1, 2.0), (2, 4.0), (3, 8.0)])
def test_pauses_are_spread_evenly_from_nothing_to_the_full_backoff(failures, longest, monkeypatch):
    """Kolmogorov-Smirnov against the uniform distribution, on a fixed seed: p > 0.01."""
    monkeypatch.setattr(retries, "random", random.Random(20261126))
    history = History(attempts=failures, first_call=0.0)
    failure = CallFailed(Kind.SERVER, "")
    drawn = sorted(pause_after(failure, history, 0.0, "first") / longest for _ in range(2000))
    above = max((n + 1) / len(drawn) - value for n, value in enumerate(drawn))
    below = max(value - n / len(drawn) for n, value in enumerate(drawn))
    assert max(above, below) < 1.628 / len(drawn) ** 0.5
    assert drawn[0] < 0.01
    assert drawn[-1] > 0.99


def test_what_was_asked_for_is_a_floor_over_many_draws(monkeypatch):
    monkeypatch.setattr(retries, "random", random.Random(20261126))
    history = History(throttled=1, first_call=0.0)
    asked = CallFailed(Kind.THROTTLED, "", retry_after=7)
    drawn = [pause_after(asked, history, 0.0, "first") for _ in range(1000)]
    assert 7.0 <= min(drawn) < 7.05
    assert 7.65 < max(drawn) <= 7.7
