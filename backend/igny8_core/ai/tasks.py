"""Beginning, quoting, cancelling and retrying runs; and the Celery task that works on one.

`enqueue` is the only way in. It reserves credits and writes run and items in one transaction;
the hint to a worker goes out once that is committed, and may be lost: the row is the truth.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from igny8_core.ai import orders
from igny8_core.ai.claims import claim, let_go
from igny8_core.ai.engine import AIEngine
from igny8_core.ai.hints import send_soon
from igny8_core.ai.items import handed_down, origin_of
from igny8_core.ai.models import AITaskItem, AITaskLog, ItemState, RunState
from igny8_core.ai.orders import Order
from igny8_core.ai.pricing import credits_for
from igny8_core.ai.quotes import Quote, quote_of
from igny8_core.ai.worker import take_hint, wake
from igny8_core.billing import ledger
from igny8_core.core.errors import Conflict, IgnyError, InvalidPayload, Mismatch, NothingToDo
from igny8_core.core.models import Account, User

MAX_KEY = 255
_KEY_LIFETIME = timedelta(days=7)
TASK_NAME = "igny8.run_ai_task"
#: What items of a retry go on from, by the id they are about.
_HandedDown: TypeAlias = Mapping[int, dict[str, Any]]
_NOTHING: _HandedDown = MappingProxyType({})
#: Losing a race more often means that others begin and end runs of the same objects all the time.
_TRIES = 5
_TOO_SLOW = Conflict("Others begin runs of the same at this moment. Send the request again.")
_NOTHING_TO_RETRY = Conflict(
    "Every item of this run succeeded, or may yet.", code="nothing_to_retry"
)


def enqueue(
    function_name: str,
    payload: dict[str, Any],
    *,
    account: Account,
    user: User | None = None,
    idempotency_key: str | None = None,
    request_digest: str = "",
) -> AITaskLog:
    """Begin a run, or find the one that this Idempotency-Key has begun.

    Raises InvalidPayload, Mismatch, Conflict (`already_running`) or InsufficientCredits, in the
    contract's order; nothing is written then.
    """
    order = orders.take_order(function_name, payload, account)
    key = _Key(idempotency_key, request_digest)
    return _begin(order, user, key)


def quote(function_name: str, payload: dict[str, Any], *, account: Account) -> Quote:
    """What a run would do and cost: the same checks, then no call and no reservation."""
    order = orders.take_order(function_name, payload, account)
    _check(order)
    return quote_of(order)


def cancel(run: AITaskLog) -> AITaskLog:
    """Stop what has not begun; calls in flight are finished, saved and charged."""
    AITaskLog.objects.for_account(run.account_id).filter(
        pk=run.pk, finished_at=None, cancel_requested_at=None
    ).update(cancel_requested_at=timezone.now())
    run.refresh_from_db()
    if run.state == RunState.PENDING and (held := claim(run.pk)):
        try:
            AIEngine(held).cancel()
        finally:
            let_go(held)
        run.refresh_from_db()
    return run


def retry(
    run: AITaskLog,
    *,
    user: User | None = None,
    idempotency_key: str | None = None,
    request_digest: str = "",
) -> AITaskLog:
    """A new run over the items that did not succeed; raises Conflict where there are none."""
    key = _Key(idempotency_key, request_digest)
    if known := key.find(run.account):
        return known
    left = list(
        AITaskItem.objects.for_account(run.account_id)
        .filter(run=run, state__in=(ItemState.FAILURE, ItemState.CANCELLED))
        .order_by("seq")
    )
    ids = [one for item in left for one in item.payload["ids"]]
    if not run.items.exists():  # it ended before its ids had become items
        ids = run.payload.get("ids", [])
    ids = orders.living(run.function_name, ids, run.payload, run.account)
    if not run.is_finished or not ids:
        raise _NOTHING_TO_RETRY
    payload = {**run.payload, "ids": ids, "all": False}
    order = orders.take_order(run.function_name, payload, run.account)
    order.retry_of = run
    kept = handed_down(left)
    before = {item.target_id: kept[item.pk] for item in left}
    try:
        return _begin(order, user, key, before)
    except NothingToDo as error:
        raise _NOTHING_TO_RETRY from error


class _Key:
    """An Idempotency-Key and the request it came with."""

    def __init__(self, key: str | None, digest: str) -> None:
        if key and len(key) > MAX_KEY:
            raise InvalidPayload(f"A key has at most {MAX_KEY} characters.", attr="Idempotency-Key")
        self.key = key
        self.digest = digest

    def find(self, account: Account) -> AITaskLog | None:
        """The run this key has begun; raises Mismatch where that was another request."""
        if self.key is None:
            return None
        mine = AITaskLog.objects.for_account(account).filter(idempotency_key=self.key)
        run = mine.first()
        if run and run.created_at < timezone.now() - _KEY_LIFETIME:
            # By its id: whoever does the same at the same time may have begun the next one.
            mine.filter(pk=run.pk).update(idempotency_key=None)
            return None
        if run and run.idempotency_digest != self.digest:
            raise Mismatch(
                "This Idempotency-Key was used for another request. Use a new one.",
                attr="Idempotency-Key",
            )
        return run


def _begin(order: Order, user: User | None, key: _Key, before: _HandedDown = _NOTHING) -> AITaskLog:
    """Checks and writing; whoever loses a race to the same key or object looks again."""
    for _ in range(_TRIES):
        try:
            return _try_to_begin(order, user, key, before)
        except IntegrityError:
            continue
        except IgnyError:
            # The same request, sent at the same time, may be what stands in the way.
            if known := key.find(order.account):
                return known
            raise
    raise _TOO_SLOW


@transaction.atomic
def _try_to_begin(order: Order, user: User | None, key: _Key, before: _HandedDown) -> AITaskLog:
    if known := key.find(order.account):
        return known
    _check(order)
    run = AITaskLog.objects.create(
        account=order.account,
        site=order.site,
        requested_by=user,
        retry_of=order.retry_of,
        function_name=order.function.get_name(),
        payload={**order.payload, "ids": order.todo},
        exclusive=order.exclusive,
        idempotency_key=key.key,
        idempotency_digest=key.digest,
        items_total=0 if order.function.grouped else len(order.todo),
        message="Waiting for a worker",
    )
    ledger.reserve(origin_of(run), _reservations(order, run, before))
    transaction.on_commit(lambda: send_hint(run))
    return run


def _check(order: Order) -> None:
    orders.skip(order)
    orders.refuse_running(order)
    orders.refuse_unpaid(order)


def _reservations(order: Order, run: AITaskLog, before: _HandedDown) -> list[ledger.Reservation]:
    """One for the run where its items exist only later, else one per item, made here."""
    if order.function.grouped:
        credits = credits_for(order.function, len(order.todo), order.payload)
        return [ledger.Reservation(f"reserve:{run.pk}", credits)]
    price = credits_for(order.function, 1, order.payload)
    # In one order for everybody: two requests for the same objects then wait, and never lock up.
    made = AITaskItem.unscoped.bulk_create(
        AITaskItem(
            account=order.account,
            run=run,
            seq=number,
            function_name=run.function_name,
            target_type=order.target_type,
            target_id=target_id,
            payload={"ids": [target_id], **before.get(target_id, {})},
            credits=price,
        )
        for target_id, number in sorted((pk, n) for n, pk in enumerate(order.todo, start=1))
    )
    return [ledger.Reservation(f"reserve:{item.pk}", item.credits, item.target_id) for item in made]


def send_hint(run: AITaskLog) -> None:
    """Tell a worker that there is something to do; should this fail, the sweep finds it."""
    if not settings.CELERY_BROKER_URL:
        return wake()
    message = (run.function_name, run.payload, run.account_id)
    send_soon(lambda: run_ai_task.apply_async(message, task_id=str(run.pk), retry=False))


@shared_task(bind=True, name=TASK_NAME, ignore_result=True)  # type: ignore[untyped-decorator, no-untyped-call]
def run_ai_task(self: Any, function_name: str, payload: dict[str, Any], account_id: int) -> str:
    """Work on the run whose id the message bears; called without one, begin a run and work on it.

    The message is a hint: what it says beside the id of a run is not believed, and what comes
    twice begins no second run.
    """
    message: str | None = self.request.id
    run_id = _run_of(message, account_id)
    if run_id is None:
        account = Account.objects.get(pk=account_id)
        key = message and f"message:{message}"
        run_id = enqueue(function_name, payload, account=account, idempotency_key=key).pk
    take_hint(run_id)
    return str(run_id)


def _run_of(message: str | None, account_id: int) -> UUID | None:
    """The run that a message is about, None where there is none; raises InvalidPayload."""
    try:
        run_id = UUID(str(message))
    except ValueError:
        return None
    owner = AITaskLog.unscoped.filter(pk=run_id).values_list("account", flat=True).first()
    if owner is not None and owner != account_id:
        raise InvalidPayload("This run is another account's.", attr="account_id")
    return None if owner is None else run_id
