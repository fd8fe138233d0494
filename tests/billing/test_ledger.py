"""The ledger: what is set aside, how it ends, and that the sums always agree."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections, transaction

from igny8_core.billing import ledger
from igny8_core.billing.ledger import Balance, Origin, Reservation
from igny8_core.billing.models import CreditAccount, CreditEntry
from igny8_core.core.errors import InsufficientCredits


@pytest.fixture
def account(world):
    ledger.grant(world.account, 100, key="test")
    return world.account


def sums_of(account) -> tuple[int, int]:
    lines = list(CreditEntry.objects.for_account(account))
    return sum(one.amount for one in lines), sum(one.reserved_change for one in lines)


def test_each_kind_of_line_has_the_signs_of_the_contract(account):
    origin = Origin(account.pk)
    ledger.reserve(origin, [Reservation("r:1", 10, 1), Reservation("r:2", 5, 2)])
    ledger.settle(origin, 10, key="f:1", item=1)
    ledger.release(origin, 5, key="f:2", item=2)
    ledger.grant(account, -20, key="back")
    lines = CreditEntry.objects.for_account(account).order_by("id")
    assert list(lines.values_list("kind", "amount", "reserved_change", "balance_after")) == [
        ("grant", 100, 0, 100),
        ("reserve", -10, 10, 90),
        ("reserve", -5, 5, 85),
        ("settle", 0, -10, 85),
        ("release", 5, -5, 90),
        ("adjust", -20, 0, 70),
    ]
    assert ledger.balance(account) == Balance(70, 0)
    assert sums_of(account) == (70, 0)


def test_a_reservation_is_all_or_nothing(account):
    with pytest.raises(InsufficientCredits) as refused:
        ledger.reserve(Origin(account.pk), [Reservation("a", 60), Reservation("b", 60)])
    assert refused.value.extra == {"needed": 120, "available": 100}
    assert CreditEntry.objects.for_account(account).count() == 1
    assert ledger.balance(account) == Balance(100, 0)


def test_an_account_without_credits_has_none_to_reserve(world):
    with pytest.raises(InsufficientCredits) as refused:
        ledger.reserve(Origin(world.charlie.account.pk), [Reservation("a", 1)])
    assert refused.value.extra == {"needed": 1, "available": 0}


@pytest.mark.parametrize("first", ["settle", "release"])
@pytest.mark.parametrize("second", ["settle", "release"])
def test_a_reservation_ends_once(first, second, account):
    origin = Origin(account.pk)
    ledger.reserve(origin, [Reservation("r:1", 10, 1), Reservation("r:2", 10, 2)])
    getattr(ledger, first)(origin, 10, key="final:1", item=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        getattr(ledger, second)(origin, 10, key="final:1", item=1)
    assert ledger.balance(account).reserved == 10
    assert ledger.reconcile() == []


def test_more_than_is_reserved_cannot_be_ended(account):
    with pytest.raises(RuntimeError):
        ledger.settle(Origin(account.pk), 1, key="f", item=1)
    assert ledger.reconcile() == []


def test_no_more_can_be_taken_back_than_is_there(account):
    with pytest.raises(InsufficientCredits):
        ledger.grant(account, -101, key="back")


def test_lines_are_never_changed(account):
    line = CreditEntry.objects.for_account(account).get()
    with pytest.raises(TypeError):
        line.save()
    with pytest.raises(TypeError):
        line.delete()


@pytest.mark.parametrize("field", ["available", "reserved"])
def test_the_database_holds_that_nothing_is_below_zero(field, account):
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditAccount.objects.filter(account=account).update(**{field: -1})


def test_reconcile_finds_a_planted_difference(account, world):
    assert ledger.reconcile() == []
    CreditAccount.objects.filter(account=account).update(available=101)
    (difference,) = ledger.reconcile()
    assert f"account {account.pk}" in difference
    assert "101" in difference
    CreditAccount.objects.filter(account=account).update(available=100, reserved=1)
    assert len(ledger.reconcile()) == 1
    CreditEntry.unscoped.create(
        account=world.charlie.account, kind="grant", amount=1, balance_after=1, key="x"
    )
    assert len(ledger.reconcile()) == 2


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_that_want_four_times_too_much_get_exactly_what_is_there(account):
    together = threading.Barrier(16, timeout=20)

    def want(n):
        together.wait()
        accepted = 0
        try:
            for m in range(25):
                try:
                    with transaction.atomic():
                        ledger.reserve(Origin(account.pk), [Reservation(f"r:{n}:{m}", 1)])
                    accepted += 1
                except InsufficientCredits:
                    pass
        finally:
            connections.close_all()
        return accepted

    with ThreadPoolExecutor(16) as pool:
        accepted = sum(pool.map(want, range(16)))
    assert accepted == 100
    assert ledger.balance(account) == Balance(0, 100)
    assert sums_of(account) == (0, 100)
    assert ledger.reconcile() == []
