"""How long pages of 100,000 keywords take, over HTTP on the real server, on both databases.

Each kind of page is asked for in turn with the others, so that none profits from a quiet minute.
Then all keywords are exported, and the server's memory is looked at.
"""

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from benchmarks.client import Client
from benchmarks.figures import Figure, percentile
from benchmarks.world import App, a_world, databases

KEYWORDS, ROUNDS, WARM_UP = 100_000, 40, 3
LIMIT = 50


def figures() -> Iterator[Figure]:
    for database in databases():
        with a_world(database) as world:
            scene = world.child("lists").ask("prepare", keywords=KEYWORDS)
            app = world.app()
            client = Client(app, scene["token"])
            yield from _figures(database, _times(client, _pages(scene)))
            yield from _exports(database, app, client)


def _pages(scene: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is asked for, by the name it goes by."""
    last = {"page": KEYWORDS // 50}
    sorts = ("keyword", "volume", "difficulty", "cpc", "created_at", "cluster")
    volume = {"volume__gte": 1_000, "volume__lte": 5_000}
    rare = {"search": "xylophone"}
    return {
        "first page": {},
        "first page of the site": {"site": scene["site"]},
        "last page": last,
        **{f"sorted by {name}": {"ordering": name} for name in sorts},
        **{f"sorted by -{name}": {"ordering": f"-{name}"} for name in sorts},
        "last page, sorted by -volume": {"ordering": "-volume", **last},
        "the middle, sorted by -volume": {"ordering": "-volume", "page": KEYWORDS // 100},
        "the site, sorted by -volume": {"site": scene["site"], "ordering": "-volume"},
        "status=new": {"status": "new"},
        "status=clustered, sorted by -volume": {"status": "clustered", "ordering": "-volume"},
        "intent=transactional": {"intent": "transactional"},
        "intent=navigational, which none has": {"intent": "navigational"},
        "of a cluster": {"cluster": scene["cluster"]},
        "volume from 1,000 to 5,000": volume,
        "the same, sorted by difficulty": {**volume, "ordering": "difficulty"},
        "search for a rare word": rare,
        "search for a common word": {"search": "garden"},
        "the same, sorted by -volume": {"search": "garden", "ordering": "-volume"},
        "search for two words": {"search": "garden xylophone"},
        "search for one letter": {"search": "e"},
        "search for what is nowhere": {"search": "zzzzzz"},
        "site, search, filters and order": {
            **{"site": scene["site"], "search": "garden", "status": "new"},
            **{"volume__gte": 100, "ordering": "-volume"},
        },
    }


def _times(client: Client, pages: dict[str, dict[str, Any]]) -> dict[str, list[float]]:
    """Milliseconds of each answer, by page; the first rounds do not count."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(WARM_UP + ROUNDS):
        for name, query in pages.items():
            began = perf_counter()
            client.call("GET", f"planner/keywords/?{urlencode(query)}")
            if turn >= WARM_UP:
                times[name].append((perf_counter() - began) * 1000)
    return times


def _figures(database: str, times: dict[str, list[float]]) -> Iterator[Figure]:
    for name, seen in times.items():
        middle, high = median(seen), f"p99 {percentile(seen, 99):.0f} ms"
        yield Figure(f"{database}, {name}", f"{middle:.1f} ms", high, middle, LIMIT, "ms")


def _exports(database: str, app: App, client: Client) -> Iterator[Figure]:
    for format in ("csv", "xlsx"):
        before, began = app.peak_mb, perf_counter()
        size = client.download(f"planner/keywords/export/?format={format}&ordering=-volume")
        seconds, more = perf_counter() - began, app.peak_mb - before
        shown = f"{size / 2**20:.1f} MB, {more:.0f} MB more memory"
        yield Figure(f"{database}, all of them as {format.upper()}", f"{seconds:.1f} s", shown)
