"""Who waits for whom."""

from django.db import connection, transaction

from igny8_core.core import locks


def pauses(monkeypatch, *held):
    seen = []
    monkeypatch.setattr(locks.time, "sleep", seen.append)
    for seconds in held:
        locks.give_way(seconds)
    return seen


def test_others_are_let_in_between_two_transactions(transactional_db, monkeypatch):
    seen = pauses(monkeypatch, 0.05, 0.2, 5)
    assert seen == ([0.025, 0.05, 0.1] if connection.vendor == "sqlite" else [])


def test_nobody_can_be_let_in_within_a_transaction(transactional_db, monkeypatch):
    with transaction.atomic():
        assert pauses(monkeypatch, 5) == []
