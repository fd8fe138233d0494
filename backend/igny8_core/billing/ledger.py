"""The ledger: grants, reservations, and the one end that each reservation has.

Every function writes its line and moves the balance in the caller's transaction. A line's `key`
is unique in the account: the same event written twice is an IntegrityError, never a second
charge. `available >= 0` and `reserved >= 0` are held by the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Sum, Window

from igny8_core.billing.models import CreditAccount, CreditEntry, CreditUsageLog
from igny8_core.core.errors import InsufficientCredits
from igny8_core.core.models import Account, User

Kind = CreditEntry.Kind


@dataclass(frozen=True, slots=True)
class Balance:
    """Whole credits: what can be spent, and what running work has set aside."""

    credits: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """Credits set aside under one key, for an item or for a whole run."""

    key: str
    amount: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose work a ledger line stands for."""

    account_id: int
    task_id: UUID | None = None
    site_id: int | None = None
    user_id: int | None = None


@transaction.atomic
def grant(
    account: Account, amount: int, *, key: str, requested_by: User | None = None
) -> CreditEntry:
    """Give an account credits; a negative amount, down to what it can spend, takes them back."""
    CreditAccount.objects.get_or_create(account=account)
    origin = Origin(account.pk, user_id=requested_by.pk if requested_by else None)
    kind = Kind.GRANT if amount >= 0 else Kind.ADJUST
    available = _move(account.pk, available=amount, reserved=0)
    if available is None:
        raise InsufficientCredits(
            f"The account has {balance(account).credits} credits; {-amount} cannot be taken.",
            needed=-amount,
            available=balance(account).credits,
        )
    return CreditEntry.objects.create(
        **_line(origin, kind, amount, 0, balance_after=available, key=key)
    )


def reserve(origin: Origin, reservations: Sequence[Reservation]) -> None:
    """Set credits aside, all or nothing; raises InsufficientCredits with needed and available."""
    reservations = [one for one in reservations if one.amount]
    needed = sum(one.amount for one in reservations)
    if not needed:
        return
    after = _move(origin.account_id, available=-needed, reserved=needed)
    if after is None:
        has = balance(origin.account_id).credits
        raise InsufficientCredits(
            f"This needs {needed} credits and the account has {has}.", needed=needed, available=has
        )
    left, lines = after + needed, []
    for one in reservations:
        left -= one.amount
        lines.append(
            CreditEntry(
                **_line(origin, Kind.RESERVE, -one.amount, one.amount, left, one.key, one.item)
            )
        )
    CreditEntry.unscoped.bulk_create(lines)


def settle(origin: Origin, amount: int, *, key: str, item: int) -> None:
    """Turn reserved credits into spent ones."""
    _end(origin, Kind.SETTLE, amount, key, item)


def release(origin: Origin, amount: int, *, key: str, item: int | None = None) -> None:
    """Give reserved credits back."""
    _end(origin, Kind.RELEASE, amount, key, item)


def balance(account: Account | int) -> Balance:
    """What the account can spend and what is set aside; zeros where it never had credits."""
    account_id = account if isinstance(account, int) else account.pk
    row = CreditAccount.objects.filter(pk=account_id).values_list("available", "reserved").first()
    return Balance(*(row or (0, 0)))


def reconcile() -> list[str]:
    """Every difference between balances, ledger and usage, in a person's words."""
    return [*_wrong_balances(), *_wrong_signs(), *_wrong_sequences(), *_wrong_runs()]


def _end(origin: Origin, kind: Kind, amount: int, key: str, item: int | None) -> None:
    if not amount:
        return
    back = amount if kind is Kind.RELEASE else 0
    after = _move(origin.account_id, available=back, reserved=-amount)
    if after is None:
        raise RuntimeError(f"{kind} {key}: less than {amount} credits are reserved")
    CreditEntry.objects.create(**_line(origin, kind, back, -amount, after, key, item))


