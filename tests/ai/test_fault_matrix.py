"""Rows of the fault matrix that concern provider calls and what changes beside them.

The numbers are those of docs/errors.md; the oracle is the provider's own log and the ledger.
"""

import socket
from collections import Counter

import pytest

from igny8_core.ai import fanout, gate, recourse
from igny8_core.ai.ai_core import endpoint_for
from igny8_core.ai.dispatch import Dispatch
from igny8_core.ai.gate import Gate
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.progress import progress_payload
from igny8_core.ai.retries import pause_after
from igny8_core.ai.tasks import enqueue, retry
from igny8_core.billing import ledger
from igny8_core.core import crypto
from igny8_core.core.team import remove_member
from igny8_core.planner.models import Keyword
from igny8_core.sandbox import Sandbox
from igny8_core.system.keys import rotate
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_image_config, set_integration
from igny8_core.writer.models import Content, ContentVersion, Tasks
from tests.ai.runs import (
    ARTICLE,
    a_task,
    an_image,
    begun,
    calls_of,
    ended,
    errors_of,
    ids_of,
    items_of,
    some_keywords,
    some_tasks,
    states_of,
    worked,
)


@pytest.fixture
def at_once(monkeypatch):
    """The rules as they are, without their pauses."""
    monkeypatch.setattr(
        recourse, "pause_after", lambda *given: None if pause_after(*given) is None else 0.0
    )


@pytest.fixture
def pool_of(monkeypatch):
    def of(size):
        pool = fanout.Pool(size)
        monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))

    return of


def while_called(monkeypatch, change):
    """Something changes once the first call is on its way."""
    submit, done = Dispatch._submit, []

    def submitted(self, work):
        submit(self, work)
        if not done:
            done.append(change())

    monkeypatch.setattr(Dispatch, "_submit", submitted)


# --- 21: nobody listens for a minute -----------------------------------------------------------


def test_row_21_a_minute_without_a_provider_costs_five_calls_and_its_probes(
    account, toy, sandbox, settings, pool_of, at_once, monkeypatch
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.IGNY8_SANDBOX_URL = f"http://127.0.0.1:{port}"
    now = [1000.0]
    monkeypatch.setattr(gate, "Gate", lambda most: Gate(most, lambda: now[0]))
    gate.gate_for(endpoint_for(account, "openai"))
    running = []
    hold_back = recourse.Recourse.hold_back

    def a_moment_later(self, shut):
        hold_back(self, shut)
        self.calls.held_until = 0.0
        now[0] += shut.wait
        if now[0] > 1060 and not running:
            running.append(Sandbox(port).__enter__())

    monkeypatch.setattr(recourse.Recourse, "hold_back", a_moment_later)
    pool_of(5)
    try:
        run = ended("toy", some_tasks(account, 50))
    finally:
        for one in running:
            one.__exit__(None, None, None)
    assert states_of(run) == ["SUCCESS"] * 50, errors_of(run)
    in_vain = [call for call in calls_of(run) if call.error_kind == "unreachable"]
    # Five fail, at most four more were in flight by then; one probe for each pause after that.
    assert 5 <= len(in_vain) <= 9 + 4
    assert len(running[0].ledger.entries(billed=True)) == 50


# --- 22: every form of Retry-After -------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["", "retry_after=soon", "retry_after=-5", "retry_after=nan", "retry_after=0.3"]
)
def test_row_22_a_refusal_that_says_little_is_waited_for_all_the_same(asked, account, toy, sandbox):
    sandbox.script.add(f"429 first=2 {asked}")
    run = ended("toy", some_tasks(account, 3))
    assert states_of(run) == ["SUCCESS"] * 3, errors_of(run)


def test_row_22_a_refusal_that_asks_for_hours_ends_the_run_with_what_to_do(account, toy, sandbox):
    sandbox.script.add("429 retry_after=9999")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["throttled"]
    assert "press Retry" in run.error["detail"]


# --- 23, 24: the key's own end -----------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        {"error": "insufficient_quota"},
        {"error": "insufficient_quota", "code": "other"},
        {"error": "credit_balance_exhausted"},
        {"error": "organization_usage_limit_exceeded"},
        {"status": 429, "code": "billing_hard_limit_reached"},
        {"status": 429, "code": "project_spend_limit_exceeded"},
        {"status": 403, "code": "billing_not_active"},
    ],
)
def test_row_23_no_quota_ends_all_after_as_many_calls_as_were_in_flight(
    rule, account, toy, sandbox, pool_of
):
    pool_of(3)
    sandbox.script.add(rule)
    run = ended("toy", some_tasks(account, 50))
    assert errors_of(run) == ["quota"] * 50
    assert len(sandbox.ledger.entries(kind="chat")) <= 3
    assert "No credits were charged" in run.error["detail"]
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert ledger.reconcile() == []


