"""`igny8 pipeline --dry-run`: what each stage would ask, skip and cost; nothing is kept.

The file's keywords are imported in a transaction that is rolled back, so that the prompts are
the real ones. What a stage finds to do is quoted; what the stage before it has yet to make is not.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from igny8_core.ai import orders, registry
from igny8_core.ai.assignments import Assignment, assignments_of
from igny8_core.ai.expectations import total
from igny8_core.ai.pricing import price_of
from igny8_core.ai.quotes import Quote, quote_of
from igny8_core.billing import ledger
from igny8_core.cli.job import STAGES, WORKS_ON, Client, Order, site_named
from igny8_core.cli.made import Made
from igny8_core.core.bulk import pieces
from igny8_core.core.errors import NothingToDo
from igny8_core.core.models import Account
from igny8_core.planner.imports import import_keywords, read_file
from igny8_core.planner.learning import keyword_ids

#: Ids of one quote where the function itself sets no bound: as many as a run of it takes.
_MOST = 10_000


@dataclass
class StageForecast:
    """What one stage would do."""

    title: str
    works_on: str
    called: Assignment
    credits_each: int
    quotes: list[Quote] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.title:<14} {self._what()}"
        for reason, number in self.skipped.items():
            yield f"{'':<14} skipped: {number:,} of the {self.works_on}: {reason}"
        if self.called.notice:
            yield f"{'':<14} {self.called.notice}"

    def _what(self) -> str:
        if not self.quotes and self.skipped:
            return "nothing is left to do"
        if not self.quotes:
            each = f"{self.credits_each} credit(s) each"
            return f"{self.called.model}; no {self.works_on} yet, {each}"
        sent = sum(quote["tokens_input"] for quote in self.quotes)
        most = sum(quote["tokens_output_max"] for quote in self.quotes)
        return (
            f"{self.called.model}, {sum(quote['items'] for quote in self.quotes):,} call(s): "
            f"{sent:,} tokens in, at most {most:,} out; {self._cost()}; "
            f"{sum(quote['credits'] for quote in self.quotes):,} credit(s)"
        )

    def _cost(self) -> str:
        expected, most = (
            total(_decimal(quote["cost_usd"][which]) for quote in self.quotes)
            for which in ("expected", "max")
        )
        if expected is None or most is None:
            return f"cost unknown ({sum(quote['unpriced'] for quote in self.quotes)} unpriced)"
        return f"{expected.normalize():f} USD expected, {most.normalize():f} at most"


def forecast(order: Order, client: Client) -> str:
    """What the file holds, what each stage would take, and what there is to spend."""
    intake = read_file(order.data, filename=order.filename)
    keywords = len(intake.rows[: order.limit])
    lines = [
        f"{order.filename}: {intake.format}, {keywords:,} keyword(s) to work on, "
        f"{len(intake.errors)} row(s) that cannot be read"
    ]
    with _nothing_is_kept():
        site = site_named(client.account, order.site)
        import_keywords(site, order.data, filename=order.filename, limit=order.limit)
        made = Made(client.account, keyword_ids(site, intake.rows, order.limit))
        called = assignments_of(client.account)
        for name, title in STAGES:
            ids = made.ids(WORKS_ON[name])
            lines += _stage(client.account, name, title, called[name], ids).lines()
    balance = ledger.balance(client.account).credits
    played = "; the sandbox plays every provider" if client.pays_nobody else ""
    return "\n".join([*lines, f"{client.account.name} has {balance:,} credits{played}"])


def _stage(
    account: Account, name: str, title: str, called: Assignment, ids: Sequence[int]
) -> StageForecast:
    function = registry.get_function_instance(name)
    stage = StageForecast(title, WORKS_ON[name], called, price_of(function))
    for batch in pieces(ids, function.get_max_items() or _MOST):
        order = orders.take_order(name, {"ids": batch}, account)
        try:
            orders.skip(order)
            stage.quotes.append(quote_of(order))
        except NothingToDo:
            pass
        stage.skipped.update(order.skipped.values())
    return stage


@contextmanager
def _nothing_is_kept() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
