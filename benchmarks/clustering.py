"""How well keywords are clustered, how fast, and in how much memory, beside scikit-learn.

Reads exports and labelled questions from the folder that IGNY8_BENCH_DATA names, and copies
nothing of them. Quality on the test set of Banking77 at the default resolution, which was set on
the exports; scale on the exports and combinations of their words. Each figure comes from a
process of its own, so that its memory is its own.
"""

import csv
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.environments import NotToBeHad, python_with
from benchmarks.figures import Figure, missing
from benchmarks.scores import adjusted_rand, v_measure
from benchmarks.world import ROOT, Child
from igny8_core.planner.clustering.cores import ONE_EACH

DATA = Path(os.environ.get("IGNY8_BENCH_DATA") or ROOT.parent / "shared" / "data")
QUESTIONS = "intents/banking77-test.csv"
EXPORTS = {
    "game-of-thrones-map_broad-match_us_2025-11-06.csv": "Keyword",
    "google_us_ai-tools_matching-terms_2025-07-08_20-05-24.csv": "Keyword",
    "Queries.csv": "Top queries",
}
#: V-measure and ARI on Banking77 that the default must reach.
LEAST = {"V-measure": 0.82, "ARI": 0.54}
#: Seconds and MB by number of keywords.
MOST = {1_000: (None, None), 10_000: (30, 600), 100_000: (360, 2_048)}
RECALL = 0.97
METHODS = {"k-means": "told k", "average linkage": "told k", "HDBSCAN": "5 a cluster at least"}
LONGEST, SEED = 7, 7


def figures() -> Iterator[Figure]:
    if lacking := [name for name in (QUESTIONS, *EXPORTS) if not (DATA / name).is_file()]:
        why = f"{DATA} has no {', '.join(lacking)}; set IGNY8_BENCH_DATA"
        yield missing("questions and exports", why)
        return
    with TemporaryDirectory() as folder:
        yield from _quality(Path(folder))
        yield from _exports(Path(folder))
        yield from _scale(Path(folder))


def _quality(folder: Path) -> Iterator[Figure]:
    texts, labels = _questions()
    file, rows = _written(folder, "banking77", texts), folder / "banking77.npy"
    child = _ours()
    found = child.ask("clustered", texts=file)
    # One row for each spelling, in an order of its own: the labels follow it.
    of_text = dict(zip(child.ask("spellings", texts=file), labels, strict=True))
    of_row = [of_text[text] for text in child.ask("keep", rows=str(rows))]
    child.end()
    yield from _scores(f"Banking77, {found['backend']}", labels, found["labels"], LEAST)
    yield from _without_model(file, labels)
    yield from _resolutions(file, labels)
    yield _runs(folder, texts)
    yield from _beside(rows, of_row)


def _without_model(file: str, labels: list[str]) -> Iterator[Figure]:
    found = _once("clustered", texts=file, model=False)
    yield from _scores(f"Banking77, {found['backend']}", labels, found["labels"], {})


def _scores(
    name: str, true: list[str], found: list[int], least: dict[str, float]
) -> Iterator[Figure]:
    for measure, score in (("V-measure", v_measure), ("ARI", adjusted_rand)):
        value, limit = score(true, found), least.get(measure)
        yield Figure(
            f"{name}: {measure}",
            f"{value:.3f}",
            f"at least {limit}" if limit else f"{len(set(found))} groups, {len(set(true))} classes",
            limit / max(value, 1e-9) if limit else None,
            1 if limit else None,
        )


def _resolutions(file: str, labels: list[str]) -> Iterator[Figure]:
    for resolution in (0.04, 0.08, 0.16):
        found = _once("clustered", texts=file, resolution=resolution)["labels"]
        scores = f"{v_measure(labels, found):.3f} / {adjusted_rand(labels, found):.3f}"
        yield Figure(
            f"Banking77 at {resolution}: V / ARI", scores, f"{len(set(found))} groups, 77 classes"
        )


def _runs(folder: Path, texts: list[str]) -> Figure:
    """Three processes, each with another order of the input."""
    hashes = set()
    for number in range(3):
        shuffled = random.Random(number).sample(texts, len(texts))
        hashes.add(_once("clustered", texts=_written(folder, "shuffled", shuffled))["hash"])
    return Figure(
        "three runs, each in another order", f"{len(hashes)} result(s)", "", len(hashes), 1
    )


