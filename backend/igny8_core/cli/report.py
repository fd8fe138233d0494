"""What a pipeline made, what failed and what it took: `report.json`, and a few lines to read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from igny8_core.cli.stages import Failure, Stage


@dataclass
class Report:
    """Filled in as the job goes on."""

    file: str
    format: str
    site: str
    started_at: datetime
    #: Whether the stand-in plays every provider.
    sandbox: bool
    seconds: float = 0.0
    #: Everything that belongs to the file's keywords, made by this call or by one before it.
    counts: dict[str, int] = field(default_factory=dict)
    imported: dict[str, int] = field(default_factory=dict)
    bad_rows: list[dict[str, Any]] = field(default_factory=list)
    keywords_without_cluster: list[str] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    #: Credits given to the demo account, which lacked them for work that costs nobody anything.
    granted: int = 0
    #: Why the job ended before its last stage.
    stopped: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing failed and nothing is missing."""
        return not (self.failures or self.keywords_without_cluster or self.stopped)

    def as_dict(self) -> dict[str, Any]:
        """The report as data."""
        return {
            **asdict(self),
            "started_at": self.started_at.isoformat(),
            "every_keyword_has_one_cluster": not self.keywords_without_cluster,
            "stages": [
                {**asdict(stage), "cost_usd": _usd(stage.cost_usd)} for stage in self.stages
            ],
            "totals": self._totals(),
        }

    def summary(self) -> str:
        """What a person wants to know first."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        chain = " -> ".join(f"{count:,} {name}" for name, count in self.counts.items())
        yield f"{chain} in {self.seconds:.0f} s"
        if self.keywords_without_cluster:
            yield f"{len(self.keywords_without_cluster)} keyword(s) without a cluster"
        else:
            yield "Every keyword has exactly one cluster."
        totals = self._totals()
        cost = f"{totals['credits']:,} credits, {totals['cost_usd']} USD"
        if totals["unpriced"]:
            cost += f" and {totals['unpriced']} call(s) of unknown price"
        yield cost + (" (the sandbox answered: nothing was paid)" if self.sandbox else "")
        if self.granted:
            yield f"The demo account had too few and was given {self.granted:,} credits."
        for failure in self.failures[:10]:
            yield f"Failed: {failure.object}: {failure.cause}"
        if len(self.failures) > 10:
            yield f"... and {len(self.failures) - 10} more, see report.json"
        if self.failures:
            yield self.failures[0].next_step
        if self.stopped:
            yield f"Stopped: {self.stopped}"

    def _totals(self) -> dict[str, Any]:
        return {
            "credits": sum(stage.credits for stage in self.stages),
            "cost_usd": _usd(sum((stage.cost_usd for stage in self.stages), Decimal())),
            "unpriced": sum(stage.unpriced for stage in self.stages),
            "tokens_input": sum(stage.tokens_input for stage in self.stages),
            "tokens_output": sum(stage.tokens_output for stage in self.stages),
        }


def _usd(cost: Decimal) -> str:
    return format(cost.normalize(), "f")
