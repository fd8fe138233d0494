"""What a run wrote, stored so that it never replaces a person's words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from igny8_core.core.errors import TargetGone
from igny8_core.core.texts import clip, distinct
from igny8_core.writer.models import Content, Tasks
from igny8_core.writer.versions import (
    DETAILS,
    TEXT,
    Source,
    State,
    add_version,
    apply,
    locked,
    retire_current,
    standing,
)
from igny8_core.writer.words import slug_for, word_count


@dataclass(frozen=True, slots=True)
class ArticleToSave:
    """An article as a run wrote it; `html` is clean already."""

    title: str
    html: str
    meta_title: str = ""
    meta_description: str = ""
    slug: str = ""
    primary_keyword: str = ""
    secondary_keywords: Sequence[str] = ()
    tags: Sequence[str] = ()
    categories: Sequence[str] = ()


@transaction.atomic(savepoint=False)
def save_article(task: Tasks, article: ArticleToSave, *, run_item: int) -> Content:
    """Store the article of a task and complete the task; raises TargetGone.

    A task that has an article gets a new version of it: current, but only proposed where a
    person wrote the current one or the article is published.
    """
    # First the task's row: it holds off whoever else would write this task's article.
    living = Tasks.objects.for_account(task.account_id).filter(pk=task.pk)
    if not living.update(status=Tasks.Status.COMPLETED):
        raise TargetGone("The task was deleted while its article was written.")
    values = _fitted(article)
    existing = Content.objects.for_account(task.account_id).filter(task=task)
    # Nearly every task has none yet: to ask for that alone takes a fraction of reading a row.
    if not existing.exists():
        return _first(task, values, run_item)
    content = existing.select_for_update(no_key=True).get()
    _write_over(content, values, run_item)
    return content


@transaction.atomic(savepoint=False)
def set_meta(content: Content, *, title: str, description: str) -> Content:
    """Store the meta title and description that a run wrote, by the rules of `save_article`."""
    content = locked(content, gone=TargetGone("The article was deleted in the meantime."))
    meta = {"meta_title": clip(title, 255), "meta_description": clip(description)}
    _write_over(content, meta, run_item=None)
    return content


def _fitted(article: ArticleToSave) -> dict[str, Any]:
    """The article's values, as long as their columns."""
    values = asdict(article)
    limits = {"title": 500, "meta_title": 255, "slug": 255, "primary_keyword": 255}
    for name in ("title", "html", "meta_title", "meta_description", "slug", "primary_keyword"):
        values[name] = clip(values[name], limits.get(name))
    for name in ("secondary_keywords", "tags", "categories"):
        values[name] = distinct(values[name])
    values["slug"] = values["slug"] or slug_for(values["title"])
    return values


def _first(task: Tasks, values: dict[str, Any], run_item: int) -> Content:
    content = Content(account_id=task.account_id, site_id=task.site_id, task=task)
    for name, value in values.items():
        setattr(content, name, value)
    content.language = task.site.language
    content.word_count = word_count(content.html)
    content.save(force_insert=True)
    add_version(
        content,
        1,
        source=Source.AI,
        state=State.CURRENT,
        run_item=run_item,
        details=_details(values),
    )
    return content


def _write_over(content: Content, values: dict[str, Any], run_item: int | None) -> None:
    """A new version of a held article: current where no person's words would go."""
    last, source = standing(content)
    is_ours = source == Source.AI and content.status != Content.Status.PUBLISHED
    text = {name: values[name] for name in TEXT if name in values}
    details = _details(values)
    if is_ours:
        retire_current(content)
        apply(content, text, details)
    add_version(
        content,
        last + 1,
        source=Source.AI,
        state=State.CURRENT if is_ours else State.PROPOSED,
        run_item=run_item,
        details=details,
        **text,
    )


def _details(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in DETAILS if name in values}
