"""A neighbour who writes a little, all the time, and notes how long each write took."""

import time
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from benchmarks.children.orders import serve  # noqa: E402
from igny8_core.core.models import Account  # noqa: E402

PAUSE = 0.05


def write(until: str) -> dict[str, Any]:
    """Write every 50 ms until this file is there; seconds of the longest and the median."""
    waits = []
    while not Path(until).exists():
        began = time.perf_counter()
        Account.objects.filter(name="Bench").update(created_at=timezone.now())
        waits.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return {"longest": max(waits), "median": median(waits), "times": len(waits)}


if __name__ == "__main__":
    serve(write=write)
