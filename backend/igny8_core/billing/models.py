"""Credits: an account's balance, the append-only ledger behind it, and what was used for what."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from igny8_core.core.tenancy import AccountModel


class CreditAccount(models.Model):
    """What an account can spend and what its running work has set aside, in whole credits."""

    account = models.OneToOneField(
        "core.Account", on_delete=models.PROTECT, primary_key=True, related_name="credit"
    )
    available = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="credit_available_ge_0"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="credit_reserved_ge_0"),
        ]

    def __str__(self) -> str:
        return f"{self.available} (+{self.reserved} reserved) of account {self.account_id}"


class SpendingCeilings(models.Model):
    """What an account lets its providers charge in a day and in a month of UTC, in USD."""

    account = models.OneToOneField(
        "core.Account", on_delete=models.CASCADE, primary_key=True, related_name="ceilings"
    )
    daily_usd = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    monthly_usd = models.DecimalField(max_digits=12, decimal_places=4, null=True)

    def __str__(self) -> str:
        return f"{self.daily_usd} USD a day, {self.monthly_usd} USD a month"


class CreditEntry(AccountModel):
    """One line of the ledger: written once, never changed.

    `key` names the event it stands for, so that the same event cannot be written twice: a
    reservation ends in one settlement or one release, never both.
    """

    class Kind(models.TextChoices):
        GRANT = "grant"
        RESERVE = "reserve"
        SETTLE = "settle"
        RELEASE = "release"
        ADJUST = "adjust"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()
    reserved_change = models.BigIntegerField(default=0)
    balance_after = models.BigIntegerField()
    key = models.CharField(max_length=120)
    task_id = models.UUIDField(null=True)
    #: What the run's item names: the object's id, or a group's number.
    item = models.BigIntegerField(null=True)
    site = models.ForeignKey("core.Site", on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="credit_entry_once")]
        indexes = [
            models.Index(fields=["account", "-id"], name="credit_entry_recent"),
            models.Index(fields=["account", "task_id"], name="credit_entry_of_run"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:+d} ({self.key})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; a line that exists is never written again."""
        if self.pk is not None:
            raise TypeError("The ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused: the ledger is append-only."""
        raise TypeError("The ledger is append-only.")


class CreditUsageLog(AccountModel):
    """What one item of a run came to, written once when it ends, failed items included."""

    operation = models.CharField(max_length=64)
    credits_used = models.BigIntegerField()
    #: Null where none of its calls has a known cost; `unpriced_calls` is how many have none.
    cost_usd = models.DecimalField(max_digits=18, decimal_places=10, null=True)
    unpriced_calls = models.PositiveIntegerField(default=0)
    model = models.CharField(max_length=200, blank=True)
    tokens_input = models.BigIntegerField(default=0)
    #: Of those, the ones that the provider read from its cache.
    tokens_cached = models.BigIntegerField(default=0)
    tokens_output = models.BigIntegerField(default=0)
    task_id = models.UUIDField()
    #: Null where a run ended before it had items.
    item = models.BigIntegerField(unique=True, null=True)
    site = models.ForeignKey("core.Site", on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-created_at"], name="usage_recent"),
            models.Index(fields=["account", "task_id"], name="usage_of_run"),
        ]

    def __str__(self) -> str:
        return f"{self.operation}: {self.credits_used} credits, {self.cost_usd or Decimal()} USD"
