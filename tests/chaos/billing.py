"""What is asked of the provider, and billed, for each article that is saved (R6, R11, R12)."""

import math
from collections import defaultdict
from collections.abc import Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from tests.chaos.plant import Trial

#: A batch is as large as the API takes.
BATCH = 50
#: The workers' calls at once where they are counted.
CALLS_AT_ONCE = 8
#: Half of all calls are told to wait, some of them by a date; each wait is the whole key's.
THROTTLES = (
    "429 retry_after=0.2 probability=0.35 seed=1",
    "429 retry_after=0.5 probability=0.2 seed=2",
    "429 retry_after=date:2 probability=0.03 seed=3",
    "delay=0.02",
)


def no_faults(trial: Trial) -> None:
    """Every saved article was billed once."""
    trial.plant.sandbox.behave()
    _all_of_it(trial)
    trial.expect_of = _billed_per_saved(trial, most=1.0)


def lost_answers(trial: Trial) -> None:
    """One answer of ten is lost after it was billed: asked again, but not for ever."""
    trial.plant.sandbox.behave("reset_after probability=0.1 seed=1")
    _all_of_it(trial)
    trial.expect_of = _billed_per_saved(trial, most=1.15, failures=True)
    times = max(map(len, _calls_by_item(trial).values()))
    trial.figures.notes["most_calls_of_an_item"] = times
    if times > 3:
        trial.figures.wrong.append(f"an item was asked for {times} times")


def no_quota(trial: Trial) -> None:
    """After the first answer that there is no quota left, no further call goes out."""
    trial.plant.sandbox.behave("insufficient_quota delay=0.3")
    trial.order(accounts=1, batch=BATCH)
    trial.plant.worker(slots=4, settings={"IGNY8_MAX_CONCURRENCY": CALLS_AT_ONCE})
    trial.finish()
    calls = trial.plant.sandbox.log(limit="0")["count"]
    trial.figures.notes |= {"calls": calls, "calls_at_once": CALLS_AT_ONCE}
    if calls > CALLS_AT_ONCE:
        trial.figures.wrong.append(f"{calls} calls without quota, {CALLS_AT_ONCE} at once")
    trial.expect_of = lambda books: (
        [] if books.failed == books.ordered else [f"{books.failed} failed of {books.ordered}"]
    )


def throttled(trial: Trial) -> None:
    """No call arrives before the provider wants it."""
    trial.plant.sandbox.behave(*THROTTLES)
    _all_of_it(trial)
    waits = [
        (after["time"], _not_before(before))
        for calls in _calls_by_item(trial).values()
        for before, after in zip(calls, calls[1:], strict=False)
        if before["status"] == 429
    ]
    early = [(came, due) for came, due in waits if came < due]
    trial.figures.notes |= {"throttled_calls": len(waits), "early_calls": len(early)}
    if early:
        trial.figures.wrong.append(f"{len(early)} calls of {len(waits)} came early: {early[:3]}")
    if len(waits) < 0.9 * trial.figures.items:
        trial.figures.wrong.append(f"no more than {len(waits)} calls were throttled")
    trial.expect_of = _billed_per_saved(trial, most=1.0)


def _all_of_it(trial: Trial) -> None:
    trial.order(accounts=4, batch=BATCH)
    for _ in range(2):
        trial.plant.worker(slots=4)
    trial.finish()


def _calls_by_item(trial: Trial) -> dict[str, list[dict[str, Any]]]:
    calls = defaultdict(list)
    for one in trial.plant.sandbox.log()["entries"]:
        calls[one["prompt_sha"]].append(one)
    return calls


def _not_before(call: dict[str, Any]) -> float:
    """When the provider wants the call again; it said so after the call had arrived."""
    asked = call["fault"].partition("retry_after=")[2].split()[0]
    if asked.startswith("date:"):
        date = formatdate(call["time"] + float(asked.removeprefix("date:")), usegmt=True)
        return parsedate_to_datetime(date).timestamp()
    return call["time"] + float(asked)


def _billed_per_saved(
    trial: Trial, most: float, *, failures: bool = False
) -> Callable[[Any], list[str]]:
    def expect(books: Any) -> list[str]:
        share = books.billed / books.saved if books.saved else math.inf
        trial.figures.notes["billed_per_saved"] = round(share, 4)
        wrong = [f"billed per saved item: {share:.4f}, at most {most}"] if share > most else []
        if books.failed and not failures:
            wrong.append(f"{books.failed} failed: {books.reasons[:3]}")
        return wrong

    return expect
