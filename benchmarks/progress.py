"""How long `GET task_progress` takes while a batch runs, over HTTP on the real server, SQLite.

Twice: with a provider that takes 2 s for each article, and with answers that come back one after
the other (0.2 to 3.0 s), so that articles are saved all the time.
"""

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.article import article
from benchmarks.client import Client
from benchmarks.figures import Figure, percentile
from benchmarks.world import a_world

ITEMS, RUNS = 50, 3
POLL = 0.02
TOGETHER = [{"kind": "chat", "delay": 2}]
SPREAD = [{"kind": "chat", "nth": [n], "delay": 0.2 + 2.8 * n / ITEMS} for n in range(1, ITEMS + 1)]


def figures() -> Iterator[Figure]:
    with a_world() as world:
        scene = world.child("engine").ask("prepare", tasks=(2 * RUNS + 1) * ITEMS)
        client, tasks = Client(world.app(), scene["token"]), scene["tasks"]

        def latencies(rules: list[dict[str, Any]]) -> list[float]:
            world.script(*rules, {"kind": "chat", "content": article()})
            task_id = client.start([tasks.pop() for _ in range(ITEMS)])
            return client.watch(task_id, POLL)

        latencies(TOGETHER)
        for name, rules in (("2 s each", TOGETHER), ("saving all the time", SPREAD)):
            seen = [one * 1000 for _ in range(RUNS) for one in latencies(rules)]
            middle, sample = median(seen), f"{len(seen)} requests"
            yield Figure(f"progress, {name}: median", f"{middle:.1f} ms", sample, middle, 5, "ms")
            yield Figure(f"progress, {name}: p99", f"{percentile(seen, 99):.1f} ms", sample)
