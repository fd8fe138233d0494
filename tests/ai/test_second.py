"""The account's second choice: it answers where the first is down, out of quota or gone."""

import pytest

from igny8_core.ai import books, fanout, recourse
from igny8_core.ai.assignments import assignments_of, users_of
from igny8_core.ai.choice import Choice
from igny8_core.ai.desk import Desk
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.progress import progress_payload
from igny8_core.ai.recourse import Recourse
from igny8_core.ai.retries import pause_after
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_image_config, set_integration
from tests.ai.runs import (
    an_image,
    begun,
    calls_of,
    cancelled_as_calls_come_back,
    ended,
    errors_of,
    items_of,
    some_tasks,
    states_of,
    worked,
)

SECOND = "openai:gpt@6-luna"
PRICE = 3


@pytest.fixture
def two(account, toy, sandbox):
    """OpenAI first, Runware where it cannot answer."""
    choose(account, model=SECOND, provider="runware")
    return account


@pytest.fixture
def one_at_a_time(monkeypatch):
    pool = fanout.Pool(1)
    monkeypatch.setattr("igny8_core.ai.calls.fan_out", lambda jobs: fanout.fan_out(jobs, pool))


@pytest.fixture
def at_once(monkeypatch):
    """No pause between attempts."""
    monkeypatch.setattr(
        recourse, "pause_after", lambda *given: None if pause_after(*given) is None else 0.0
    )


def choose(account, **fallback):
    openai = IntegrationSettings.Type.OPENAI
    set_integration(account, openai, {"config": {"fallback": fallback}}, functions=["toy"])


def told(run) -> str:
    steps = progress_payload(run)["meta"]["request_steps"]
    return " ".join(step["message"] for step in steps if step["name"] == "Second choice")


def sent(sandbox, kind) -> int:
    return len(sandbox.ledger.entries(kind=kind))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("insufficient_quota", "has no quota left"),
        ("model_not_found", "no longer offers gpt-4o-mini"),
        ("503", "is down"),
        ("reset=before", "is down"),
        ("429 retry_after=9999", "lets no call through"),
    ],
)
def test_every_item_is_answered_by_the_second_and_the_run_says_so(
    fault, why, two, sandbox, one_at_a_time, at_once
):
    sandbox.script.add(f"kind=chat {fault}")
    run = ended("toy", some_tasks(two, 6))
    assert states_of(run) == ["SUCCESS"] * 6, errors_of(run)
    assert why in told(run)
    assert SECOND in told(run)
    assert sent(sandbox, "chat") <= 5
    assert sent(sandbox, "runware") == 6
    assert {item.model for item in items_of(run)} == {run.model} == {SECOND}
    assert ledger.balance(two) == ledger.Balance(1000 - 6 * PRICE, 0)
    assert books.reconcile() == []


def test_what_was_under_way_is_asked_again_too(two, sandbox, at_once):
    """All are sent at once, and all are refused."""
    sandbox.script.add("kind=chat insufficient_quota")
    run = ended("toy", some_tasks(two, 12))
    assert states_of(run) == ["SUCCESS"] * 12, errors_of(run)
    assert sent(sandbox, "runware") == 12


def test_what_the_first_has_answered_stays_its_own(two, sandbox, one_at_a_time):
    sandbox.script.add("kind=chat nth=3 insufficient_quota")
    run = ended("toy", some_tasks(two, 5))
    assert states_of(run) == ["SUCCESS"] * 5
    assert [item.model for item in items_of(run)] == ["gpt-4o-mini"] * 2 + [SECOND] * 3
    assert sent(sandbox, "chat") == 3


def test_a_key_that_is_refused_is_for_a_person_to_mend(two, sandbox):
    sandbox.script.add("kind=chat invalid_api_key")
    run = ended("toy", some_tasks(two, 3))
    assert set(errors_of(run)) == {"key"}
    assert sent(sandbox, "runware") == 0


@pytest.mark.parametrize("fault", ["refusal", "malformed=plain", "invalid_request"])
def test_an_answer_that_is_unfit_is_no_reason_to_turn(fault, two, sandbox):
    sandbox.script.add(f"kind=chat {fault}")
    assert ended("toy", some_tasks(two, 1)).state == "FAILURE"
    assert sent(sandbox, "runware") == 0


