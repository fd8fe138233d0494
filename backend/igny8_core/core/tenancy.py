"""Every row belongs to an account: managers that raise unless they are told which.

`unscoped` is declared first, so that it is Django's `_default_manager`: cascades, `full_clean`
and reverse relations go on working. Our own code enters through `objects.for_account(account)`.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from igny8_core.core.models import Account

AccountRef: TypeAlias = "Account | int"
M = TypeVar("M", bound=models.Model)


class UnscopedQuery(RuntimeError):
    """A query was begun without naming the account: a bug of ours, never a user's."""


class ScopedManager(models.Manager[M]):
    """Raises on `.all()`, `.filter()` and the rest; opens with `for_account(account)`."""

    def get_queryset(self) -> models.QuerySet[M]:
        raise UnscopedQuery(f"{self.model.__name__}.objects needs for_account(account)")

    def for_account(self, account: AccountRef) -> models.QuerySet[M]:
        """The account's rows."""
        return self._unscoped().filter(account=account)

    def create(self, **values: Any) -> M:
        """Insert one row; `account` (or `account_id`) must be named."""
        if not {"account", "account_id"} & values.keys():
            raise UnscopedQuery(f"{self.model.__name__}.objects.create needs an account")
        return self._unscoped().create(**values)

    def _unscoped(self) -> models.QuerySet[M]:
        return super().get_queryset()


class TrashManager(ScopedManager[M]):
    """Hides what lies in the trash."""

    def for_account(self, account: AccountRef) -> models.QuerySet[M]:
        """The account's living rows."""
        return self.with_trash(account).filter(deleted_at=None)

    def trashed(self, account: AccountRef) -> models.QuerySet[M]:
        """The account's rows in the trash."""
        return self.with_trash(account).exclude(deleted_at=None)

    def with_trash(self, account: AccountRef) -> models.QuerySet[M]:
        """The account's rows, living or not."""
        return super().for_account(account)


class AccountModel(models.Model):
    """A row of one account."""

    account = models.ForeignKey("core.Account", on_delete=models.PROTECT, related_name="+")

    unscoped: ClassVar[models.Manager[Self]] = models.Manager()
    objects: ClassVar[ScopedManager[Self]] = ScopedManager()

    class Meta:
        abstract = True


class SiteModel(AccountModel):
    """A row of one site of an account, which goes through a trash before it is deleted."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    # Declared again: else `objects`, being nearer, would become Django's default.
    unscoped: ClassVar[models.Manager[Self]] = models.Manager()
    objects: ClassVar[TrashManager[Self]] = TrashManager()

    #: What usage rows and run items call this object.
    target_type: ClassVar[str]

    class Meta:
        abstract = True
