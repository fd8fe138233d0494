"""Writing tasks, as people set them and as the other rooms read them."""

import datetime
import re
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Prefetch

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import in_order
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, Membership, Site, User
from igny8_core.core.tenancy import AccountRef
from igny8_core.core.texts import distinct
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.planner.outlines import OutlinePart
from igny8_core.writer.models import Tasks

_SEPARATORS = re.compile(r"[,\n]")


class TaskValues(TypedDict, total=False):
    """What a person may say of a task."""

    site: Site
    title: str
    description: str
    brief: str
    outline: list[OutlinePart]
    keywords: str
    idea: ContentIdeas | None
    cluster: Cluster | None
    content_type: str
    content_structure: str
    tone: str
    word_count: int | None
    prompt_override: str
    assignee: User | None
    due_on: datetime.date | None
    status: str


def tasks_for(account: AccountRef, task_ids: Sequence[int]) -> list[Tasks]:
    """The account's living tasks of these ids, in their order, with all an article needs."""
    keywords = Keyword.objects.for_account(account).order_by("-volume", "pk")
    tasks = Tasks.objects.for_account(account).select_related("site", "idea", "cluster")
    return in_order(tasks.prefetch_related(Prefetch("cluster__keywords", keywords)), task_ids)


def comma_separated(keywords: Sequence[str]) -> str:
    """Keywords as one text, each once."""
    return ", ".join(distinct(keywords))


@transaction.atomic
def create_task(account: Account, **values: Unpack[TaskValues]) -> Tasks:
    """Add a task by hand."""
    idea, cluster = values.get("idea"), values.get("cluster")
    site = site_for(account, values.get("site"), idea=idea, cluster=cluster)
    task = Tasks(account=account, site=site)
    _take(task, values)
    task.save()
    return task


@transaction.atomic
def change_task(task: Tasks, **values: Unpack[TaskValues]) -> Tasks:
    """Change what a person names and nothing else."""
    idea, cluster = values.get("idea"), values.get("cluster")
    check_site(task, values.get("site"), idea=idea, cluster=cluster)
    task.save(update_fields=_take(task, values))
    return task


@transaction.atomic(savepoint=False)
def mark_tasks(account: AccountRef, task_ids: Sequence[int], status: str) -> int:
    """Say how far the tasks are; answers how many there still are."""
    return Tasks.objects.for_account(account).filter(pk__in=task_ids).update(status=status)


def _take(task: Tasks, values: TaskValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name != "site"}
    if "keywords" in given:
        given["keywords"] = comma_separated(_SEPARATORS.split(given["keywords"]))
    if given.get("assignee"):
        _check_member(task.account_id, given["assignee"])
    for name, value in given.items():
        setattr(task, name, value)
    return list(given)


def _check_member(account_id: int, user: User) -> None:
    if not Membership.objects.for_account(account_id).filter(user=user).exists():
        raise InvalidPayload("There is no such member.", code="does_not_exist", attr="assignee")
