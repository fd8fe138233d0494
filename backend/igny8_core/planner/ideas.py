"""Ideas for articles, as people write them and as a run finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from django.db import transaction

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.errors import TargetGone
from igny8_core.core.locks import lock_site
from igny8_core.core.models import Account, Site
from igny8_core.core.texts import clip, distinct
from igny8_core.planner.models import Cluster, ContentIdeas, folded_title
from igny8_core.planner.outlines import OutlinePart, outline_of

MAX_WORDS = 100_000


class IdeaValues(TypedDict, total=False):
    """What a person may say of an idea."""

    site: Site
    title: str
    description: str
    outline: list[OutlinePart]
    content_type: str
    content_structure: str
    target_keywords: list[str]
    cluster: Cluster | None
    estimated_word_count: int | None
    status: str


@dataclass(frozen=True, slots=True)
class IdeaToSave:
    """An idea as a run found it; `outline` in any shape that `outline_of` reads."""

    title: str
    description: str = ""
    outline: object = None
    content_type: str = ""
    content_structure: str = ""
    target_keywords: Sequence[str] = ()
    estimated_word_count: int | None = None


@transaction.atomic
def create_idea(account: Account, **values: Unpack[IdeaValues]) -> ContentIdeas:
    """Add an idea by hand."""
    site = site_for(account, values.get("site"), cluster=values.get("cluster"))
    idea = ContentIdeas(account=account, site=site)
    _take(idea, values)
    idea.save()
    return idea


@transaction.atomic
def change_idea(idea: ContentIdeas, **values: Unpack[IdeaValues]) -> ContentIdeas:
    """Change what a person names and nothing else."""
    check_site(idea, values.get("site"), cluster=values.get("cluster"))
    idea.save(update_fields=_take(idea, values))
    return idea


@transaction.atomic(savepoint=False)
def save_ideas(cluster: Cluster, ideas: Sequence[IdeaToSave], *, run_item: int) -> list[int]:
    """Add what a run found; a title that the site has already is not added twice."""
    # Two runs may find the same title for two clusters: one site's ideas are saved in turn.
    lock_site(cluster.account_id, cluster.site_id)
    living = Cluster.objects.for_account(cluster.account_id).filter(pk=cluster.pk)
    if not living.update(status=Cluster.Status.PLANNED):
        raise TargetGone("The cluster was deleted while ideas for it were written.")
    wanted: dict[str, IdeaToSave] = {}
    for idea in ideas:
        wanted.setdefault(folded_title(clip(idea.title, 500)), idea)
    known = ContentIdeas.objects.for_account(cluster.account_id).filter(
        site=cluster.site_id, folded__in=wanted
    )
    known_titles = set(known.values_list("folded", flat=True))
    new = [
        _found(cluster, idea, run_item)
        for title, idea in wanted.items()
        if title and title not in known_titles
    ]
    return [idea.pk for idea in ContentIdeas.unscoped.bulk_create(new)]


def _found(cluster: Cluster, found: IdeaToSave, run_item: int) -> ContentIdeas:
    words = found.estimated_word_count
    idea = ContentIdeas(
        account_id=cluster.account_id,
        site_id=cluster.site_id,
        cluster=cluster,
        run_item=run_item,
        description=clip(found.description),
        outline=outline_of(found.outline, description=found.description),
        content_type=clip(found.content_type, 64),
        content_structure=clip(found.content_structure, 64),
        target_keywords=distinct(found.target_keywords),
        estimated_word_count=None if words is None else min(max(words, 0), MAX_WORDS),
    )
    idea.set_title(clip(found.title, 500))
    return idea


def _take(idea: ContentIdeas, values: IdeaValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name != "site"}
    for name, value in given.items():
        setattr(idea, name, value)
    if "title" in given:
        idea.set_title(given["title"])
        return [*given, "folded"]
    return list(given)
