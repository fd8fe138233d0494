"""What a picture of 1792 x 1024 costs: checked, made anew, and three variants made of it.

Held against Pillow alone with its defaults: decode, convert, and each form from the full size.
Rounds of one and the other alternate; memory is the highest beyond what the process had before.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.children.pictures import PILLOW, source
from benchmarks.figures import Figure
from benchmarks.world import ROOT, Child

TURNS, ROUNDS = 5, 5


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        data = Path(folder) / "source.png"
        data.write_bytes(source())
        for format in PILLOW:
            yield from _figures(format, _turns(str(data), format))


def _turns(data: str, format: str) -> list[tuple[Any, Any]]:
    """A process for each of the two, so that neither profits from the other's memory."""
    path = {"PYTHONPATH": f"{ROOT / 'backend'}:{ROOT}"}
    ours, plain = (Child("pictures", os.environ | path) for _ in range(2))
    order = {"data": data, "format": format, "rounds": ROUNDS}
    turns = [(ours.ask("ours", **order), plain.ask("plain", **order)) for _ in range(TURNS)]
    ours.end()
    plain.end()
    return turns


def _figures(format: str, turns: list) -> Iterator[Figure]:
    def of(name: str) -> tuple[float, float]:
        return tuple(median(turn[which][name] for turn in turns) for which in (0, 1))

    for name, shown, unit in (
        ("cpu", "CPU", "ms"),
        ("memory", "peak memory", "MB"),
        ("kilobytes", "stored", "KB"),
    ):
        ours, plain = of(name)
        ratio = median(turn[0][name] / turn[1][name] for turn in turns)
        yield Figure(
            f"1792x1024 into three variants, {format}: {shown}",
            f"{ours:.0f} {unit}",
            f"Pillow's defaults {plain:.0f} {unit}",
            ratio,
        )
    yield Figure(f"1792x1024 into three variants, {format}: time", f"{of('ms')[0]:.0f} ms")
