"""Articles, as people write them and as the other rooms read them."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import in_order
from igny8_core.core.errors import Conflict, InvalidPayload
from igny8_core.core.models import Account, Site, User
from igny8_core.core.sites import language_tag
from igny8_core.core.tenancy import AccountRef
from igny8_core.core.trash import hold, put_in_trash, take_from_trash
from igny8_core.writer.html import NotAnArticle, clean_html
from igny8_core.writer.models import Content, Images, Tasks
from igny8_core.writer.versions import (
    TEXT,
    Source,
    State,
    add_version,
    locked,
    retire_current,
    standing,
)
from igny8_core.writer.words import slug_for, word_count


class ContentValues(TypedDict, total=False):
    """What a person may say of an article."""

    site: Site
    task: Tasks | None
    title: str
    html: str
    meta_title: str
    meta_description: str
    slug: str
    language: str
    primary_keyword: str
    secondary_keywords: list[str]
    tags: list[str]
    categories: list[str]
    status: str


def contents_for(account: AccountRef, content_ids: Sequence[int]) -> list[Content]:
    """The account's living articles of these ids, in their order, with their site."""
    return in_order(Content.objects.for_account(account).select_related("site"), content_ids)


@transaction.atomic
def create_content(account: Account, *, user: User, **values: Unpack[ContentValues]) -> Content:
    """Add an article that a person wrote: its version 1."""
    site = site_for(account, values.get("site"), task=values.get("task"))
    content = Content(account=account, site=site, language=site.language)
    _check_task(content, values.get("task"))
    _take(content, values)
    content.slug = content.slug or slug_for(content.title)
    content.save()
    add_version(content, 1, source=Source.PERSON, state=State.CURRENT, author=user)
    return content


@transaction.atomic
def change_content(
    content: Content, *, user: User, version: int | None = None, **values: Unpack[ContentValues]
) -> Content:
    """Change what a person names; other words are a new version.

    Raises Conflict where `version` is not the article's: somebody changed it meanwhile.
    """
    check_site(content, values.get("site"), task=values.get("task"))
    _check_task(content, values.get("task"))
    content = locked(content)
    if version not in (None, content.version):
        raise Conflict(
            f"The article has changed: it is at version {content.version} now. Read it again.",
            code="stale_version",
            attr="version",
        )
    before = [getattr(content, name) for name in TEXT]
    content.version += 1
    content.save(update_fields=["version", *_take(content, values)])
    if before != [getattr(content, name) for name in TEXT]:
        number = standing(content).last + 1
        retire_current(content)
        add_version(content, number, source=Source.PERSON, state=State.CURRENT, author=user)
    return content


@transaction.atomic
def trash_content(content: Content) -> None:
    """Delete the article; its pictures go with it."""
    moment = put_in_trash(content)
    Images.objects.for_account(content.account_id).filter(content=content).update(deleted_at=moment)


@transaction.atomic
def restore_content(content: Content) -> Content:
    """Bring the article back, and those pictures that went with it."""
    moment = content.deleted_at
    take_from_trash(content)
    pictures = Images.objects.trashed(content.account_id).filter(content=content)
    pictures.filter(deleted_at=moment).update(deleted_at=None)
    return content


def _take(content: Content, values: ContentValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name != "site"}
    if "html" in given:
        given["html"] = _clean(given["html"])
        given["word_count"] = word_count(given["html"])
    if "language" in given:
        given["language"] = language_tag(given["language"] or content.site.language)
    if "slug" in given:
        given["slug"] = given["slug"] or slug_for(given.get("title", content.title))
    for name, value in given.items():
        setattr(content, name, value)
    return list(given)


def _check_task(content: Content, task: Tasks | None) -> None:
    """A task has one article; it is held, and before the article is, as by a run that writes it."""
    if task is None:
        return
    if not hold(task):
        raise InvalidPayload("There is no such task.", code="does_not_exist", attr="task")
    others = Content.objects.for_account(content.account_id).filter(task=task)
    if others.exclude(pk=content.pk).exists():
        raise InvalidPayload("This task has its article already.", code="unique", attr="task")


def _clean(html: str) -> str:
    try:
        return clean_html(html)
    except NotAnArticle as e:
        raise InvalidPayload(str(e), attr="html") from e
