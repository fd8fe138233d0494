"""Whatever happens to the ledger, in whatever order, a plain model of it says the same.

In depth: `.venv/bin/python -m pytest tests/billing/test_books.py --hypothesis-profile=release`.
"""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from igny8_core.billing import ledger
from igny8_core.billing.ledger import Balance, Origin, Reservation
from igny8_core.billing.models import CreditAccount, CreditEntry, CreditUsageLog
from igny8_core.core.errors import InsufficientCredits
from igny8_core.core.models import Account
from tests.billing.damage import DAMAGE
from tests.machines import hold

amounts = st.integers(0, 40)
owners = st.integers(0, 2)


@dataclass
class Unit:
    """One reservation: of an item, ended by one line, or of a run, ended in parts and a rest."""

    owner: int
    task_id: UUID
    item: int
    amount: int
    left: int = 0
    parts: int = 0

    @property
    def is_open(self) -> bool:
        return self.left > 0


@dataclass
class Books:
    """What an account has, worked out by hand."""

    available: int = 0
    reserved: int = 0
    keys: list[str] = field(default_factory=list)
    finals: dict[str, int] = field(default_factory=dict)


class LedgerMachine(RuleBasedStateMachine):
    """Three accounts whose requests, endings and repeated endings come in any order."""

    units = Bundle("units")

    @initialize()
    def open_accounts(self):
        self.example = transaction.atomic()
        self.example.__enter__()
        self.accounts = [Account.objects.create(name=f"Account {n}") for n in range(3)]
        self.books = [Books() for _ in self.accounts]
        self.items = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def refused(self, error, call, *given, **named):
        with pytest.raises(error) as refusal, transaction.atomic():
            call(*given, **named)
        return refusal.value

    # --- giving and taking back

    @rule(owner=owners, amount=amounts)
    def grant(self, owner, amount):
        books = self.books[owner]
        books.keys.append(f"grant:{len(books.keys)}")
        ledger.grant(self.accounts[owner], amount, key=books.keys[-1])
        books.available += amount

    @rule(owner=owners, amount=st.integers(1, 60))
    def take_back(self, owner, amount):
        books, key = self.books[owner], f"adjust:{uuid4()}"
        if amount > books.available:
            error = self.refused(
                InsufficientCredits, ledger.grant, self.accounts[owner], -amount, key=key
            )
            assert error.extra == {"needed": amount, "available": books.available}
        else:
            ledger.grant(self.accounts[owner], -amount, key=key)
            books.available -= amount

    @rule(owner=owners, amount=amounts)
    def grant_what_was_granted(self, owner, amount):
        for key in self.books[owner].keys[-1:]:
            self.refused(IntegrityError, ledger.grant, self.accounts[owner], amount, key=key)

    # --- setting aside

    @rule(target=units, owner=owners, prices=st.lists(st.integers(0, 15), max_size=5))
    def reserve(self, owner, prices):
        books, task_id = self.books[owner], uuid4()
        made = [Unit(owner, task_id, self.items + n, price) for n, price in enumerate(prices)]
        self.items += len(made)
        origin, asked = self.origin(owner, task_id), [self.reservation(one) for one in made]
        if sum(prices) > books.available:
            error = self.refused(InsufficientCredits, ledger.reserve, origin, asked)
            assert error.extra == {"needed": sum(prices), "available": books.available}
            return multiple()
        ledger.reserve(origin, asked)
        books.available -= sum(prices)
        books.reserved += sum(prices)
        for one in made:
            one.left = one.amount
        return multiple(*made)

    @rule(unit=units)
    def reserve_what_was_reserved(self, unit):
        books = self.books[unit.owner]
        if unit.amount:
            error = IntegrityError if unit.amount <= books.available else InsufficientCredits
            origin = self.origin(unit.owner, unit.task_id)
            self.refused(error, ledger.reserve, origin, [self.reservation(unit)])

    # --- ending

    @rule(unit=units, kind=st.sampled_from(["settle", "release"]))
    def end(self, unit, kind):
        """At the first time; late and repeated endings of the same unit change nothing."""
        books, key = self.books[unit.owner], f"final:{unit.item}"
        call, origin = getattr(ledger, kind), self.origin(unit.owner, unit.task_id)
        if not unit.amount:
            call(origin, 0, key=key, item=unit.item)
        elif unit.is_open:
            self.write_ending(unit, kind, unit.left, key)
        else:
            errors = (IntegrityError, RuntimeError)
            self.refused(errors, call, origin, unit.amount, key=key, item=unit.item)
            assert key in books.finals

    @rule(unit=units, part=st.integers(1, 10))
    def settle_a_part(self, unit, part):
        if part < unit.left:
            unit.parts += 1
            self.write_ending(unit, "settle", part, f"part:{unit.item}:{unit.parts}")

    @rule(owner=owners, beyond=st.integers(1, 5), kind=st.sampled_from(["settle", "release"]))
    def end_more_than_is_reserved(self, owner, beyond, kind):
        amount = self.books[owner].reserved + beyond
        origin = self.origin(owner)
        self.refused(RuntimeError, getattr(ledger, kind), origin, amount, key="beyond", item=0)

    # --- what always holds

    @invariant()
    def the_model_says_the_same(self):
        for account, books in zip(self.accounts, self.books, strict=True):
            assert ledger.balance(account) == Balance(books.available, books.reserved)
            lines = CreditEntry.objects.for_account(account).order_by("id")
            sums = [(line.amount, line.reserved_change) for line in lines]
            available = reserved = 0
            for line, (amount, change) in zip(lines, sums, strict=True):
                available, reserved = available + amount, reserved + change
                assert line.balance_after == available >= 0 <= reserved
            assert (available, reserved) == (books.available, books.reserved)
            finals = [line.key for line in lines if line.key.startswith("final:")]
            assert sorted(finals) == sorted(books.finals)
        assert ledger.reconcile() == []

    @rule(kind=st.sampled_from(sorted(DAMAGE)))
    def damage_is_found(self, kind):
        with transaction.atomic():
            damaged = DAMAGE[kind]()
            found = ledger.reconcile()
            transaction.set_rollback(True)
        if damaged:
            assert any(one.startswith(f"account {damaged}:") for one in found), (kind, found)

    # --- the machine's hands

    def write_ending(self, unit, kind, amount, key):
        books, origin = self.books[unit.owner], self.origin(unit.owner, unit.task_id)
        getattr(ledger, kind)(origin, amount, key=key, item=unit.item)
        unit.left -= amount
        books.reserved -= amount
        if kind == "release":
            books.available += amount
        else:
            self.log_usage(unit, amount)
        if key.startswith("final:"):
            books.finals[key] = amount

    def log_usage(self, unit, credits):
        CreditUsageLog.objects.create(
            account=self.accounts[unit.owner],
            operation="toy",
            credits_used=credits,
            task_id=unit.task_id,
        )

    def origin(self, owner, task_id=None):
        return Origin(self.accounts[owner].pk, task_id)

    def reservation(self, unit):
        return Reservation(f"reserve:{unit.item}", unit.amount, unit.item)


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_kind_of_damage_is_found(kind, world):
    for account in (world.account, world.charlie.account):
        origin = Origin(account.pk, uuid4())
        for n in (1, 2):
            ledger.grant(account, 50 * n, key=f"grant:{n}")
        ledger.reserve(origin, [Reservation(f"reserve:{n}", 10, n) for n in (1, 2, 3)])
        ledger.settle(origin, 10, key="final:1", item=1)
        ledger.release(origin, 10, key="final:2", item=2)
        CreditUsageLog.objects.create(
            account=account, operation="toy", credits_used=10, task_id=origin.task_id
        )
    assert ledger.reconcile() == []
    damaged = DAMAGE[kind]()
    assert damaged
    assert any(one.startswith(f"account {damaged}:") for one in ledger.reconcile())


def test_whatever_happens_the_ledger_agrees_with_a_model_of_it(db):
    assert not CreditAccount.objects.exists()
    hold(LedgerMachine)
