"""Accounts that order work, watch them come, and compare what they got with what was billed.

What is believed: the stand-in's log, the public API and `ledger.reconcile()`. Never the engine.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import connection

from igny8_core.billing import ledger
from igny8_core.core.models import Site
from igny8_core.writer.models import Tasks
from tests.world import Api, Person, an_owner

BANDS = ("INIT", "PREP", "AI_CALL", "PARSE", "SAVE", "DONE")
_numbers = count(1)


@dataclass
class Watched:
    """A run as its customer saw it last."""

    task_id: str
    ids: list[int]
    state: str = "PENDING"
    phase: str = "INIT"
    percentage: int = 0
    #: Items that had ended, however they did.
    ended: int = 0
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def is_finished(self) -> bool:
        return self.state in {"SUCCESS", "FAILURE"}


class Customer:
    """One account with its token; it orders articles."""

    price = 10
    action = "writer/tasks/auto_generate_content/"

    def __init__(self, *, credits: int = 1_000_000) -> None:
        number = next(_numbers)
        self.person: Person = an_owner(f"chaos{number}@example.org", account_name=f"Chaos {number}")
        self.api: Api = self.person.api
        ledger.grant(self.person.account, credits, key="chaos")
        self.runs: list[Watched] = []
        self.wrong: list[str] = []

    def tasks(self, number: int, title: str = "Subject") -> list[int]:
        """New writing tasks; no two of them make the same prompt."""
        account = self.person.account
        site = Site.objects.for_account(account).get(is_default=True)
        made = Tasks.unscoped.bulk_create(
            Tasks(account=account, site=site, title=self.new_title(title), word_count=60)
            for _ in range(number)
        )
        return [task.pk for task in made]

    @staticmethod
    def new_title(title: str) -> str:
        """A title that nobody had before."""
        return f"{title} {next(_numbers)}"

    def saved(self) -> Counter[int]:
        """How often each task was saved; a second version raises the number that the API shows."""
        saved: Counter[int] = Counter()
        for row in self.everything("writer/content/"):
            saved[row["task"]] += row["version"]
        return saved

    def order(self, ids: list[int], **headers: str) -> Watched:
        """One batch of articles."""
        answer = self.post(ids, **headers)
        assert answer.status_code == 202, answer.content
        return self.watch(answer.json()["task_id"], ids)

    def post(self, ids: list[int], **headers: str) -> Any:
        """The request for a batch."""
        return self.api.post(self.action, {"ids": ids}, headers=headers)

    def watch(self, task_id: str, ids: list[int]) -> Watched:
        """Look after a run that has begun."""
        run = Watched(task_id, ids)
        self.runs.append(run)
        return run

    def look(self) -> None:
        """Ask for the progress of what is going on; it never goes back."""
        for run in [one for one in self.runs if not one.is_finished]:
            answer = self.api.get(f"system/settings/task_progress/{run.task_id}/")
            if answer.status_code == 503:
                connection.close()
                continue
            if answer.status_code != 200:
                self.wrong.append(f"progress answered {answer.status_code}")
                continue
            self._compare(run, answer.json())

    def _compare(self, run: Watched, now: dict[str, Any]) -> None:
        meta = now["meta"]
        if meta["percentage"] < run.percentage:
            self.wrong.append(f"percentage went from {run.percentage} to {meta['percentage']}")
        if BANDS.index(meta["phase"]) < BANDS.index(run.phase):
            self.wrong.append(f"phase went from {run.phase} to {meta['phase']}")
        run.state, run.phase = now["state"], meta["phase"]
        run.percentage = meta["percentage"]
        run.ended = meta["items_done"] + meta["items_failed"]
        run.result = meta.get("result") or {}

    def retry_failed(self) -> int:
        """Press Retry wherever something failed; how many items that was."""
        failed = 0
        for run in [one for one in self.runs if one.result.get("failed")]:
            ids = [one["id"] for one in run.result["items"] if one["state"] == "FAILURE"]
            answer = self.api.post(f"ai/tasks/{run.task_id}/retry/")
            if answer.status_code == 202:
                failed += len(ids)
                self.watch(answer.json()["task_id"], ids)
        return failed

    @property
    def is_done(self) -> bool:
        return all(run.is_finished for run in self.runs)

    @property
    def ended(self) -> int:
        return sum(run.ended for run in self.runs)

    def everything(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        rows: list[dict[str, Any]] = []
        page: str | None = f"{path}?page_size=500"
        while page:
            answer = self.api.get(page).json()
            rows += answer["results"]
            page = answer["next"] and f"{path}?{answer['next'].partition('?')[2]}"
        return rows


@dataclass
class Books:
    """What was ordered, saved, charged and billed."""

    ordered: int = 0
    saved: int = 0
    failed: int = 0
    lost: int = 0
    duplicated: int = 0
    ledger_differences: int = 0
    billed: int = 0
    #: Billed calls beyond the one that each item needs.
    extra: int = 0
    #: Why items failed.
    reasons: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def audit(customers: list[Customer], log: dict[str, Any]) -> Books:
    """Compare what customers got with what the provider billed."""
    books = Books()
    for customer in customers:
        books.wrong += customer.wrong
        _audit_output(books, customer)
        _audit_ledger(books, customer)
    differences = ledger.reconcile()
    books.ledger_differences += len(differences)
    books.wrong += differences
    billed = Counter(entry["prompt_sha"] for entry in log["entries"] if entry["billed"])
    books.billed = sum(billed.values())
    books.extra = sum(times - 1 for times in billed.values())
    if len(billed) < books.saved:
        books.wrong.append(f"{books.saved} saved, but only {len(billed)} were ever billed")
    return books


def _audit_output(books: Books, customer: Customer) -> None:
    """One content with one version for each task whose item succeeded, none for the others."""
    ordered = {one for run in customer.runs for one in run.ids}
    ends = [one for run in customer.runs for one in run.result.get("items", ())]
    succeeded = Counter(one["id"] for one in ends if one["state"] == "SUCCESS")
    failed = [one["id"] for one in ends if one["state"] == "FAILURE" and not succeeded[one["id"]]]
    saved = customer.saved()
    books.ordered += len(ordered)
    books.saved += len(saved)
    books.failed += len(failed)
    cancelled = {one["id"] for one in ends if one["state"] == "CANCELLED"}
    lost = ordered - saved.keys() - set(failed) - cancelled
    twice = [pk for pk in saved | succeeded if max(saved[pk], succeeded[pk]) > 1]
    books.reasons += [f"{one['id']}: {one['error']}" for one in ends if one["state"] == "FAILURE"]
    books.lost += len(lost)
    books.duplicated += len(twice)
    unfinished = [run.task_id for run in customer.runs if not run.is_finished]
    if lost or twice or unfinished or saved.keys() - succeeded.keys():
        books.wrong.append(
            f"lost tasks {sorted(lost)}, twice {twice}, runs not ended {unfinished}, "
            f"saved without success {sorted(saved.keys() - succeeded.keys())}"
        )


def _audit_ledger(books: Books, customer: Customer) -> None:
    """One settlement for each item saved, one release for each that failed, nothing reserved."""
    lines = customer.everything("billing/transactions/")
    kinds: dict[str, Counter[tuple[str, int]]] = {}
    for line in lines:
        kinds.setdefault(line["kind"], Counter())[line["task_id"], line["item"]] += 1
    settled, released = kinds.get("settle", Counter()), kinds.get("release", Counter())
    used = customer.everything("billing/usage/")
    ends = [one["state"] for run in customer.runs for one in run.result.get("items", ())]
    charged = sum(row["credits_used"] for row in used)
    balance = customer.api.get("billing/balance/").json()
    facts = {
        "settled twice": [pk for pk, times in settled.items() if times > 1],
        "released twice": [pk for pk, times in released.items() if times > 1],
        "settled and released": sorted(settled.keys() & released.keys()),
        "settlements beside the saved": settled.total() - ends.count("SUCCESS"),
        "releases beside the failed": released.total() - len(ends) + ends.count("SUCCESS"),
        "usage rows beside the items": len(used) - len(ends),
        "credits used beside the saved": charged - customer.price * ends.count("SUCCESS"),
        "still reserved": balance["reserved"],
        "below zero": [line["id"] for line in lines if line["balance_after"] < 0],
        "balance beside its lines": balance["credits"] - sum(line["amount"] for line in lines),
    }
    wrong = [f"{what}: {found}" for what, found in facts.items() if found]
    books.ledger_differences += len(wrong)
    books.wrong += wrong