def test_row_24_a_key_that_is_revoked_in_mid_batch_ends_the_rest_without_a_call(
    account, toy, sandbox, pool_of
):
    pool_of(1)
    sandbox.script.add("invalid_api_key after=9")
    run = ended("toy", some_tasks(account, 20))
    assert Counter(states_of(run)) == {"SUCCESS": 9, "FAILURE": 11}
    assert set(errors_of(run)) == {None, "key"}
    assert len(sandbox.ledger.entries(kind="chat")) == 10
    assert ledger.balance(account) == ledger.Balance(1000 - 9 * 3, 0)
    again = worked(retry(run))
    assert len(sandbox.ledger.entries(kind="chat")) == 11
    assert errors_of(again) == ["key"] * 11


def test_row_24_another_account_s_run_goes_on(account, world, toy, sandbox):
    other = world.charlie.account
    ledger.grant(other, 100, key="test")
    sandbox.script.add("invalid_api_key first=1")
    assert errors_of(ended("toy", some_tasks(account, 1))) == ["key"]
    assert ended("toy", some_tasks(other, 1)).state == "SUCCESS"


# --- 25, 26, 27: theirs, the line's, and what cannot be read -----------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_row_25_a_tenth_of_errors_is_lived_with(status, account, toy, sandbox, at_once, pool_of):
    pool_of(4)
    sandbox.script.add(f"{status} every=10")
    run = ended("toy", some_tasks(account, 30))
    assert states_of(run) == ["SUCCESS"] * 30, errors_of(run)
    assert len(sandbox.ledger.entries(billed=True)) == 30


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_row_25_nothing_but_errors_ends_an_item_after_four(status, account, toy, sandbox, at_once):
    sandbox.script.add(f"{status}")
    run = ended("toy", some_tasks(account, 1))
    assert errors_of(run) == ["server"]
    assert len(sandbox.ledger.entries(kind="chat")) == 4


@pytest.mark.parametrize("fault", ["reset_after", "cut", "drip=0.2", "hang"])
def test_row_26_an_answer_that_is_lost_on_the_way_is_paid_for_once_more_at_most(
    fault, account, toy, sandbox, at_once, settings
):
    settings.IGNY8_PROVIDER_TIMEOUT_SECONDS = 1
    sandbox.script.add(f"{fault} first=2")
    run = ended("toy", some_tasks(account, 2))
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)
    assert len(sandbox.ledger.entries(billed=True)) == 4
    assert ledger.balance(account) == ledger.Balance(994, 0)


@pytest.mark.parametrize("body", ["html", "empty", "null", "list", "no_choices"])
def test_row_27_an_unreadable_answer_is_asked_for_once_more(body, account, toy, sandbox, at_once):
    sandbox.script.add(f"raw={body} first=1")
    run = ended("toy", some_tasks(account, 1))
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert [call.error_kind for call in calls_of(run)] == ["unreadable", ""]


@pytest.mark.parametrize(
    ("fault", "code", "calls"),
    [
        ("truncate", "output_truncated", 2),
        ("refusal", "refused", 1),
        ("content_filter", "refused", 1),
    ],
)
def test_row_28_what_the_model_does_not_finish_or_declines(fault, code, calls, account, sandbox):
    sandbox.script.add(fault)
    run = ended("generate_content", [a_task(account)])
    assert errors_of(run) == [code]
    assert len(calls_of(run)) == calls
    assert not Content.objects.for_account(account).exists()


# --- 31, 32: Runware, and pictures by address --------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("kind=runware mixed", "SUCCESS"),
        ("kind=runware shuffled", "SUCCESS"),
        ("kind=runware reset_after first=1", "SUCCESS"),
        ("kind=runware hang first=1", "SUCCESS"),
        ("kind=runware cut first=1", "SUCCESS"),
        ("kind=runware nsfw", "FAILURE"),
    ],
)
def test_row_31_runware_is_never_paid_twice(fault, state, account, sandbox, at_once, settings):
    settings.IGNY8_IMAGE_TIMEOUT_SECONDS = 2
    set_image_config(account, {"provider": "runware"})
    sandbox.script.add(fault)
    run = ended("generate_images", [an_image(account)])
    assert states_of(run) == [state], errors_of(run)
    assert len(sandbox.ledger.entries(kind="runware", billed=True)) <= 1


