"""`make chaos`: the release figures, written to docs/reliability-figures.md.

    python -m tests.chaos --kills 1000 --items 5000 --at-each 100 --minutes 55
    python -m tests.chaos --scenario at_stored --kills 100 --items 200 --database sqlite
    python -m tests.chaos --scenario throttled --scale 0.1

First what measures time, one after the other; then the other release figures, then kills at
random, both databases side by side, each with a plant of its own. Exits 1 where a promise was
not kept.
"""

import argparse
import json
import math
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from igny8_core.ai.faults import POINTS
from tests.chaos.release import RELEASE
from tests.chaos.services import ROOT, environment

DATABASES = ("sqlite", "postgres")
#: Scenarios of one database alone.
ONLY = {"postgres_restarts": "postgres", "disk_full": "sqlite"}
#: Items and kills (stops, restarts) of one round: short, so that a difference has an address.
ROUNDS = {
    "random": (100, 25),
    **{f"at_{point}": (30, 12) for point in POINTS},
    "zombie": (40, 2),
    "graceful_stop": (100, 5),
    "postgres_restarts": (100, 10),
    "disk_full": (60, 5),
    "poison": (10, 3),
}
COLUMNS = (
    *("scenario", "database", "rounds", "items", "kills", "stops", "restarts"),
    *("saved", "failed", "lost", "duplicated", "ledger_differences", "billed", "extra", "seconds"),
)


def main() -> int:
    """0 where every promise was kept."""
    options = _options()
    over = time.monotonic() + 60 * options.minutes
    figures: list[dict[str, Any]] = []
    for one in (one for orders in _waves(options) for one in _driven(orders, over)):
        figures.append(one)
        if options.out:
            Path(options.out).write_text(_page(_table(figures), figures), encoding="utf-8")
    print(_table(figures))
    return int(any(one["wrong"] for one in figures))


def rounds(scenario: str, items: int, kills: int) -> list[dict[str, Any]]:
    """A scenario in rounds, until there were so many items and kills."""
    per_round = ROUNDS[scenario]
    number = max(
        1, *(math.ceil(n / each) for n, each in zip((items, kills), per_round, strict=True))
    )
    return [{"scenario": scenario, "items": per_round[0], "kills": per_round[1]}] * number


def _options() -> argparse.Namespace:
    names = [*ROUNDS, *RELEASE]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="over all databases, at random")
    parser.add_argument("--items", type=int, default=5000, help="over all databases, at random")
    parser.add_argument("--at-each", type=int, default=100, help="kills at each fault point")
    parser.add_argument("--scale", type=float, default=1, help="size of the release figures")
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--scenario", nargs="+", choices=names, default=[], help="these alone")
    parser.add_argument("--minutes", type=float, default=55, help="begin nothing after these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=str(ROOT / "docs/reliability-figures.md"))
    return parser.parse_args()


def _waves(options: argparse.Namespace) -> list[list[dict[str, Any]]]:
    """What the drivers are told; those of one wave are at work side by side."""
    quiet = [[order] for order in _release(options, "quiet")]
    long = [*_release(options, "long"), *_kills(options)]
    return [*quiet, _release(options, "beside"), long]


def _kills(options: argparse.Namespace) -> list[dict[str, Any]]:
    share = len(options.database)
    items, kills = options.items // share, options.kills // share
    if options.scenario:
        chosen = [name for name in options.scenario if name in ROUNDS]
        plan = [one for name in chosen for one in rounds(name, items, kills)]
    else:
        each = options.at_each // share
        points = [f"at_{point}" for point in POINTS]
        once = [name for name in ROUNDS if name not in {"random", *points}]
        plan = [one for name in once for one in rounds(name, 1, 1)]
        plan += [one for name in points for one in rounds(name, 1, each)]
        plan += rounds("random", items, kills)
    of = {name: [one for one in plan if _is_of(one, name)] for name in options.database}
    return [_order(options, plan, database) for database, plan in of.items() if plan]


def _is_of(one: dict[str, Any], database: str) -> bool:
    return ONLY.get(one["scenario"], database) == database


def _release(options: argparse.Namespace, wave: str) -> list[dict[str, Any]]:
    """An order for each database, with and without a broker, that has something in this wave."""
    orders = []
    for database, broker in product(options.database, ("", "redis")):
        plan = [
            one.planned(name, options.scale)
            for name, one in RELEASE.items()
            if one.wave == wave and one.belongs(database, broker)
            if not options.scenario or name in options.scenario
        ]
        if plan:
            orders.append(_order(options, plan, database) | {"broker": broker})
    return orders


def _order(
    options: argparse.Namespace, plan: list[dict[str, Any]], database: str
) -> dict[str, Any]:
    return {"database": database, "seed": options.seed, "scenarios": plan}


def _driven(orders: list[dict[str, Any]], over: float) -> Iterator[dict[str, Any]]:
    """The figures of drivers at work side by side."""
    minutes = (over - time.monotonic()) / 60
    for process in [_drive(order | {"minutes": minutes}) for order in orders]:
        assert process.stdout
        for line in process.stdout:
            figures = json.loads(line)
            _tell(figures)
            yield figures
        if process.wait() not in {0, 1}:
            sys.exit(f"a driver ended with {process.returncode}")


def _drive(order: dict[str, Any]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.chaos.drive", json.dumps(order)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())


def _tell(one: dict[str, Any]) -> None:
    print(f"{one['scenario']} on {one['database']}: {one['seconds']} s {one['wrong'] or 'ok'}")


def _table(figures: Iterable[dict[str, Any]]) -> str:
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for one in figures:
        row = sums.setdefault((one["scenario"], one["database"]), dict.fromkeys(COLUMNS, 0))
        row["rounds"] += 1
        for name in COLUMNS[3:]:
            row[name] += one[name] if name in one else one["books"][name]
        row |= {"scenario": one["scenario"], "database": one["database"]}
        row["seconds"] = round(row["seconds"])
    lines = [
        COLUMNS,
        ["---"] * len(COLUMNS),
        *([row[name] for name in COLUMNS] for row in sums.values()),
    ]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _page(table: str, figures: list[dict[str, Any]]) -> str:
    measured = [
        f"- {one['scenario']} on {one['database']}: {json.dumps(one['notes'])}"
        for one in figures
        if one["scenario"] in RELEASE and one["notes"]
    ]
    wrong = [
        f"- {one['scenario']} on {one['database']}: {one['wrong']}"
        for one in figures
        if one["wrong"]
    ]
    return (
        f"""# Figures of the chaos program

Written by `{shlex.join(["python", "-m", "tests.chaos", *sys.argv[1:]])}` on \
{datetime.now(UTC):%Y-%m-%d %H:%M} UTC;
{_machine()}. `extra` are billed calls beyond the one that each item needs: what a kill between
sending a call and storing its answer costs, and nothing else may. `failed` in `poison` is the
poisonous item; in `no_quota` every item is meant to fail. Items of runs that died five times with
nothing finished in between were given up by rule and then retried:
{sum(one["notes"].get("retried", 0) for one in figures)}.

{table}

What the release scenarios measured:
{chr(10).join(measured)}

Promises that were not kept: {"none." if not wrong else ""}
{chr(10).join(wrong)}
""".rstrip()
        + "\n"
    )


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    began = time.monotonic()
    status = main()
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(status)
