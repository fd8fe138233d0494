"""What it costs that every call is journalled and every article saved and charged on its own.

Articles per second and CPU per article with 1, 8 and 50 calls in flight, a provider without
delay; the database's statements per article; and one worker process against two.
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.article import article
from benchmarks.figures import Figure
from benchmarks.world import POSTGRES, World, a_world, databases

ITEMS, ROUNDS, QUEUED = 50, 3, 4
IN_FLIGHT = (1, 8, 50)


def figures() -> Iterator[Figure]:
    for database in databases():
        with a_world(database) as world:
            world.script({"kind": "chat", "content": article()})
            yield from _one_process(world, database)
        if database == POSTGRES:
            with a_world(database) as world:
                world.script({"kind": "chat", "content": article()})
                yield _two_processes(world)


def _one_process(world: World, database: str) -> Iterator[Figure]:
    bare = world.child("bare")
    engines = {n: world.child("engine", IGNY8_MAX_CONCURRENCY=str(n)) for n in IN_FLIGHT}
    first = engines[IN_FLIGHT[0]]
    first.ask("prepare", tasks=ITEMS * (len(IN_FLIGHT) * (ROUNDS + 1) + 1))
    prompt = first.ask("prompt")
    rounds = []
    for _ in range(ROUNDS + 1):
        seen = {n: engine.ask("batch", items=ITEMS) for n, engine in engines.items()}
        rounds.append((seen, bare.ask("calls", number=ITEMS, prompt=prompt)["cpu"]))
    rounds = rounds[1:]
    for number in IN_FLIGHT:
        yield Figure(
            f"{database}, {number} in flight: articles/s",
            f"{median(1 / seen[number]['seconds'] for seen, _ in rounds):.1f}",
        )
        yield Figure(
            f"{database}, {number} in flight: CPU per article",
            f"{median(seen[number]['cpu'] for seen, _ in rounds) * 1000:.2f} ms",
            f"SDK call {median(cpu for _, cpu in rounds) * 1000:.2f} ms",
            median(seen[number]["cpu"] / cpu for seen, cpu in rounds),
        )
    counted = engines[50].ask("statements", items=ITEMS)
    yield Figure(f"{database}: statements per article", f"{counted['statements']:.2f}")
    yield Figure(f"{database}: transactions per article", f"{counted['transactions']:.2f}")


def _two_processes(world: World) -> Figure:
    """Queued runs worked off by one process, then as many by two; rounds alternate.

    The server and the stand-in provider share the machine's cores with them.
    """
    workers = [world.child("engine"), world.child("engine")]
    workers[0].ask("prepare", tasks=2 * (ROUNDS + 1) * QUEUED * ITEMS)
    rounds = [(_seconds(workers[:1]), _seconds(workers)) for _ in range(ROUNDS + 1)][1:]
    alone, both = (median(QUEUED * ITEMS / round_[n] for round_ in rounds) for n in (0, 1))
    return Figure(
        f"{POSTGRES}: two worker processes, articles/s",
        f"{both:.1f}",
        f"one process {alone:.1f}",
        median(one / two for one, two in rounds),
        unit="x as fast",
    )


def _seconds(workers: list) -> float:
    workers[0].ask("begin", items=ITEMS, runs=QUEUED)
    for worker in workers:
        worker.order("work")
    return max(worker.answer()["seconds"] for worker in workers)
