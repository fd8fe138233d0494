"""The pages that a site has already, whoever wrote them: told by hand or by a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import pieces, write_fields
from igny8_core.core.errors import InvalidPayload, TooLarge
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Account, Site
from igny8_core.core.texts import clip
from igny8_core.planner.intake import RowError
from igny8_core.planner.models import Page
from igny8_core.planner.pagefiles import PageFile, PageFileError, PageRow, read_pages
from igny8_core.planner.pagefiles.address import page_address

PREVIEWED = 20
_AT_A_TIME = 500


class PageValues(TypedDict, total=False):
    """What a person may say of a page."""

    site: Site
    url: str
    title: str
    keyword: str


@dataclass(frozen=True, slots=True)
class PagesResult:
    """What came of a file; `skipped` are pages that were known as they are, or named again."""

    imported: int
    updated: int
    skipped: int
    errors: Sequence[RowError]
    format: str
    rows: Sequence[PageRow]


@transaction.atomic
def create_page(account: Account, **values: Unpack[PageValues]) -> Page:
    """Add a page by hand."""
    page = Page(account=account, site=site_for(account, values.get("site")))
    _save(page, values)
    return page


@transaction.atomic
def change_page(page: Page, **values: Unpack[PageValues]) -> Page:
    """Change what a person names and nothing else."""
    check_site(page, values.get("site"))
    _save(page, values)
    return page


def preview_pages(site: Site, data: bytes) -> PagesResult:
    """What an import would do; nothing is stored."""
    file = _read(data)
    new, changed = 0, 0
    for piece in pieces(file.rows, _AT_A_TIME):
        batch = _compare(site, piece)
        new, changed = new + len(batch[0]), changed + len(batch[1])
    return _result(file, new, changed)


def import_pages(site: Site, data: bytes) -> PagesResult:
    """Add the pages of a file; what it does not say of a known page stays."""
    file = _read(data)
    new, changed = 0, 0
    for piece in pieces(file.rows, _AT_A_TIME):
        imported, updated = _store(site, piece)
        new, changed = new + imported, changed + updated
    return _result(file, new, changed)


def _read(data: bytes) -> PageFile:
    most = settings.IGNY8_IMPORT_MAX_BYTES
    if len(data) > most:
        raise TooLarge(f"A file may have {most / 2**20:g} MB at most.", attr="file")
    try:
        return read_pages(data, max_bytes=most, max_rows=settings.IGNY8_IMPORT_MAX_ROWS)
    except PageFileError as e:
        raise InvalidPayload(str(e), attr="file") from e


@transaction.atomic
def _store(site: Site, rows: Sequence[PageRow]) -> tuple[int, int]:
    # Imports into one site take turns, so that each sees what the other has stored.
    lock_site(site.account_id, site.pk)
    new, changed = _compare(site, rows)
    # A page that a person has added in this very moment is there, which is all that matters.
    Page.unscoped.bulk_create(new, ignore_conflicts=True)
    write_fields(changed, ["title", "keyword"])
    return len(new), len(changed)


def _compare(site: Site, rows: Sequence[PageRow]) -> tuple[list[Page], list[Page]]:
    """The pages that are new, and those of which the rows know more."""
    found = Page.objects.for_account(site.account_id).filter(
        site=site, url__in=[row.url for row in rows]
    )
    known = {page.url: page for page in found}
    new: list[Page] = []
    changed: list[Page] = []
    for row in rows:
        page = known.get(row.url) or Page(account_id=site.account_id, site=site, url=row.url)
        learned = _learn(page, row)
        if row.url not in known:
            new.append(page)
        elif learned:
            changed.append(page)
    return new, changed


def _learn(page: Page, row: PageRow) -> bool:
    told = {"title": clip(row.title), "keyword": clip(row.keyword)}
    news = {name: text for name, text in told.items() if text and getattr(page, name) != text}
    for name, text in news.items():
        setattr(page, name, text)
    return bool(news)


def _result(file: PageFile, new: int, changed: int) -> PagesResult:
    return PagesResult(
        imported=new,
        updated=changed,
        skipped=file.again + len(file.rows) - new - changed,
        errors=file.errors,
        format=file.format,
        rows=file.rows[:PREVIEWED],
    )


def _save(page: Page, values: PageValues) -> None:
    for name in ("title", "keyword"):
        setattr(page, name, values.get(name, getattr(page, name)))
    try:
        page.url = page_address(values.get("url", page.url))
    except ValueError as e:
        raise InvalidPayload(f"This cannot be a page: {e}.", attr="url") from e
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError as e:
        raise InvalidPayload("The site has this page already.", code="unique", attr="url") from e
