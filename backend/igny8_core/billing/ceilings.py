"""What an account lets its providers charge: set by its admins, held by the engine."""

from decimal import Decimal
from typing import Annotated, Any

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from igny8_core.billing.models import SpendingCeilings
from igny8_core.core.locks import lock_account
from igny8_core.core.models import Account
from igny8_core.core.shapes import checked

Usd = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]


class CeilingsChange(BaseModel):
    """What a PUT may say: USD; what it leaves out keeps its value, null lifts a ceiling."""

    model_config = ConfigDict(extra="forbid")

    daily_usd: Usd | None = None
    monthly_usd: Usd | None = None


def ceilings_of(account: Account) -> SpendingCeilings:
    """The account's ceilings; none where it has set none."""
    found = SpendingCeilings.objects.filter(pk=account.pk).first()
    return found or SpendingCeilings(account=account)


@transaction.atomic
def set_ceilings(account: Account, values: Any) -> None:
    """Merge the values into the account's ceilings; raises InvalidFields naming each wrong one."""
    given = checked(CeilingsChange, values, attr="").model_dump(exclude_unset=True)
    lock_account(account.pk)
    row = ceilings_of(account)
    for name, value in given.items():
        setattr(row, name, value)
    row.save()
