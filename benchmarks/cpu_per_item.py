"""Our own CPU for an article, claim to saved with its provider call, against the bare SDK call.

Each stands in a process of its own, the stand-in provider in a third; rounds of 50 of one and 50
of the other alternate, and each ratio is that of one round.
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.article import article
from benchmarks.figures import Figure
from benchmarks.world import POSTGRES, SQLITE, a_world, databases

LIMITS = {SQLITE: 6, POSTGRES: 10}
ROUNDS, ITEMS = 8, 50


def figures() -> Iterator[Figure]:
    for database in databases():
        yield _figure(database)


def _figure(database: str) -> Figure:
    with a_world(database) as world:
        world.script({"kind": "chat", "content": article()})
        engine, bare = world.child("engine"), world.child("bare")
        engine.ask("prepare", tasks=(ROUNDS + 1) * ITEMS)
        prompt = engine.ask("prompt")
        rounds = []
        for _ in range(ROUNDS + 1):
            ours = engine.ask("batch", items=ITEMS)["cpu"]
            rounds.append((ours, bare.ask("calls", number=ITEMS, prompt=prompt)["cpu"]))
        rounds = rounds[1:]  # the first one warms both up
        ratios = [ours / bare for ours, bare in rounds]
        return Figure(
            f"CPU per article item, {database}, quietest round {min(ratios):.1f} x",
            f"{median(ours for ours, _ in rounds) * 1000:.2f} ms",
            f"SDK call {median(bare for _, bare in rounds) * 1000:.2f} ms",
            median(ratios),
            LIMITS[database],
        )
