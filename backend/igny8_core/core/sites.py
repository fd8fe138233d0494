"""Sites: the projects that everything in the planner and the writer belongs to."""

from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import ProtectedError
from pydantic import BaseModel, ConfigDict, Field

from igny8_core.core.countries import COUNTRIES
from igny8_core.core.errors import Conflict, InvalidPayload
from igny8_core.core.languages import tag_of
from igny8_core.core.locks import lock_account
from igny8_core.core.models import Account, Site
from igny8_core.core.shapes import checked


class Guidelines(BaseModel):
    """How a site wants to be written for; every part may be left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    audience: str = Field(default="", max_length=5000)
    voice: str = Field(default="", max_length=5000)
    tone: str = Field(default="", max_length=5000)
    facts: list[str] = Field(default_factory=list, max_length=500)
    must_say: list[str] = Field(default_factory=list, max_length=500)
    never_say: list[str] = Field(default_factory=list, max_length=500)
    call_to_action: str = Field(default="", max_length=5000)


class SiteValues(TypedDict, total=False):
    """What a caller may set on a site."""

    name: str
    domain: str
    language: str
    country: str
    guidelines: dict[str, Any]
    is_default: bool


def default_site(account: Account) -> Site:
    """The site of objects that name none."""
    return Site.objects.for_account(account).get(is_default=True)


@transaction.atomic
def create_site(account: Account, **values: Unpack[SiteValues]) -> Site:
    """A site of the account; as the new default it takes the place of the old one."""
    site = Site(account=account, **_clean(values))
    if site.is_default:
        _clear_default(account.pk)
    site.save()
    return site


@transaction.atomic
def change_site(site: Site, **values: Unpack[SiteValues]) -> Site:
    """Set what is named; raises Conflict where the only default would stop being it."""
    changes = _clean(values)
    if "is_default" in changes:
        lock_account(site.account_id)
        site.refresh_from_db(fields=["is_default"])
    if site.is_default and changes.get("is_default") is False:
        raise Conflict(
            "There is always a default site; make another one the default instead.",
            attr="is_default",
        )
    if changes.get("is_default"):
        _clear_default(site.account_id)
    for name, value in changes.items():
        setattr(site, name, value)
    site.save(update_fields=[*changes])
    return site


@transaction.atomic
def delete_site(site: Site) -> None:
    """Delete an empty site; raises Conflict for the default and for one that has objects."""
    # Else it might become the default while it goes.
    lock_account(site.account_id)
    site.refresh_from_db(fields=["is_default"])
    if site.is_default:
        raise Conflict("The default site cannot be deleted; make another one the default first.")
    try:
        site.delete()
    except ProtectedError as error:
        raise Conflict("This site has objects, in the trash perhaps; it cannot go.") from error


def language_tag(value: str) -> str:
    """A well-formed BCP 47 tag in its usual case; raises InvalidPayload on `language`."""
    tag = tag_of(value)
    if not tag:
        raise InvalidPayload(
            f'"{value[:40]}" is not a BCP 47 language tag such as "en" or "pt-BR".',
            attr="language",
        )
    return tag


def country_code(value: str) -> str:
    """An ISO 3166 alpha-2 code in capitals, or ""; raises InvalidPayload on `country`."""
    code = value.upper()
    if code and code not in COUNTRIES:
        raise InvalidPayload(
            f'"{value[:40]}" is not an ISO 3166 country code such as "US".', attr="country"
        )
    return code


def _clean(values: SiteValues) -> dict[str, Any]:
    clean: dict[str, Any] = dict(values)
    if "language" in values:
        clean["language"] = language_tag(values["language"])
    if "country" in values:
        clean["country"] = country_code(values["country"])
    if "guidelines" in values:
        guidelines = checked(Guidelines, values["guidelines"], attr="guidelines")
        clean["guidelines"] = guidelines.model_dump(exclude_unset=True)
    return clean


def _clear_default(account_id: int) -> None:
    lock_account(account_id)
    Site.objects.for_account(account_id).filter(is_default=True).update(is_default=False)
