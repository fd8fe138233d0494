"""From a request to what a run would do: which objects, on which site, what is skipped and why.

The checks stand in the order that the contract gives them; nothing here writes.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from igny8_core.ai import registry
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.models import LIVE, AITaskItem, AITaskLog, ItemState
from igny8_core.ai.pricing import credits_for
from igny8_core.billing import ledger
from igny8_core.core.bulk import pieces
from igny8_core.core.errors import Conflict, InsufficientCredits, InvalidPayload, NothingToDo
from igny8_core.core.models import Account, Site

_SHOWN = 10


@dataclass(slots=True)
class Order:
    """A request that has passed the checks of shape, number and existence."""

    function: BaseAIFunction
    account: Account
    payload: dict[str, Any]
    ids: list[int]
    site: Site
    skipped: dict[int, str] = field(default_factory=dict)
    retry_of: AITaskLog | None = None

    @property
    def todo(self) -> list[int]:
        """The ids that are not skipped."""
        return [one for one in self.ids if one not in self.skipped]

    @property
    def credits(self) -> int:
        """What the run costs if everything succeeds."""
        return credits_for(self.function, len(self.todo), self.payload)

    @property
    def target_type(self) -> str:
        """What the items call their objects."""
        target = self.function.target
        return target.target_type if target else "object"

    @property
    def exclusive(self) -> str | None:
        """What no second run may work on meanwhile."""
        return f"{self.function.get_name()}:{self.site.pk}" if self.function.grouped else None


def take_order(function_name: str, payload: dict[str, Any], account: Account) -> Order:
    """Check shape, number, existence and site of a request; raises InvalidPayload."""
    function = registry.get_function_instance(function_name)
    function.account = account
    payload = function.complete(payload, account)
    function.validate(payload, account)
    ids = list(dict.fromkeys(payload["ids"]))
    most = None if function.is_free(payload) else function.get_max_items()
    if most is not None and len(ids) > most:
        raise InvalidPayload(
            f"At most {most} ids at once; these are {len(ids)}.", attr="ids", code="max_length"
        )
    sites = _sites(function, ids, payload, account)
    _refuse_unknown(ids, sites)
    site = _one_site(set(filter(None, sites.values())), account, payload.get("site"))
    function.site = site
    return Order(function, account, {**payload, "ids": ids}, ids, site)


def living(
    function_name: str, ids: list[int], payload: dict[str, Any], account: Account
) -> list[int]:
    """Those of the ids whose objects are still there."""
    function = registry.get_function_instance(function_name)
    function.account = account
    found = _sites(function, ids, payload, account) if ids else {}
    return [one for one in ids if one in found]


def skip(order: Order) -> None:
    """Note what needs nothing done, now; raises NothingToDo where that is everything.

    Since the order was taken another run may have ended, or an object gone.
    """
    found = _found(order.function, order.ids, order.payload, order.account)
    _refuse_unknown(order.ids, found)
    objects = [found[one] for one in order.ids]
    order.skipped = dict(order.function.impossible(objects, order.account))
    if not order.payload.get("again"):
        order.skipped |= order.function.done_already(objects, order.account)
    if order.retry_of:
        order.skipped |= dict.fromkeys(_done_by_retries(order.retry_of), "a retry has done it")
    if not order.todo:
        reasons = "; ".join(dict.fromkeys(order.skipped.values())) or "there is nothing left"
        raise NothingToDo(f"Nothing needs to be done: {reasons}.", attr="ids")


def refuse_running(order: Order) -> None:
    """Raise Conflict where the same function is at work on one of the objects."""
    if order.exclusive:
        running = AITaskLog.objects.for_account(order.account).filter(
            exclusive=order.exclusive, state__in=LIVE
        )
        task_id = running.values_list("pk", flat=True).first()
    else:
        items = AITaskItem.objects.for_account(order.account).filter(
            function_name=order.function.get_name(),
            target_type=order.target_type,
            target_id__in=order.todo,
            state__in=LIVE,
        )
        task_id = items.values_list("run_id", flat=True).first()
    if task_id:
        raise Conflict(
            "The same is already running for one of these. Wait for it, or cancel it.",
            code="already_running",
            attr="ids",
            task_id=str(task_id),
        )


def refuse_unpaid(order: Order) -> None:
    """Raise InsufficientCredits where the account has too few for the whole order."""
    available = ledger.balance(order.account).credits
    if order.credits > available:
        raise InsufficientCredits(
            f"This needs {order.credits} credits and the account has {available}.",
            needed=order.credits,
            available=available,
        )


def _done_by_retries(run: AITaskLog) -> set[int]:
    """The ids that succeeded in any retry of the request that the run stands for."""
    while run.retry_of:
        run = run.retry_of
    done: set[int] = set()
    retries = [run.pk]
    while retries:
        runs = AITaskLog.objects.for_account(run.account_id).filter(retry_of__in=retries)
        retries = list(runs.values_list("pk", flat=True))
        items = AITaskItem.objects.for_account(run.account_id).filter(run__in=retries)
        for payload in items.filter(state=ItemState.SUCCESS).values_list("payload", flat=True):
            done |= set(payload["ids"])
    return done


def _refuse_unknown(ids: list[int], found: Container[int]) -> None:
    """Another account's objects are as if they were not there."""
    unknown = [one for one in ids if one not in found]
    if unknown:
        shown = ", ".join(map(str, unknown[:_SHOWN])) + (" …" if len(unknown) > _SHOWN else "")
        raise InvalidPayload(f"Unknown ids: {shown}.", attr="ids", code="does_not_exist")


def _sites(
    function: BaseAIFunction, ids: list[int], payload: dict[str, Any], account: Account
) -> dict[int, int | None]:
    """The site of each object that is there: of a hundred thousand no more is loaded twice."""
    if function.target is None:
        found = _found(function, ids, payload, account)
        return {pk: getattr(one, "site_id", None) for pk, one in found.items()}
    rows = function.target.objects.for_account(account)
    return dict(chain.from_iterable(_rows(rows, piece, "site") for piece in pieces(ids)))


def _found(
    function: BaseAIFunction, ids: list[int], payload: dict[str, Any], account: Account
) -> dict[int, Any]:
    if function.target is None:
        return {one.pk: one for one in function.prepare({**payload, "ids": ids}, account)}
    rows = function.target.objects.for_account(account)
    if not function.reads:
        return rows.in_bulk(ids)
    read = (_rows(rows, piece, *function.reads) for piece in pieces(ids))
    return {one.pk: one for one in chain.from_iterable(read)}


def _rows(rows: QuerySet[Any], ids: list[int], *columns: str) -> QuerySet[Any, Any]:
    return rows.filter(pk__in=ids).values_list("pk", *columns, named=True)


def _one_site(sites: set[int], account: Account, asked: int | None) -> Site:
    if len(sites) > 1:
        raise InvalidPayload(
            "These ids are of several sites; one run concerns one site.",
            attr="ids",
            code="several_sites",
        )
    named = next(iter(sites), asked)
    chosen = {"pk": named} if named else {"is_default": True}
    return Site.objects.for_account(account).get(**chosen)