@pytest.mark.parametrize(
    "fault",
    [
        "picture=404",
        "picture=redirect location=http://169.254.169.254/latest/meta-data/",
        "picture=html",
        "picture=svg",
        "picture=empty",
        "picture=bomb",
        "picture=huge bytes=25000000",
        "kind=picture drip=0.05",
    ],
)
def test_row_32_a_bad_picture_fails_for_that_image_alone(
    fault, account, sandbox, at_once, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.egress._LONGEST", 1.5)
    set_image_config(account, {"provider": "runware"})
    sandbox.script.add(f"{fault} after=1")
    assert states_of(ended("generate_images", [an_image(account)])) == ["SUCCESS"]
    image = an_image(account)
    run = ended("generate_images", [image])
    assert states_of(run) == ["FAILURE"]
    image.refresh_from_db()
    assert image.status == "failed"
    assert image.error == items_of(run)[0].error["detail"]
    assert ledger.balance(account) == ledger.Balance(995, 0)


# --- 33, 34, 38: what changes beside a run -----------------------------------------------------


def test_row_33_a_task_deleted_while_its_article_is_written_is_gone(account, sandbox, monkeypatch):
    task = a_task(account)
    sandbox.script.add({"content": ARTICLE})
    mine = Tasks.unscoped.filter(pk=task.pk)
    while_called(monkeypatch, lambda: mine.update(deleted_at=task.created_at))
    run = ended("generate_content", [task])
    assert errors_of(run) == ["target_gone"]
    assert not Content.objects.for_account(account).exists()
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_row_33_a_person_s_edit_meanwhile_is_not_written_over(account, sandbox, monkeypatch):
    task = a_task(account)
    sandbox.script.add({"content": ARTICLE})
    ended("generate_content", [task])
    content = Content.objects.for_account(account).get()

    versions = ContentVersion.unscoped.filter(content=content)
    while_called(monkeypatch, lambda: versions.update(source="person"))
    run = ended("generate_content", [task], again=True)
    assert states_of(run) == ["SUCCESS"], errors_of(run)
    assert list(versions.order_by("number").values_list("source", "state")) == [
        ("person", "current"),
        ("ai", "proposed"),
    ]


def test_row_33_a_keyword_deleted_meanwhile_is_left_alone(account, sandbox, monkeypatch):
    keywords = some_keywords(account, "red map", "blue map", "green map")
    gone = Keyword.unscoped.filter(pk=keywords[0].pk)
    while_called(monkeypatch, lambda: gone.update(deleted_at=keywords[0].created_at))
    run = ended("auto_cluster", keywords)
    assert run.state == "SUCCESS"
    assert gone.get().cluster_id is None
    assert not Keyword.objects.for_account(account).filter(cluster=None).exists()


def test_row_34_credits_taken_away_meanwhile_are_never_those_that_are_reserved(
    account, toy, sandbox, monkeypatch
):
    while_called(monkeypatch, lambda: ledger.grant(account, -991, key="taken"))
    run = ended("toy", some_tasks(account, 3))
    assert states_of(run) == ["SUCCESS"] * 3
    assert ledger.balance(account) == ledger.Balance(0, 0)
    assert ledger.reconcile() == []


def test_row_34_a_run_goes_on_without_the_member_who_began_it(
    account, world, toy, sandbox, monkeypatch
):
    owner, bob = world.alice.membership, world.bob.membership
    run = enqueue("toy", {"ids": ids_of(some_tasks(account, 2))}, account=account, user=bob.user)
    while_called(monkeypatch, lambda: remove_member(owner, bob.pk))
    worked(run)
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)
    assert ledger.balance(account) == ledger.Balance(994, 0)
    assert ledger.reconcile() == []


def with_a_key_of_its_own(account, settings, url):
    settings.OPENAI_BASE_URL = f"{url}/v1"
    set_integration(
        account,
        IntegrationSettings.Type.OPENAI,
        {"api_key": "sk-alice-123456", "base_url": f"{url}/v1"},
        functions=["toy"],
    )


def test_row_38_an_encryption_key_that_is_rotated_changes_nothing(account, toy, sandbox, settings):
    with_a_key_of_its_own(account, settings, sandbox.url)
    run = begun("toy", some_tasks(account, 2))
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key(), *settings.IGNY8_ENCRYPTION_KEYS]
    halfway = begun("toy", [a_task(account, "halfway")])
    assert states_of(worked(halfway)) == ["SUCCESS"]
    assert rotate().sealed_anew == 1
    settings.IGNY8_ENCRYPTION_KEYS = settings.IGNY8_ENCRYPTION_KEYS[:1]
    worked(run)
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)


def test_row_38_an_encryption_key_that_is_lost_ends_the_run_and_says_so(
    account, toy, sandbox, settings
):
    with_a_key_of_its_own(account, settings, sandbox.url)
    run = begun("toy", some_tasks(account, 2))
    settings.IGNY8_ENCRYPTION_KEYS = [crypto.new_key()]
    worked(run)
    assert states_of(run) == ["FAILURE"] * 2
    assert "Enter the API key again" in progress_payload(run)["meta"]["error"]["detail"]
    assert sandbox.ledger.entries() == []
    assert AITaskLog.unscoped.get(pk=run.pk).deaths == 0
    assert ledger.balance(account) == ledger.Balance(1000, 0)
