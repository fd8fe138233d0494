"""A worker process: tasks are prepared, and runs of articles go through the real engine."""

import cProfile
import io
import pstats
import time
from statistics import median
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.children.orders import serve  # noqa: E402
from igny8_core.ai.functions.generate_content import GenerateContentFunction  # noqa: E402
from igny8_core.ai.models import LIVE, AITaskLog  # noqa: E402
from igny8_core.ai.tasks import enqueue  # noqa: E402
from igny8_core.ai.worker import Worker, work_on  # noqa: E402
from igny8_core.billing.signup import open_account  # noqa: E402
from igny8_core.core.models import Account, Site  # noqa: E402
from igny8_core.core.passwords import new_user  # noqa: E402
from igny8_core.core.tokens import issue_token  # noqa: E402
from igny8_core.planner.models import Cluster, Keyword  # noqa: E402
from igny8_core.writer.models import Tasks  # noqa: E402

_BOOK_KEEPING = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def prepare(tasks: int) -> dict[str, Any]:
    """An account with a token and tasks, ten to a cluster of ten keywords."""
    call_command("migrate", verbosity=0)
    membership = open_account(new_user("bench@example.com", "horse-staple-42"), "Bench")
    account = membership.account
    site = Site.objects.for_account(account).get()
    site.guidelines = {"audience": "hobby gardeners", "tone": "friendly", "notes": "Be concrete."}
    site.save(update_fields=["guidelines"])
    for number in range(0, tasks, 10):
        _cluster_with_tasks(account, site, number, min(10, tasks - number))
    return {"token": issue_token(membership, name="bench").secret, "tasks": _unwritten()}


def _cluster_with_tasks(account: Account, site: Site, number: int, tasks: int) -> None:
    cluster = Cluster(account=account, site=site, description="Planning beds", intent="commercial")
    cluster.set_name(f"garden beds {number}")
    cluster.save()
    keywords = [Keyword(account=account, site=site, cluster=cluster, volume=90) for _ in range(10)]
    for place, keyword in enumerate(keywords):
        keyword.set_text(f"garden bed idea {number} {place}")
    Keyword.unscoped.bulk_create(keywords)
    outline = [{"heading": f"Part {part}", "notes": "What to plan"} for part in range(6)]
    Tasks.unscoped.bulk_create(
        Tasks(
            account=account,
            site=site,
            cluster=cluster,
            title=f"Raised garden beds {number + place}",
            description="What to plan before the first spring.",
            outline=outline,
            keywords=", ".join(keyword.keyword for keyword in keywords[:5]),
            word_count=1800,
        )
        for place in range(tasks)
    )


def _account() -> Account:
    return Account.objects.get(name="Bench")


def _unwritten() -> list[int]:
    tasks = Tasks.objects.for_account(_account()).filter(status=Tasks.Status.PENDING)
    return list(tasks.order_by("pk").values_list("pk", flat=True))


def _begin(items: int) -> AITaskLog:
    account = _account()
    return enqueue("generate_content", {"ids": _unwritten()[:items]}, account=account)


def prompt() -> str:
    """The prompt that the first task's article is asked with."""
    function, account = GenerateContentFunction(), _account()
    (task,) = function.prepare({"ids": _unwritten()[:1]}, account)
    function.site = task.site
    return str(function.build_prompt(task, account))


def batch(items: int) -> dict[str, Any]:
    """One run in this thread, claim to end: CPU seconds of this process and time, per item."""
    run = _begin(items)
    cpu, own, clock = time.process_time(), time.thread_time(), time.perf_counter()
    work_on(run.pk)
    cpu, own = time.process_time() - cpu, time.thread_time() - own
    clock = time.perf_counter() - clock
    _check(run)
    return {"cpu": cpu / items, "engine_thread": own / items, "seconds": clock / items}


def _check(run: AITaskLog) -> None:
    run.refresh_from_db()
    if run.state != "SUCCESS" or run.items_failed:
        raise RuntimeError(f"{run}: {run.items_failed} failed, {run.error}")


def statements(items: int) -> dict[str, Any]:
    """Statements of one run per item, those that begin and end transactions apart."""
    run, counts = _begin(items), {"statements": 0, "transactions": 0}

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.startswith(_BOOK_KEEPING):
            counts["statements"] += 1
        return execute(sql, *rest)

    commit = connection._commit

    def counted_commit() -> None:
        counts["transactions"] += 1
        commit()

    connection._commit = counted_commit
    with connection.execute_wrapper(count):
        work_on(run.pk)
    connection._commit = commit
    _check(run)
    return {name: number / items for name, number in counts.items()}


def profile(items: int, runs: int, order: str = "tottime") -> str:
    """Where the engine's own thread spends its time."""
    profiler = cProfile.Profile(time.thread_time)
    for _ in range(runs):
        run = _begin(items)
        profiler.enable()
        work_on(run.pk)
        profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats(order).print_stats(60)
    return text.getvalue()


def begin(items: int, runs: int) -> None:
    """Queue runs for whoever works."""
    account, tasks = _account(), _unwritten()
    for first in range(0, items * runs, items):
        enqueue("generate_content", {"ids": tasks[first : first + items]}, account=account)


def commit(times: int) -> float:
    """Seconds of the smallest durable transaction there is here, by the median."""
    seen = []
    for _ in range(times):
        began = time.perf_counter()
        Account.objects.filter(name="Bench").update(created_at=timezone.now())
        seen.append(time.perf_counter() - began)
    return median(seen)


def work() -> dict[str, Any]:
    """Work as `igny8 worker` does until no run is left: time until then, CPU of this process."""
    worker, cpu, clock = Worker(), time.process_time(), time.perf_counter()
    worker.start()
    while AITaskLog.unscoped.filter(state__in=LIVE).exists():
        time.sleep(0.05)
    figures = {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - clock}
    worker.stop()
    return figures


if __name__ == "__main__":
    actions = (prepare, prompt, batch, statements, profile, begin, commit, work)
    serve(**{action.__name__: action for action in actions})
