"""The gate to a provider: down, throttled, or open; one probe for all runs of the process."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from igny8_core.ai import engine, fanout, gate, recourse
from igny8_core.ai.ai_core import endpoint_for
from igny8_core.ai.calls import Calls
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.failures import TEXTS, CallFailed, Kind
from igny8_core.ai.gate import Gate, HeldBack, Shut, gate_for
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.progress import ProgressTracker
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.recourse import Recourse
from igny8_core.ai.requests import Answer
from igny8_core.ai.retries import DEADLINE
from igny8_core.ai.worker import work_on
from tests.ai.runs import begun, calls_of, ended, errors_of, some_tasks, states_of, worked


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door(clock):
    return Gate(50, clock)


def answers():
    return Answer(body=b"")


def fails(kind, **extra):
    def call():
        raise failed(kind, **extra)

    return call


def sent(door, *kinds, **extra):
    """Calls one after the other, each failing with its kind; None: answered."""
    for kind in kinds:
        try:
            door.carry(answers if kind is None else fails(kind, **extra))
        except CallFailed:
            continue


# --- the breaker -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.UNREACHABLE, Kind.SERVER, Kind.LOST])
def test_five_failures_in_a_row_shut_the_gate_for_fifteen_seconds(kind, door, clock):
    sent(door, *[kind] * 4)
    assert door.clearance().room
    sent(door, kind)
    clearance = door.clearance()
    assert (clearance.room, clearance.wait, clearance.why) == (0, 15.0, Shut.DOWN)
    with pytest.raises(HeldBack):
        door.carry(answers)


def test_half_of_ten_failing_within_thirty_seconds_shut_it_too(door, clock):
    sent(door, *[None, Kind.SERVER] * 4, None)
    assert door.clearance().room
    sent(door, Kind.SERVER)
    assert door.clearance().why is Shut.DOWN


def test_what_failed_long_ago_counts_no_more(door, clock):
    sent(door, *[Kind.SERVER, None] * 4)
    clock.now += 31
    sent(door, *[None] * 5, *[Kind.SERVER] * 4)
    assert door.clearance().room


@pytest.mark.parametrize("kind", set(Kind) - {Kind.UNREACHABLE, Kind.SERVER, Kind.LOST})
def test_nothing_else_shuts_the_gate(kind, door):
    sent(door, *[kind] * 20)
    assert door.clearance().room


def test_an_outage_is_probed_by_one_call_at_a_time_after_ever_longer_pauses(door, clock):
    sent(door, *[Kind.UNREACHABLE] * 5)
    waits = []
    for _ in range(9):
        waits.append(door.clearance().wait)
        clock.now += waits[-1]
        assert door.clearance().room == 1
        sent(door, Kind.UNREACHABLE)
    # Half of what the outage has lasted: at most 60 s late behind four minutes of it.
    assert waits == [15, 15, 15, 22.5, 33.75, 50.625, 75.9375, 113.90625, 120]


def test_while_a_probe_is_under_way_no_other_call_begins(door, clock):
    sent(door, *[Kind.SERVER] * 5)
    clock.now += 15

    def probe():
        assert door.clearance().room == 0
        with pytest.raises(HeldBack):
            door.carry(answers)
        return answers()

    door.carry(probe)
    assert door.clearance().room == 50


def test_calls_in_flight_that_fail_while_it_is_shut_do_not_extend_the_pause(door, clock):
    def late():
        sent(door, *[Kind.SERVER] * 5)
        clock.now += 14
        raise failed(Kind.SERVER)

    sent(door, None)
    with pytest.raises(CallFailed):
        door.carry(late)
    assert door.clearance().wait == 1.0


def test_calls_of_the_outage_that_fail_after_it_do_not_shut_the_gate_again(door, clock):
    def during_the_outage(deep):
        if deep:
            with pytest.raises(CallFailed):
                door.carry(lambda: during_the_outage(deep - 1))
        else:
            sent(door, *[Kind.SERVER] * 5)
            clock.now += 15
            sent(door, None)
        raise failed(Kind.LOST)

    with pytest.raises(CallFailed):
        door.carry(lambda: during_the_outage(9))
    assert door.clearance().room == 50


def test_a_probe_that_breaks_in_our_own_code_leaves_the_gate_usable(door, clock):
    sent(door, *[Kind.SERVER] * 5)
    clock.now += 15
    with pytest.raises(ZeroDivisionError):
        door.carry(lambda: Answer(body=bytes(1 // 0)))
    # It says nothing of the provider: the next call is a probe too.
    assert door.clearance().room == 1


def test_what_breaks_in_our_own_code_eases_no_rate_limit(door, clock):
    door.carry(lambda: sent(door, Kind.THROTTLED) or answers())
    eased = door.clearance().room
    for _ in range(20):
        with pytest.raises(ZeroDivisionError):
            door.carry(lambda: Answer(body=bytes(1 // 0)))
    assert door.clearance().room == eased < 50


# --- the rate limit ----------------------------------------------------------------------------


def test_no_call_of_the_key_begins_before_the_time_that_was_asked_for(door, clock):
    sent(door, Kind.THROTTLED, retry_after=20)
    assert (door.clearance().wait, door.clearance().why) == (20.0, Shut.THROTTLED)
    clock.now += 19.9
    with pytest.raises(HeldBack):
        door.carry(answers)
    clock.now += 0.2
    assert door.carry(answers)


def test_a_key_is_shut_no_longer_than_an_item_would_wait(door, clock):
    sent(door, Kind.THROTTLED, retry_after=1e9)
    assert door.clearance().wait == DEADLINE


def test_a_shorter_wait_does_not_shorten_a_longer_one(door, clock):
    def both():
        sent(door, Kind.THROTTLED, retry_after=60)
        raise failed(Kind.THROTTLED, retry_after=1)

    with pytest.raises(CallFailed):
        door.carry(both)
    assert door.clearance().wait == 60


def refused_together(door, number):
    """So many calls in flight at once, all of them refused."""

    def nested(left):
        if left:
            with pytest.raises(CallFailed):
                door.carry(lambda: nested(left - 1))
        raise failed(Kind.THROTTLED)

    with pytest.raises(CallFailed):
        door.carry(lambda: nested(number - 1))


def test_a_refusal_halves_the_calls_at_once_and_refusals_together_do_so_once(door):
    refused_together(door, 20)
    assert door.clearance().room == 10


def test_each_full_round_of_answers_adds_one_call(door):
    refused_together(door, 20)
    sent(door, *[None] * 11)
    assert door.clearance().room == 11
    sent(door, *[None] * 12)
    assert door.clearance().room == 12
    sent(door, *[None] * 3000)
    assert door.clearance().room == 50


def test_with_as_many_in_flight_as_allowed_the_next_waits_for_an_answer(door):
    refused_together(door, 4)

    def full():
        assert door.clearance().why is Shut.FULL
        with pytest.raises(HeldBack):
            door.carry(answers)
        return answers()

    door.carry(lambda: door.carry(full))
    assert door.clearance().room >= 2


def test_a_provider_still_at_work_slows_no_other_call(door):
    sent(door, Kind.AT_WORK, retry_after=2)
    assert door.clearance().room == 50


def test_each_key_at_each_address_has_a_gate_of_its_own(account, sandbox):
    here = endpoint_for(account, "openai")
    assert gate_for(here) is gate_for(endpoint_for(account, "openai"))
    assert gate_for(here) is not gate_for(endpoint_for(account, "runware"))


# --- whole runs before it ----------------------------------------------------------------------


@pytest.fixture
def clocked(clock, monkeypatch, sandbox, account):
    """The gate of the account's text calls on a clock that a test moves."""
    endpoint = endpoint_for(account, "openai")
    real = gate.gate_for
    monkeypatch.setattr(gate, "Gate", lambda most: Gate(most, clock))
    return real(endpoint)


