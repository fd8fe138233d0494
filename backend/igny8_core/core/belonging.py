"""To which site an object belongs, and whether what it names belongs there too."""

from collections.abc import Mapping

from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, Site
from igny8_core.core.sites import default_site
from igny8_core.core.tenancy import SiteModel


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
