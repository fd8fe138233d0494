"""From an idea to the task of writing it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from igny8_core.core.bulk import in_order, pieces
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.tenancy import AccountRef
from igny8_core.planner.models import ContentIdeas
from igny8_core.writer.models import Tasks
from igny8_core.writer.tasks import comma_separated


@transaction.atomic
def queue_ideas(account: AccountRef, idea_ids: Sequence[int]) -> list[int]:
    """One task per idea, once: asked again, the same tasks answer; in the order of the ids."""
    ideas = in_order(ContentIdeas.objects.for_account(account), idea_ids)
    if len(ideas) < len(set(idea_ids)):
        raise InvalidPayload("There is no such idea.", code="does_not_exist", attr="ids")
    queued = _tasks_of(account, idea_ids)
    new = [_task_for(idea) for idea in ideas if idea.pk not in queued]
    # Where another request queues the same idea, its task is the one: both answer it.
    Tasks.unscoped.bulk_create(new, ignore_conflicts=True)
    for piece in pieces(idea_ids):
        rows = ContentIdeas.objects.for_account(account).filter(pk__in=piece)
        rows.update(status=ContentIdeas.Status.QUEUED)
    queued |= _tasks_of(account, [idea.pk for idea in ideas if idea.pk not in queued])
    return [queued[idea.pk] for idea in ideas]


def _tasks_of(account: AccountRef, idea_ids: Sequence[int]) -> dict[int | None, int]:
    """The living task of each idea: the one it was queued as, else the first made by hand."""
    by_hand: dict[int | None, int] = {}
    queued: dict[int | None, int] = {}
    for piece in pieces(idea_ids):
        tasks = Tasks.objects.for_account(account).order_by("-pk")
        rows = tasks.filter(Q(idea__in=piece) | Q(queued_from__in=piece))
        for pk, idea, queued_from in rows.values_list("pk", "idea", "queued_from"):
            by_hand[idea], queued[queued_from] = pk, pk
    return by_hand | queued


def _task_for(idea: ContentIdeas) -> Tasks:
    return Tasks(
        account_id=idea.account_id,
        site_id=idea.site_id,
        idea=idea,
        queued_from=idea.pk,
        cluster_id=idea.cluster_id,
        title=idea.title,
        description=idea.description,
        outline=idea.outline,
        keywords=comma_separated(idea.target_keywords),
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        word_count=idea.estimated_word_count,
    )