@pytest.fixture
def at_once(monkeypatch):
    """No pause between attempts; waiting at the gate is as long as it is."""
    pause_after = recourse.pause_after
    monkeypatch.setattr(
        recourse, "pause_after", lambda *given: None if pause_after(*given) is None else 0.0
    )


def messages_of(monkeypatch, run_holder=None):
    """Every message that a run's row ever showed."""
    seen = []
    write = ProgressTracker._write

    def watched(tracker, fields):
        write(tracker, fields)
        seen.append(AITaskLog.unscoped.get(pk=tracker.run.pk).message)

    monkeypatch.setattr(ProgressTracker, "_write", watched)
    return seen


@pytest.mark.django_db(transaction=True)
def test_an_outage_costs_the_calls_in_flight_and_one_probe_for_all_runs_together(
    account, toy, sandbox, clock, clocked, at_once, monkeypatch
):
    pool = fanout.Pool(5)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    monkeypatch.setattr(engine, "_LOOK_UP", 0.01)
    monkeypatch.setattr(gate, "_LOOK_AGAIN", 0.01)
    monkeypatch.setattr(Recourse, "hold_back", _moving(clock, Recourse.hold_back))
    sandbox.script.add("503 first=12")
    runs = [begun("toy", some_tasks(account, 20)) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert all(threads.map(_worked_apart, [run.pk for run in runs]))
    for run in runs:
        run.refresh_from_db()
        assert states_of(run) == ["SUCCESS"] * 20, errors_of(run)
    entries = sandbox.ledger.entries(kind="chat")
    assert Counter(entry.status for entry in entries) == {503: 12, 200: 60}
    # Five failures shut the gate, at most four more calls were then in flight; the rest probed.
    assert 3 <= clock.moved <= 12
    assert sum(len(calls_of(run)) for run in runs) == 72


def _moving(clock, hold_back):
    """Wherever a run is held back, the wait is over at once."""
    lock = threading.Lock()
    clock.moved = 0

    def moved(self, shut):
        hold_back(self, shut)
        self.calls.held_until = 0.0
        with lock:
            current = gate.gate_for(self.questions.choice.plan.endpoint).clearance()
            if current.why is Shut.DOWN and current.wait > 1:
                clock.now += current.wait
                clock.moved += 1

    return moved


def _worked_apart(pk):
    try:
        return work_on(pk)
    finally:
        connections.close_all()


def test_a_run_says_when_the_provider_is_down_and_when_it_is_tried_next(
    account, toy, sandbox, clock, clocked, at_once, monkeypatch
):
    seen = messages_of(monkeypatch)
    monkeypatch.setattr(Recourse, "hold_back", _moving(clock, Recourse.hold_back))
    sandbox.script.add("503 first=6")
    run = ended("toy", some_tasks(account, 6))
    assert run.state == "SUCCESS"
    assert any(one.startswith("Provider is down, next try ") for one in seen), seen
    assert "Provider error, retrying (2/4)" in seen
    assert run.message == "6 items done"


def test_the_next_items_of_the_key_wait_with_the_one_that_was_refused(
    account, toy, sandbox, monkeypatch
):
    """One call at a time: the first is refused, and not one of the others goes out early."""
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    sandbox.script.add("429 nth=1 retry_after=1")
    seen = messages_of(monkeypatch)
    run = ended("toy", some_tasks(account, 5))
    assert states_of(run) == ["SUCCESS"] * 5
    refused, *others = sorted(sandbox.ledger.entries(kind="chat"), key=lambda one: one.time)
    assert refused.status == 429
    assert min(one.time for one in others) - refused.time >= 0.99
    assert len(calls_of(run)) == 6
    assert any("Provider rate limit, resuming in" in one for one in seen), seen


def test_no_item_is_ever_asked_for_early(account, toy, sandbox):
    """The provider's own log: two calls in five are refused, none comes back too soon."""
    sandbox.script.add("429 probability=0.4 retry_after_ms=20")
    by_item = {}
    run = ended("toy", some_tasks(account, 50))
    assert states_of(run) == ["SUCCESS"] * 50, errors_of(run)
    for entry in sandbox.ledger.entries(kind="chat"):
        by_item.setdefault(entry.prompt_sha, []).append(entry)
    waits = [
        later.time - entry.time
        for entries in by_item.values()
        for entry, later in zip(entries, entries[1:], strict=False)
    ]
    assert len(waits) >= 20
    assert min(waits) >= 0.02


def test_a_wait_longer_than_a_run_has_ends_it_at_once(account, toy, sandbox, monkeypatch):
    pool = fanout.Pool(2)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    sandbox.script.add("429 retry_after=9999")
    run = ended("toy", some_tasks(account, 9))
    assert errors_of(run) == ["throttled"] * 9
    assert len(sandbox.ledger.entries(kind="chat")) <= 2


def test_an_item_whose_time_runs_out_at_the_gate_fails_with_what_it_met(
    account, toy, sandbox, clock, clocked, at_once, monkeypatch
):
    """The gate will not open before the item's half hour is over."""
    over = iter([True])
    monkeypatch.setattr(recourse, "is_over", lambda history, at: next(over, True))
    sandbox.script.add("503")
    run = ended("toy", some_tasks(account, 5))
    assert set(errors_of(run)) == {"server"}


def test_a_job_the_gate_held_back_leaves_no_trace_and_is_sent_later(
    account, toy, sandbox, clocked, monkeypatch
):
    carry, shut = Gate.carry, iter([True, True])

    def shut_twice(self, call):
        if next(shut, False):
            raise HeldBack
        return carry(self, call)

    monkeypatch.setattr(Gate, "carry", shut_twice)
    run = ended("toy", some_tasks(account, 3))
    assert states_of(run) == ["SUCCESS"] * 3
    assert [call.n for call in calls_of(run)] == [1, 1, 1]
    assert len(sandbox.ledger.entries(kind="chat")) == 3


def test_a_busy_pool_is_handed_no_more_than_the_gate_lets_through(door, clock, monkeypatch):
    pool, go_on = fanout.Pool(5), threading.Event()
    fanout.fan_out([(n, lambda: go_on.wait(20) and answers()) for n in range(5)], pool)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    sent(door, *[Kind.SERVER] * 5)
    clock.now += 15
    calls = Calls()
    calls._gate = door
    for key in range(3):
        calls.queue(key)
    (probe,), _ = calls.take_due()
    calls._lane.submit(probe, lambda: door.carry(answers))
    calls.held_until = 0.0
    assert calls.take_due() == ([], None)
    assert calls.patience(10) > 0.1
    go_on.set()
    assert calls.come_back(10)
    assert len(calls.take_due()[0]) == 2


class PulledPlug(BaseException):
    """A worker that dies."""


def test_what_was_paid_for_is_journalled_before_what_was_held_back_is_seen_to(
    account, toy, sandbox, clocked, monkeypatch
):
    carry, shut = Gate.carry, iter([False, True])
    lock = threading.Lock()

    def shut_once(self, call):
        with lock:
            held = next(shut, False)
        if held:
            raise HeldBack
        return carry(self, call)

    def all_of_it(self, timeout):
        outcomes = []
        while self.in_flight:
            outcomes += come_back(self, 10)
        return sorted(outcomes, key=lambda one: not one.was_held)

    def dies(self, unsent):
        if unsent:
            raise PulledPlug

    come_back = Calls.come_back
    run = begun("toy", some_tasks(account, 2))
    with monkeypatch.context() as patched:
        patched.setattr(Gate, "carry", shut_once)
        patched.setattr(Calls, "come_back", all_of_it)
        patched.setattr(Dispatch, "forget", dies)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    assert sorted(call.state for call in calls_of(run)) == ["intent", "ok"]
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    assert states_of(worked(run)) == ["SUCCESS"] * 2
    assert len(sandbox.ledger.entries(kind="chat", billed=True)) == 2


def test_a_worker_that_lost_its_run_sends_nothing_more(account, toy, sandbox, monkeypatch):
    """Its call still waits for the pool's one thread when another worker takes the run."""
    pool, go_on = fanout.Pool(1), threading.Event()
    busy = fanout.fan_out([("busy", lambda: go_on.wait(20) and answers())], pool)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))
    run = begun("toy", some_tasks(account, 1))
    submit = Dispatch._submit

    def taken_over(self, work):
        submit(self, work)
        AITaskLog.unscoped.filter(pk=run.pk).update(fence=99)

    monkeypatch.setattr(Dispatch, "_submit", taken_over)
    assert work_on(run.pk)
    go_on.set()
    assert busy.drain(10)
    # The lanes are served in turn: this one comes after whatever was left.
    assert fanout.fan_out([("last", answers)], pool).drain(10)
    assert sandbox.ledger.entries(kind="chat") == []


def test_a_key_that_has_no_quota_left_never_shuts_the_gate_for_the_next_run(account, toy, sandbox):
    sandbox.script.add("insufficient_quota")
    for _ in range(6):
        assert errors_of(ended("toy", some_tasks(account, 2))) == ["quota"] * 2
    assert len(sandbox.ledger.entries(kind="chat")) >= 6
    sandbox.script.clear()
    assert ended("toy", some_tasks(account, 1)).state == "SUCCESS"


def test_the_text_of_a_failure_names_what_was_called(account, toy, sandbox):
    sandbox.script.add("model_not_found")
    run = ended("toy", some_tasks(account, 1))
    assert "gpt-4o-mini" in run.error["detail"]
    sandbox.script.clear()
    sandbox.script.add("insufficient_quota")
    run = ended("toy", some_tasks(account, 1))
    assert run.error["detail"].startswith("Your account at the sandbox has no quota left.")
    assert all("{" not in failed(kind).told_of("OpenAI").detail for kind in TEXTS)