def _move(account_id: int, *, available: int, reserved: int) -> int | None:
    """Move the balance in one statement; what is available afterwards, None where it would not do.

    Both databases know UPDATE ... RETURNING; the ORM does not, and a second statement per item
    is what it would cost.
    """
    table = CreditAccount._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET available = available + %s, reserved = reserved + %s "
            "WHERE account_id = %s AND available + %s >= 0 AND reserved + %s >= 0 "
            "RETURNING available",
            [available, reserved, account_id, available, reserved],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _line(
    origin: Origin,
    kind: Kind,
    amount: int,
    reserved_change: int,
    balance_after: int,
    key: str,
    item: int | None = None,
) -> dict[str, object]:
    return {
        "account_id": origin.account_id,
        "kind": kind,
        "amount": amount,
        "reserved_change": reserved_change,
        "balance_after": balance_after,
        "key": key,
        "task_id": origin.task_id,
        "item": item,
        "site_id": origin.site_id,
        "requested_by_id": origin.user_id,
    }


def _wrong_balances() -> Iterator[str]:
    """The balance is the sum of the lines."""
    sums = {
        row["account"]: (row["amount"], row["held"])
        for row in CreditEntry.unscoped.values("account").annotate(
            amount=Sum("amount"), held=Sum("reserved_change")
        )
    }
    for credit in CreditAccount.objects.order_by("pk"):
        amount, held = sums.pop(credit.pk, (0, 0))
        if (amount, held) != (credit.available, credit.reserved):
            yield (
                f"account {credit.pk}: balance {credit.available} (+{credit.reserved} reserved), "
                f"ledger {amount} (+{held} reserved)"
            )
    for pk in sorted(sums):
        yield f"account {pk}: a ledger without a balance"


def _wrong_signs() -> Iterator[str]:
    """Each kind of line moves credits in its own direction."""
    moved_back = Q(reserved_change=-F("amount"))
    sound = (
        Q(kind=Kind.GRANT, amount__gte=0, reserved_change=0)
        | Q(kind=Kind.ADJUST, amount__lt=0, reserved_change=0)
        | Q(moved_back, kind=Kind.RESERVE, amount__lt=0)
        | Q(moved_back, kind=Kind.RELEASE, amount__gt=0)
        | Q(kind=Kind.SETTLE, amount=0, reserved_change__lt=0)
    )
    for line in CreditEntry.unscoped.exclude(sound).order_by("account", "id"):
        yield (
            f"account {line.account_id}: line {line.pk} is a {line.kind} of {line.amount:+d} "
            f"({line.reserved_change:+d} reserved)"
        )


def _wrong_sequences() -> Iterator[str]:
    """Each line says what was there after it: one that is missing, added or changed shows.

    An account's lines are written under the lock on its balance, so that ids are their order.
    """
    so_far = Window(Sum("amount"), partition_by="account", order_by="id")
    lines = CreditEntry.unscoped.annotate(off=F("balance_after") - so_far).exclude(off=0)
    seen: set[int] = set()
    for line in lines.order_by("account", "id").iterator():
        if line.account_id not in seen:
            seen.add(line.account_id)
            yield (
                f"account {line.account_id}: line {line.pk} says {line.balance_after} credits "
                f"afterwards, and the lines up to it come to {line.balance_after - line.off}"
            )


def _wrong_runs() -> Iterator[str]:
    """No run ends more than it reserved, and what it settled is what its usage rows say."""
    settled = Sum("reserved_change", filter=Q(kind=Kind.SETTLE), default=0)
    lines = CreditEntry.unscoped.exclude(task_id=None).values("account", "task_id")
    rows = CreditUsageLog.unscoped.values("account", "task_id").order_by()
    used: dict[tuple[int, UUID | None], int] = {
        (row["account"], row["task_id"]): row["used"]
        for row in rows.annotate(used=Sum("credits_used")).filter(used__gt=0)
    }
    for row in lines.annotate(held=Sum("reserved_change"), settled=settled).order_by():
        run = f"account {row['account']}: run {row['task_id']}"
        if row["held"] < 0:
            yield f"{run} ended {-row['held']} credits more than it reserved"
        if (was_used := used.pop((row["account"], row["task_id"]), 0)) != -row["settled"]:
            yield f"{run} settled {-row['settled']} credits, its usage rows say {was_used}"
    for (account, task_id), was_used in used.items():
        yield f"account {account}: run {task_id} settled 0 credits, its usage rows say {was_used}"
