"""What many timings come to."""

import math
from collections.abc import Collection


def percentile(values: Collection[float], share: float) -> float:
    """The least of the values that so great a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summary(values: Collection[float]) -> dict[str, float]:
    """A few numbers to be written down."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(percentile(values, share), 3) for name, share in shares.items()} | {
        "samples": len(values)
    }
