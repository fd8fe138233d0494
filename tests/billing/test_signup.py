"""Registration is whole or not at all."""

import pytest

from igny8_core.billing import ledger
from igny8_core.billing.signup import register
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, User
from tests.world import PASSWORD, a_user


def test_signup_credits_are_a_grant(db, settings):
    settings.IGNY8_SIGNUP_CREDITS = 30
    membership = register(email="a@example.com", password=PASSWORD, account_name="A")
    assert ledger.balance(membership.account).credits == 30
    assert ledger.reconcile() == []


def test_no_signup_credits_are_no_entry(db, settings):
    settings.IGNY8_SIGNUP_CREDITS = 0
    membership = register(email="a@example.com", password=PASSWORD, account_name="A")
    assert ledger.balance(membership.account).credits == 0


def test_whoever_registers_an_address_second_leaves_nothing(db, monkeypatch):
    a_user("a@example.com")
    # As if the other registration had come between the look and the insert.
    monkeypatch.setattr(User.objects, "filter", lambda **given: User.objects.none())
    with pytest.raises(InvalidPayload) as refused:
        register(email="a@example.com", password=PASSWORD, account_name="A")
    assert refused.value.attr == "email"
    assert not Account.objects.exists()
