"""What a dry run says of objects that would compete with what their site has."""

from collections.abc import Sequence

from igny8_core.ai.base import Other, Overlapping
from igny8_core.core.models import Account
from igny8_core.core.tenancy import SiteModel
from igny8_core.writer.overlaps import overlaps_of


def overlapping(model: type[SiteModel], ids: Sequence[int], account: Account) -> list[Overlapping]:
    """The verdicts on those that are not new, in the order of the ids."""
    found = overlaps_of(account, model, ids)
    return [
        Overlapping(
            id=one,
            verdict=overlap.verdict.value,
            other=Other(type=other.type, id=other.id, name=other.name),
            score=overlap.score,
            words=list(overlap.words),
        )
        for one in ids
        if (overlap := found.get(one)) and (other := overlap.other)
    ]
