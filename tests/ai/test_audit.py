"""`igny8 credits reconcile` holds the ledger against the work, and misses no kind of damage."""

import pytest

from igny8_core.ai import audit, claims
from igny8_core.ai.models import AITaskItem, AITaskLog
from igny8_core.ai.tasks import cancel
from igny8_core.billing.models import CreditEntry, CreditUsageLog
from tests.ai.runs import begun, ended, items_of, some_keywords, some_tasks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def runs(account, toy, sandbox) -> dict[str, AITaskLog]:
    """A run of each fate: mixed, of clusters, cancelled, waiting."""
    sandbox.script.add("contains=<task-002> refusal")
    some = some_tasks(account, 6)
    made = {
        "mixed": ended("toy", some[:2]),
        "clusters": ended("auto_cluster", some_keywords(account, "red maps", "blue maps")),
        "cancelled": cancel(begun("toy", some[2:4])),
        "waiting": begun("toy", some[4:]),
    }
    assert {item.state for item in items_of(made["mixed"])} == {"SUCCESS", "FAILURE"}
    return made


def test_sound_books_show_no_difference(runs):
    assert list(audit.differences()) == []
    assert claims.claim(runs["waiting"].pk)
    assert list(audit.differences()) == []


@pytest.mark.parametrize("kind", ["settle", "release"])
def test_an_end_that_was_never_charged_or_given_back_is_found(kind, runs):
    line = CreditEntry.unscoped.filter(kind=kind, task_id=runs["mixed"].pk)
    line._raw_delete(line.db)
    item, run = audit.differences()
    assert "no line" in item
    assert str(runs["mixed"].pk) in run


def test_a_charge_for_what_failed_is_found(runs):
    saved, failed = items_of(runs["mixed"])
    if saved.state != "SUCCESS":
        saved, failed = failed, saved
    lines = CreditEntry.unscoped
    lines.filter(key=f"final:{failed.pk}").update(kind="settle")
    assert [text.split(":")[0] for text in audit.differences()] == [f"item {failed.pk} (FAILURE)"]


def test_a_charge_before_the_end_is_found(runs):
    first, _ = items_of(runs["waiting"])
    CreditEntry.unscoped.filter(key=f"reserve:{first.pk}").update(key=f"final:{first.pk}")
    assert len(list(audit.differences())) == 1


def test_a_usage_row_that_is_missing_or_says_otherwise_is_found(runs):
    rows = CreditUsageLog.unscoped.filter(task_id=runs["clusters"].pk)
    rows.update(credits_used=99)
    assert "99 credits used" in next(audit.differences())
    rows.delete()
    assert "no usage row" in next(audit.differences())


def test_credits_that_an_ended_run_holds_are_found(runs):
    released = CreditEntry.unscoped.filter(task_id=runs["cancelled"].pk, kind="release")
    AITaskItem.unscoped.filter(run=runs["cancelled"]).update(state="PENDING")
    released._raw_delete(released.db)
    CreditUsageLog.unscoped.filter(task_id=runs["cancelled"].pk).delete()
    (difference,) = audit.differences()
    assert difference == f"run {runs['cancelled'].pk} (FAILURE): 6 credits reserved"
