"""Every way to falsify the books behind the ledger's back, each as one statement or two.

Each gives the id of the account it has harmed, None where there was nothing to harm.
"""

from uuid import uuid4

from django.db.models import F

from igny8_core.billing.models import CreditAccount, CreditEntry, CreditUsageLog

Kind = CreditEntry.Kind


def _balance(**change):
    for credit in CreditAccount.objects.order_by("pk")[:1]:
        CreditAccount.objects.filter(pk=credit.pk).update(**change)
        return credit.pk


def _line(change, **wanted):
    for line in CreditEntry.unscoped.filter(**wanted).order_by("pk")[:1]:
        CreditEntry.unscoped.filter(pk=line.pk).update(**change)
        return line.account_id


def _lost_line():
    for line in CreditEntry.unscoped.exclude(amount=0).order_by("pk")[:1]:
        CreditEntry.unscoped.filter(pk=line.pk).delete()
        return line.account_id


def _lost_settlement_made_good():
    """The line is gone, and the balance was made to fit."""
    for line in CreditEntry.unscoped.filter(kind=Kind.SETTLE).order_by("pk")[:1]:
        CreditEntry.unscoped.filter(pk=line.pk).delete()
        balance = CreditAccount.objects.filter(pk=line.account_id)
        balance.update(reserved=F("reserved") - line.reserved_change)
        return line.account_id


def _lost_grant_made_good():
    """Of several lines the first is gone, and the balance was made to fit."""
    for line in CreditEntry.unscoped.filter(kind=Kind.GRANT, amount__gt=0).order_by("pk"):
        later = CreditEntry.unscoped.filter(account=line.account_id, pk__gt=line.pk)
        balance = CreditAccount.objects.filter(pk=line.account_id, available__gte=line.amount)
        if later.exists() and balance.update(available=F("available") - line.amount):
            CreditEntry.unscoped.filter(pk=line.pk).delete()
            return line.account_id


def _invented_line():
    """A grant that nobody gave, written into the balance as well, but out of its order."""
    for credit in CreditAccount.objects.filter(available__gt=0).order_by("pk")[:1]:
        values = {"kind": Kind.GRANT, "amount": 5, "balance_after": 5, "key": f"{uuid4()}"}
        CreditEntry.unscoped.bulk_create([CreditEntry(account_id=credit.pk, **values)])
        CreditAccount.objects.filter(pk=credit.pk).update(available=F("available") + 5)
        return credit.pk


def _two_lines_that_make_up_for_each_other():
    grants = CreditEntry.unscoped.filter(kind=Kind.GRANT, amount__gt=0).order_by("account", "pk")
    before = None
    for line in grants:
        if before and before.account_id == line.account_id:
            CreditEntry.unscoped.filter(pk=before.pk).update(amount=F("amount") - 1)
            CreditEntry.unscoped.filter(pk=line.pk).update(amount=F("amount") + 1)
            return line.account_id
        before = line


def _another_account_s_line():
    accounts = list(CreditAccount.objects.order_by("pk")[:2])
    for line in CreditEntry.unscoped.exclude(amount=0).order_by("pk")[:1]:
        for other in accounts:
            if other.pk != line.account_id:
                CreditEntry.unscoped.filter(pk=line.pk).update(
                    account=other.pk, key=f"moved:{uuid4()}"
                )
                return line.account_id


def _lost_balance():
    for line in CreditEntry.unscoped.order_by("pk")[:1]:
        CreditAccount.objects.filter(pk=line.account_id).delete()
        return line.account_id


def _settled_as_released():
    return _line({"kind": Kind.RELEASE}, kind=Kind.SETTLE)


def _a_settlement_under_another_run():
    return _line({"task_id": uuid4()}, kind=Kind.SETTLE)


def _usage(**change):
    for row in CreditUsageLog.unscoped.filter(credits_used__gt=0).order_by("pk")[:1]:
        CreditUsageLog.unscoped.filter(pk=row.pk).update(**change)
        return row.account_id


def _lost_usage():
    for row in CreditUsageLog.unscoped.filter(credits_used__gt=0).order_by("pk")[:1]:
        CreditUsageLog.unscoped.filter(pk=row.pk).delete()
        return row.account_id


def _invented_usage():
    for credit in CreditAccount.objects.order_by("pk")[:1]:
        CreditUsageLog.objects.create(
            account_id=credit.pk, operation="toy", credits_used=1, task_id=uuid4()
        )
        return credit.pk


DAMAGE = {
    "balance: more": lambda: _balance(available=F("available") + 1),
    "balance: more reserved": lambda: _balance(reserved=F("reserved") + 1),
    "balance: gone": _lost_balance,
    "line: amount": lambda: _line({"amount": F("amount") + 1}),
    "line: reserved change": lambda: _line({"reserved_change": F("reserved_change") + 1}),
    "line: balance after": lambda: _line({"balance_after": F("balance_after") + 1}),
    "line: kind": _settled_as_released,
    "line: sign": lambda: _line({"kind": Kind.ADJUST}, kind=Kind.GRANT, amount__gt=0),
    "line: run": _a_settlement_under_another_run,
    "line: lost": _lost_line,
    "line: another account's": _another_account_s_line,
    "line: settlement lost and made good": _lost_settlement_made_good,
    "line: grant lost and made good": _lost_grant_made_good,
    "line: invented": _invented_line,
    "lines: two that make up for each other": _two_lines_that_make_up_for_each_other,
    "usage: credits": lambda: _usage(credits_used=F("credits_used") + 1),
    "usage: run": lambda: _usage(task_id=uuid4()),
    "usage: lost": _lost_usage,
    "usage: invented": _invented_usage,
}
