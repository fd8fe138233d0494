"""A figure and the line it is shown in."""

from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True)
class Figure:
    """What was measured, what it is held against, and the limit it should keep."""

    name: str
    measured: str
    compared_with: str = ""
    ratio: float | None = None
    limit: float | None = None
    unit: str = "x"
    is_missing: bool = False

    @property
    def verdict(self) -> str:
        if self.is_missing:
            return "MISSING"
        if self.ratio is None or self.limit is None:
            return ""
        return "kept" if self.ratio <= self.limit else "ABOVE"

    @property
    def fails(self) -> bool:
        """Whether a run that has this figure is to be told from a good one."""
        return self.verdict in {"ABOVE", "MISSING"}


def missing(name: str, why: str) -> Figure:
    """In the place of a figure that could not be taken."""
    return Figure(name, "", why, is_missing=True)


def show(figure: Figure) -> None:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} {figure.unit}"
    limit = "" if figure.limit is None else f"limit {figure.limit:g} {figure.unit}"
    cells = (
        f"  {figure.name:<46}",
        f"{figure.measured:>20}",
        f"{figure.compared_with:<30}",
        f"{ratio:>10}",
        f"{limit:<13}",
        figure.verdict,
    )
    print("  ".join(cells).rstrip(), flush=True)


def percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1]
