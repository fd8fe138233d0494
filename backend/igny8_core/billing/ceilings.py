"""What an account lets its providers charge: set by its admins, held by the engine."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from igny8_core.billing.models import SpendingCeilings
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


def set_ceilings(account: Account, values: Any) -> None:
    """Merge the values into the account's ceilings; raises InvalidFields naming each wrong one."""
    given = checked(CeilingsChange, values, attr="").model_dump(exclude_unset=True)
    # The row alone is locked: who sends calls holds it and then writes rows of the account.
    SpendingCeilings.objects.update_or_create(account=account, defaults=given)
