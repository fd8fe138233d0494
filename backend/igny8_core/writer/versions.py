"""The versions of an article: which words are current, which were, which are proposed.

Whoever writes one holds the article's row (`locked`) until the transaction ends.
"""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Q

from igny8_core.core.errors import IgnyError, NotInAccount
from igny8_core.core.models import User
from igny8_core.writer.models import Content, ContentVersion
from igny8_core.writer.words import word_count

TEXT = ("title", "html", "meta_title", "meta_description")
DETAILS = ("slug", "primary_keyword", "secondary_keywords", "tags", "categories")

State, Source = ContentVersion.State, ContentVersion.Source


class Standing(NamedTuple):
    """The number of the newest version, and who wrote the current one."""

    last: int
    source: str


def locked(content: Content, *, gone: IgnyError | None = None) -> Content:
    """The article as it is now, held until the transaction ends; raises `gone`."""
    living = Content.objects.for_account(content.account_id).filter(pk=content.pk)
    row = living.select_for_update(no_key=True).first()
    if row is None:
        raise gone or NotInAccount()
    return row


def standing(content: Content) -> Standing:
    """Where a held article's versions stand."""
    found = ContentVersion.objects.for_account(content.account_id).filter(content=content)
    return Standing(
        **found.aggregate(last=Max("number"), source=Max("source", filter=Q(state=State.CURRENT)))
    )


def retire_current(content: Content) -> None:
    """Make room for a new current version."""
    versions = ContentVersion.objects.for_account(content.account_id).filter(content=content)
    versions.filter(state=State.CURRENT).update(state=State.PAST)


def add_version(content: Content, number: int, **values: Any) -> ContentVersion:
    """Write a version down; the text is the article's where `values` do not say another."""
    version = ContentVersion(account_id=content.account_id, content=content, number=number)
    for name, value in {**_words(content), **values}.items():
        setattr(version, name, value)
    version.save(force_insert=True)
    return version


@transaction.atomic
def restore_version(content: Content, number: int, *, user: User) -> ContentVersion:
    """Make a past version current again, as a new one, or accept a proposed one."""
    content = locked(content)
    versions = ContentVersion.objects.for_account(content.account_id).filter(content=content)
    version = versions.filter(number=number).first()
    if version is None:
        raise NotInAccount
    if version.state == State.CURRENT:
        return version
    retire_current(content)
    if version.state == State.PROPOSED:
        apply(content, _words(version), version.details)
        version.state = State.CURRENT
        version.save(update_fields=["state"])
        return version
    apply(content, _words(version))
    return add_version(
        content,
        standing(content).last + 1,
        source=Source.RESTORE,
        state=State.CURRENT,
        author=user,
    )


def apply(content: Content, text: dict[str, str], details: dict[str, Any] | None = None) -> None:
    """Give a held article these words; an address that it has already stays."""
    changes = {**text, **(details or {})}
    if content.slug:
        changes.pop("slug", None)
    for name, value in changes.items():
        setattr(content, name, value)
    content.word_count = word_count(content.html)
    content.version += 1
    content.save(update_fields=[*changes, "word_count", "version"])


def _words(source: Content | ContentVersion) -> dict[str, str]:
    return {name: getattr(source, name) for name in TEXT}