def test_a_second_choice_that_is_dead_itself_is_told_to_be_replaced(account, toy, sandbox):
    choose(account, model="gpt-3.5-turbo")
    sandbox.script.add("insufficient_quota first=1")
    run = ended("toy", some_tasks(account, 1))
    assert run.model == "gpt-5.6-terra"
    assert told(run).endswith(
        "gpt-5.6-terra at the sandbox is asked instead. gpt-3.5-turbo was shut down on "
        "2026-10-23; gpt-5.6-terra is asked instead."
    )
    called = assignments_of(account)
    assert called["toy"].notice.startswith("gpt-4o-mini will be shut down")
    assert "gpt-3.5-turbo was shut down" in called["toy"].notice
    assert "toy" in users_of(called)["gpt-3.5-turbo"]
    assert "toy" in users_of(called)["gpt-4o-mini"]


def test_where_neither_answers_the_second_s_failure_is_told(two, sandbox, at_once):
    sandbox.script.add(["kind=chat insufficient_quota", "kind=runware insufficient_quota"])
    run = ended("toy", some_tasks(two, 3))
    assert set(errors_of(run)) == {"quota"}
    assert ledger.balance(two) == ledger.Balance(1000, 0)
    assert books.reconcile() == []


def test_another_model_of_the_same_provider_may_be_the_second(account, toy, sandbox, at_once):
    choose(account, model="gpt-4o")
    sandbox.script.add("kind=chat model=gpt-4o-mini model_not_found")
    run = ended("toy", some_tasks(account, 3))
    assert states_of(run) == ["SUCCESS"] * 3, errors_of(run)
    assert run.model == "gpt-4o"


class PulledPlug(BaseException):
    """A worker that dies."""


@pytest.mark.parametrize(
    ("part", "at"), [(Recourse, "after_call"), (Choice, "_use"), (Desk, "save")]
)
def test_a_run_that_is_taken_up_goes_on_where_it_had_turned(
    part, at, two, sandbox, one_at_a_time, monkeypatch
):
    """It dies with the quota error in the journal, as it turns, or with the first answer saved."""
    sandbox.script.add("kind=chat insufficient_quota")
    run = begun("toy", some_tasks(two, 4))
    real = getattr(part, at)

    def dies(self, *given):
        if at != "_use" or self.plan is not None:
            raise PulledPlug
        real(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(part, at, dies)
        with pytest.raises(PulledPlug):
            work_on(run.pk)
    AITaskLog.unscoped.filter(pk=run.pk).update(lease_until=None)
    assert states_of(worked(run)) == ["SUCCESS"] * 4, errors_of(run)
    assert sent(sandbox, "chat") == 1
    assert sent(sandbox, "runware") == 4
    assert books.reconcile() == []


def test_a_cancelled_run_turns_to_nobody(two, sandbox, monkeypatch):
    sandbox.script.add("kind=chat insufficient_quota")
    run = begun("toy", some_tasks(two, 2))
    cancelled_as_calls_come_back(run, monkeypatch)
    worked(run)
    assert sent(sandbox, "runware") == 0


def test_pictures_have_a_second_choice_of_their_own(account, sandbox, at_once):
    set_image_config(account, {"fallback": {"model": "runware:97@1", "provider": "runware"}})
    sandbox.script.add("kind=images insufficient_quota")
    run = ended("generate_images", [an_image(account), an_image(account)])
    assert states_of(run) == ["SUCCESS"] * 2, errors_of(run)
    assert run.model == "runware:97@1"
    (images,) = {(call.provider, call.model) for call in calls_of(run) if call.picture}
    assert images == ("runware", "runware:97@1")


@pytest.mark.parametrize(
    ("path", "wrap"),
    [
        ("system/integrations/openai/", lambda fallback: {"config": {"fallback": fallback}}),
        ("system/settings/images/", lambda fallback: {"fallback": fallback}),
    ],
)
def test_it_is_set_read_back_and_taken_back(path, wrap, world):
    api = world.adam.api
    response = api.put(path, wrap({"model": SECOND, "provider": "runware"}))
    assert response.status_code == 200, response.content
    read = api.get(path).json()
    fallback = (read.get("config") or read)["fallback"]
    assert fallback == {"model": SECOND, "provider": "runware"}
    for wrong in ({"modell": "x"}, {"provider": "runwhere", "model": "x"}, {"model": None}, "x"):
        response = api.put(path, wrap(wrong))
        assert response.status_code == 400, (wrong, response.content)
        assert "fallback" in str(response.json()["errors"][0]["attr"])
    api.put(path, wrap(None))
    read = api.get(path).json()
    assert "fallback" not in (read.get("config") or read)
