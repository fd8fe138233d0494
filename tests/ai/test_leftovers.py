"""What was paid for is kept for a Retry, and not for ever."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from igny8_core.ai.functions import generate_images
from igny8_core.ai.leftovers import KEPT, purge_leftovers
from igny8_core.ai.models import AITaskItem
from igny8_core.ai.tasks import retry
from tests.ai.runs import an_image, calls_of, ended, states_of, worked


def failed_over(account, monkeypatch):
    """A run whose picture came and could not be made use of, and where its bytes are."""

    def full(*given, **values):
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(generate_images, "_stored", full)
        run = ended("generate_images", [an_image(account)])
    assert states_of(run) == ["FAILURE"]
    return run, calls_of(run)[0].picture["path"]


def after(days, run):
    then = timezone.now() - KEPT - timedelta(days=days)
    AITaskItem.unscoped.filter(run=run).update(finished_at=then)


def test_bytes_that_nobody_came_back_for_go_after_thirty_days(account, sandbox, monkeypatch):
    run, path = failed_over(account, monkeypatch)
    after(-1, run)
    assert purge_leftovers(timezone.now()) == 0
    assert default_storage.exists(path)
    after(1, run)
    assert purge_leftovers(timezone.now()) == 1
    assert purge_leftovers(timezone.now()) == 0
    assert not default_storage.exists(path)


def test_a_retry_after_that_asks_for_another_picture(account, sandbox, monkeypatch):
    run, _ = failed_over(account, monkeypatch)
    after(1, run)
    purge_leftovers(timezone.now())
    again = worked(retry(run))
    assert states_of(again) == ["SUCCESS"]
    assert len(sandbox.ledger.entries(billed=True)) == 2
