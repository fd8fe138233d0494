"""50 articles against a provider that takes 2 s each: POST to SUCCESS, and the peak memory.

The real server (`igny8 serve`, web and worker in one process) on SQLite, polled as a browser
would be, only oftener; one run warms it up.
"""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from benchmarks.article import article
from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.world import a_world

ITEMS, SECONDS, RUNS = 50, 2.0, 3
POLL = 0.05


def figures() -> Iterator[Figure]:
    with a_world() as world:
        world.script({"kind": "chat", "content": article(), "delay": SECONDS})
        engine = world.child("engine")
        scene = engine.ask("prepare", tasks=(RUNS + 1) * ITEMS)
        app, commits = world.app(), []
        client, walls = Client(app, scene["token"]), []
        for first in range(0, len(scene["tasks"]), ITEMS):
            began = perf_counter()
            client.watch(client.start(scene["tasks"][first : first + ITEMS]), POLL)
            walls.append(perf_counter() - began)
            commits.append(engine.ask("commit", times=20))
        wall, peak = median(walls[1:]), app.peak_mb
        beyond, commit = (wall - SECONDS) / ITEMS, median(commits[1:])
    yield Figure(
        f"{ITEMS} articles, POST to SUCCESS",
        f"{wall:.2f} s",
        f"the provider's {SECONDS:g} s",
        wall / SECONDS,
        1.5,
    )
    yield Figure(
        "time beyond that, per article",
        f"{beyond * 1000:.1f} ms",
        f"a bare durable commit {commit * 1000:.1f} ms",
        beyond / commit,
    )
    yield Figure("peak memory, web and worker", f"{peak:.0f} MB", "", peak, 200, unit="MB")