def _beside(rows: Path, labels: list[str]) -> Iterator[Figure]:
    """The same rows grouped by others: score, time and memory, ours over theirs."""
    try:
        python = python_with("sklearn")
    except NotToBeHad as why:
        yield missing("scikit-learn", str(why))
        return
    ours = _once("grouped", rows=str(rows))
    k = len(set(labels))
    for method, told in METHODS.items():
        theirs = _peer(python, rows, method, k)
        noise = f", {theirs['noise']:.0%} noise" if theirs["noise"] else ""
        yield Figure(f"{method} ({told}{noise})", *_shown(labels, ours, theirs))
        yield Figure(f"  time beside {method}", *_ratio(ours, theirs, "seconds", "s"))
        yield Figure(f"  memory beside {method}", *_ratio(ours, theirs, "mb", "MB"))


def _peer(python: str, rows: Path, method: str, k: int) -> dict[str, Any]:
    child = Child("partitions", {**os.environ, "PYTHONPATH": str(ROOT)}, python)
    found = child.ask("grouped", rows=str(rows), method=method, k=k)
    child.end()
    return found


def _shown(labels: list[str], ours: Any, theirs: Any) -> tuple[str, str, float]:
    scores = [
        (v_measure(labels, one["labels"]), adjusted_rand(labels, one["labels"]))
        for one in (ours, theirs)
    ]
    mine, other = (f"V {v:.3f} ARI {ari:.3f}" for v, ari in scores)
    return mine, other, scores[0][1] / scores[1][1]


def _ratio(ours: Any, theirs: Any, name: str, unit: str) -> tuple[str, str, float]:
    mine, other = ours[name], theirs[name]
    return f"{mine:.2f} {unit}", f"{other:.2f} {unit}", mine / other


def _exports(folder: Path) -> Iterator[Figure]:
    """What share of each export's keywords comes into groups that one page can serve."""
    for name, column in EXPORTS.items():
        texts = _column(DATA / name, column)
        found = _once("clustered", texts=_written(folder, "export", texts))
        sizes = found["sizes"]
        served = sum(size for size in sizes if 3 <= size <= 30) / len(texts)
        yield Figure(
            f"{name[:28]}: in groups of 3 to 30",
            f"{served:.0%} of {len(texts)}",
            f"{len(sizes)} groups, largest {max(sizes)}",
        )


def _scale(folder: Path) -> Iterator[Figure]:
    texts = _combined(max(MOST))
    per_keyword = {}
    for count, (seconds, megabytes) in MOST.items():
        child = _ours()
        found = child.ask("clustered", texts=_written(folder, "scale", texts[:count]))
        recall = child.ask("recalled")
        child.end()
        per_keyword[count] = found["cpu"] / count
        yield from _stages(count, found, seconds, megabytes)
        yield Figure(
            f"{count:,} keywords: neighbours found", f"{recall:.3f}", "", RECALL / recall, 1
        )
    growth = per_keyword[100_000] / per_keyword[10_000]
    yield Figure("CPU for a keyword, 100,000 over 10,000", f"{growth:.2f}")


def _stages(
    count: int, found: dict[str, Any], seconds: int | None, megabytes: int | None
) -> Iterator[Figure]:
    # Seconds for vectors, neighbours, and the rest: reading, Leiden, telling.
    stages = ", ".join(f"{found[stage]:.1f}" for stage in ("embedding", "neighbours", "rest"))
    yield Figure(
        f"{count:,} keywords",
        f"{found['total']:.1f} s, {found['cpu']:.1f} s CPU",
        f"of those {stages}",
        found["total"] / seconds if seconds else None,
        1 if seconds else None,
    )
    yield Figure(
        f"{count:,} keywords: peak memory",
        f"{found['mb']:.0f} MB",
        f"{len(found['sizes'])} groups, largest {max(found['sizes'])}",
        found["mb"] / megabytes if megabytes else None,
        1 if megabytes else None,
    )


def _ours() -> Child:
    path = {"PYTHONPATH": f"{ROOT / 'backend'}:{ROOT}"}
    return Child("clusters", {**os.environ, **ONE_EACH, **path})


def _once(what: str, **order: Any) -> Any:
    child = _ours()
    found = child.ask(what, **order)
    child.end()
    return found


def _questions() -> tuple[list[str], list[str]]:
    with (DATA / QUESTIONS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["category"] for row in rows]


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def _combined(count: int) -> list[str]:
    """The exports' keywords in a chance order, then beginnings of some with ends of others."""
    chance = random.Random(SEED)
    known = sorted({text for name in EXPORTS for text in _column(DATA / name, EXPORTS[name])})
    chance.shuffle(known)
    found = dict.fromkeys(known)
    while len(found) < count:
        one, other = chance.choice(known).split(), chance.choice(known).split()
        words = one[: max(1, len(one) // 2)] + other[len(other) // 2 :]
        if len(words) <= LONGEST:
            found[" ".join(words)] = None
    return list(found)


def _written(folder: Path, name: str, texts: list[str]) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    return str(path)
