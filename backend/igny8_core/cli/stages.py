"""One AI function over any number of ids, in batches, watched from the rows of its runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from rich.progress import Progress, TaskID

from igny8_core.ai import registry, tasks
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, ItemState, RunState
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.bulk import pieces
from igny8_core.core.errors import Conflict, InsufficientCredits, InvalidPayload
from igny8_core.core.models import Account, User

#: Runs at work at once: enough to keep every provider call going, few enough to call off.
_AT_ONCE = 4
#: Ids of one run where the function itself sets no bound.
_MOST = 10_000
_POLL_SECONDS = 0.2


@dataclass
class Stage:
    """What a stage did and took."""

    name: str
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    credits: int = 0
    cost_usd: Decimal = field(default_factory=Decimal)
    unpriced: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    providers: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    runs: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class Failure:
    """An item that came to nothing: which, why, and what to do."""

    stage: str
    object: str
    cause: str
    next_step: str = "Run the same command again: it takes up what is left."


class Stages:
    """The AI stages of one job, each with a bar of its own.

    `afford` is called where credits are missing: it provides them or raises.
    """

    def __init__(
        self,
        account: Account,
        user: User,
        progress: Progress,
        afford: Callable[[InsufficientCredits], None],
    ) -> None:
        self.done: list[Stage] = []
        self.failures: list[Failure] = []
        self._account = account
        self._user = user
        self._progress = progress
        self._afford = afford

    def run(self, function_name: str, title: str, ids: Sequence[int]) -> None:
        """Run the function on everything that needs it, until the last item has ended."""
        function = registry.get_function_instance(function_name)
        stage = Stage(function_name)
        self.done.append(stage)
        bar = self._progress.add_task(title, total=None if function.grouped else len(ids))
        # Of a grouped function, a site has one run at a time.
        at_once = 1 if function.grouped else _AT_ONCE
        with self._summed_up(stage, bar):
            for batch in pieces(ids, function.get_max_items() or _MOST):
                self._begin(stage, batch)
                self._wait(stage, bar, fewer_than=at_once)
            self._wait(stage, bar, fewer_than=1)

    @contextmanager
    def _summed_up(self, stage: Stage, bar: TaskID) -> Iterator[None]:
        """Whatever happens: nothing goes on without us, and the stage says what it did."""
        started = time.monotonic()
        try:
            yield
        finally:
            for run in self._rows(stage).filter(state__in=LIVE):
                tasks.cancel(run)
            stage.seconds = round(time.monotonic() - started, 2)
            self._sum_up(stage)
            everything = stage.done + stage.failed
            self._progress.update(bar, total=everything, completed=everything)

    def _begin(self, stage: Stage, ids: list[int]) -> None:
        """Begin a run; what another run has in hand is waited for, and then needs nothing more."""
        while True:
            try:
                run = tasks.enqueue(
                    stage.name, {"ids": ids}, account=self._account, user=self._user
                )
                stage.runs.append(run.pk)
                return
            except InsufficientCredits as error:
                self._afford(error)
            except Conflict as error:
                self._wait_for_other(UUID(error.extra["task_id"]))
            except InvalidPayload as error:
                if error.code == "nothing_to_do":
                    return
                raise

    def _wait_for_other(self, run_id: UUID) -> None:
        runs = AITaskLog.objects.for_account(self._account)
        while runs.filter(pk=run_id, state__in=LIVE).exists():
            time.sleep(_POLL_SECONDS)

    def _wait(self, stage: Stage, bar: TaskID, *, fewer_than: int) -> None:
        """Show how far the runs are, until fewer than so many are at work."""
        while True:
            ended = self._rows(stage).aggregate(sum=Sum(F("items_done") + F("items_failed")))
            self._progress.update(bar, completed=ended["sum"] or 0)
            if self._rows(stage).filter(state__in=LIVE).count() < fewer_than:
                return
            time.sleep(_POLL_SECONDS)

    def _rows(self, stage: Stage) -> QuerySet[AITaskLog]:
        return AITaskLog.objects.for_account(self._account).filter(pk__in=stage.runs)

    def _sum_up(self, stage: Stage) -> None:
        for run in self._rows(stage):
            stage.done += run.items_done
            stage.failed += run.items_failed
            stage.cost_usd += run.cost
            stage.unpriced += run.unpriced_calls
            stage.providers = sorted({*stage.providers, run.provider} - {""})
            stage.models = sorted({*stage.models, run.model} - {""})
            if run.state == RunState.FAILURE and not run.items_failed:
                cause = (run.error or {}).get("detail", run.message)
                self.failures.append(Failure(stage.name, f"run {run.pk}", cause))
        used = CreditUsageLog.objects.for_account(self._account).filter(task_id__in=stage.runs)
        sums = used.aggregate(
            credits=Sum("credits_used"), sent=Sum("tokens_input"), received=Sum("tokens_output")
        )
        stage.credits, stage.tokens_input, stage.tokens_output = (n or 0 for n in sums.values())
        self._note_failures(stage)

    def _note_failures(self, stage: Stage) -> None:
        failed = AITaskItem.objects.for_account(self._account).filter(
            run__in=stage.runs, state=ItemState.FAILURE
        )
        target = registry.get_function_instance(stage.name).target
        ids = [item.target_id for item in failed]
        names = target.objects.for_account(self._account).in_bulk(ids) if target else {}
        for item in failed.order_by("run__created_at", "seq"):
            named = f"{item.target_type} {item.target_id}"
            if item.target_type != "group" and item.target_id in names:
                named = f"{item.target_type} {item.target_id}: {names[item.target_id]}"
            cause = (item.error or {}).get("detail", "")
            self.failures.append(Failure(stage.name, named, cause))
