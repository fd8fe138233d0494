"""Clusters texts as the product does, and tells what each stage took."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from igny8_core.planner.clustering import (
    RESOLUTION,
    Term,
    backends,
    cluster,
    communities,
    neighbours,
)
from igny8_core.planner.clustering.clusterer import spelling
from igny8_core.planner.clustering.models import unlike
from igny8_core.planner.clustering.weights import packaged

SAMPLE = 1_000

_seconds: dict[str, float] = {}
_kept: dict[str, Any] = {}


def clustered(texts: str, model: bool = True, resolution: float = RESOLUTION) -> dict[str, Any]:
    """Seconds by stage, the highest memory, groups, labels, and a hash of who is with whom."""
    terms = [Term(text) for text in json.loads(Path(texts).read_text())]
    _seconds.clear()
    began, cpu = time.perf_counter(), time.process_time()
    found = cluster(terms, model=packaged() if model else None, resolution=resolution)
    total, cpu = time.perf_counter() - began, time.process_time() - cpu
    labels = [0] * len(terms)
    for number, group in enumerate(found.groups):
        for index in group.members:
            labels[index] = number
    return {
        "backend": found.backend,
        "total": total,
        "cpu": cpu,
        **_seconds,
        "rest": total - sum(_seconds.values()),
        "mb": _highest_mb(),
        "sizes": [len(group.members) for group in found.groups],
        "labels": labels,
        "hash": _hash(sorted(sorted(terms[i].text for i in g.members) for g in found.groups)),
    }


def spellings(texts: str) -> list[str]:
    """What each text is spelt as for the clusterer."""
    return [spelling(text) for text in json.loads(Path(texts).read_text())]


def keep(rows: str) -> list[str]:
    """The rows of the last clustering, for others to work on; answers what each stands for."""
    np.save(rows, _kept["rows"])
    return _kept["spellings"]


def recalled() -> float:
    """Of the true neighbours of a sample, the share that was found in the last clustering."""
    rows, numbers, found = _kept["centred"], _kept["numbers"], _kept["found"]
    chosen = np.random.default_rng(1).choice(len(rows), min(SAMPLE, len(rows)), replace=False)
    similarity = rows[chosen] @ rows.T
    similarity[np.arange(len(chosen)), chosen] = -2
    similarity[unlike(numbers[chosen][:, None], numbers)] = -2
    most = neighbours.NEIGHBOURS
    true = np.argpartition(-similarity, most, axis=1)[:, :most]
    shared = (true[:, :, None] == found.others[chosen][:, None, :]).any(axis=2)
    return float(shared.mean())


def grouped(rows: str) -> dict[str, Any]:
    """Groups of rows that somebody has made, as the peers are measured."""
    loaded = np.load(rows)
    began = time.perf_counter()
    nothing = np.zeros(len(loaded), int)
    nodes = communities.Nodes(loaded, nothing + 1, nothing, [frozenset()] * len(loaded))
    labels = communities.communities(nodes, RESOLUTION)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mb": _highest_mb(), "labels": labels.tolist()}


_measured, _nearest = backends.measured, neighbours.nearest


def _watched_measured(*given: Any) -> Any:
    began = time.perf_counter()
    found = _measured(*given)
    _seconds["embedding"] = time.perf_counter() - began
    _kept.update(rows=found.parts[0].vectors, spellings=given[0])
    return found


def _watched_nearest(rows: np.ndarray, numbers: np.ndarray) -> Any:
    began = time.perf_counter()
    found = _nearest(rows, numbers)
    _seconds["neighbours"] = time.perf_counter() - began
    _kept.update(centred=rows, numbers=numbers, found=found)
    return found


def _hash(partition: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(partition).encode()).hexdigest()[:16]


def _highest_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    from benchmarks.children.orders import serve

    backends.measured, communities.nearest = _watched_measured, _watched_nearest
    serve(clustered=clustered, spellings=spellings, keep=keep, recalled=recalled, grouped=grouped)
