"""To which site an object belongs, and whether what it names belongs there too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from django.db.models import QuerySet

from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, Site
from igny8_core.core.sites import default_site
from igny8_core.core.tenancy import SiteModel

# Far below the number of parameters any database takes in one statement.
PIECE = 5_000

S = TypeVar("S", bound=SiteModel)
T = TypeVar("T")


def site_for(account: Account, given: Site | None, **related: SiteModel | None) -> Site:
    """The site given, else that of the first object named, else the account's default."""
    named = next((row for row in related.values() if row is not None), None)
    site = given or (named.site if named else default_site(account))
    _check_same_site(site.pk, related)
    return site


def check_site(row: SiteModel, given: Site | None, **related: SiteModel | None) -> None:
    """Refuse to move a row to another site, or to let it name an object of another one."""
    if given is not None and given.pk != row.site_id:
        raise InvalidPayload("The site of an object is fixed.", code="fixed", attr="site")
    _check_same_site(row.site_id, related)


def _check_same_site(site_id: int, related: Mapping[str, SiteModel | None]) -> None:
    for field, row in related.items():
        if row is not None and row.site_id != site_id:
            raise InvalidPayload(
                f"This {field} belongs to another site.", code="other_site", attr=field
            )


def in_order(rows: QuerySet[S], ids: Sequence[int]) -> list[S]:
    """Those of the rows that the ids name, each once, in the order of the ids."""
    found: dict[int, S] = {}
    for piece in pieces(ids):
        found.update(rows.in_bulk(piece))
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def pieces(whole: Iterable[T], size: int = PIECE) -> Iterator[list[T]]:
    """The whole, as much at a time as one statement takes."""
    remaining = iter(whole)
    while piece := list(islice(remaining, size)):
        yield piece


def by_id(rows: QuerySet[S], size: int = 2_000) -> Iterator[S]:
    """Every row by rising id, without a cursor that stays open while a slow reader takes them."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield from page
        last = page[-1].pk
