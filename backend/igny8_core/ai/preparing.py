"""PREP: from a run's open items to what each goes on with, a question or an answer it has."""

from collections.abc import Sequence

from igny8_core.ai import embedding, items, journal, loading
from igny8_core.ai.ai_core import CallPlan
from igny8_core.ai.desk import NOT_THE_ITEMS, Desk
from igny8_core.ai.models import ProviderCall
from igny8_core.ai.phases import Phase
from igny8_core.ai.questions import Questions
from igny8_core.ai.requests import Answer
from igny8_core.ai.retries import is_spent
from igny8_core.ai.verdicts import ITEM_CRASHED, PAID_ENOUGH
from igny8_core.ai.work import Work

MAX_CRASHES = 3


def make_groups(desk: Desk) -> None:
    """Items that exist only now: one per piece, in one fenced transaction."""
    run = desk.run
    desk.function.embed = embedding.chosen(desk)
    payloads = items.groups_left(run) or loading.groups(desk.function, run)
    made = desk.tracker.commit(lambda: items.make_groups(run, payloads), items_total=len(payloads))
    run.items_total = len(made)
    desk.open(made)


def prepare(desk: Desk, questions: Questions, first: CallPlan | None) -> None:
    """Load all items together, then have each go on by itself from what the journal holds."""
    run, works = desk.run, desk.works
    kept = {work.item.pk: work.item.payload.get("kept") for work in works.values()}
    calls = journal.calls_of([*kept, *filter(None, kept.values())])
    if first:
        questions.choice.begin(first, [call for pk in kept for call in calls.get(pk, [])])
    for pk in works:
        desk.tracker.move(pk, Phase.PREP)
    desk.tracker.commit(
        lambda: items.begin(run, desk.function, list(works)),
        provider=run.provider,
        model=run.model,
    )
    loading.load_together(desk.function, run, works.values())
    for pk, work in list(works.items()):
        _prepare_item(desk, questions, work, calls.get(pk) or calls.get(kept[pk] or 0, []))
        desk.tracker.tick()


def _prepare_item(
    desk: Desk, questions: Questions, work: Work, calls: Sequence[ProviderCall]
) -> None:
    try:
        if work.item.crashes >= MAX_CRASHES:
            raise ITEM_CRASHED
        loading.load(desk.function, desk.run, work)
        if questions.choice.plan is None:
            text = desk.function.answer_without_call(work.data)
            work.answer = Answer(body=b"", text=text)
        else:
            questions.word(work)
    except NOT_THE_ITEMS:
        raise
    except Exception as error:  # noqa: BLE001 - one failed item fails alone
        return desk.fail(work, desk.shown(error))
    _go_on(desk, questions, work, calls)


def _go_on(desk: Desk, questions: Questions, work: Work, calls: Sequence[ProviderCall]) -> None:
    """Read what was answered, fetch what was paid for, or else ask."""
    if work.request is None or work.resume(calls):
        return desk.put_ready(work)
    if work.to_fetch:
        return questions.queue(work)
    if is_spent(work.history, work.question):
        return desk.fail(work, work.failure or PAID_ENOUGH)
    if not questions.shorten_if_too_long(work):
        questions.queue(work)
