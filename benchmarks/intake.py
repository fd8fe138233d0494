"""100,000 keywords in one file, over HTTP on the real server: CSV and XLSX, on both databases.

While it is stored, another process writes a row every 50 ms; how long it has waited at most is
what a heartbeat or another user would. Then files that are meant to do harm are sent.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from benchmarks.bombs import bombs
from benchmarks.client import Client
from benchmarks.figures import Figure
from benchmarks.keywordfiles import csv_file, workbook
from benchmarks.world import SQLITE, World, a_world, databases

KEYWORDS = 100_000
SECONDS = {"csv": 10, "xlsx": 40}
IMPORT = "planner/keywords/import/"
WARM_UP = b"keyword\nwarm up\n"
MEMORY, WAIT, REFUSAL = 150, 1, 2


def figures() -> Iterator[Figure]:
    files = {"csv": csv_file(KEYWORDS), "xlsx": workbook(KEYWORDS)}
    for database in databases():
        for kind, data in files.items():
            with a_world(database) as world:
                yield from _imported(world, f"{database}, {kind.upper()}", kind, data)
    with a_world(SQLITE) as world:
        yield from _refused(world)


def _imported(world: World, name: str, kind: str, data: bytes) -> Iterator[Figure]:
    token = world.child("engine").ask("prepare", tasks=0)["token"]
    app, writer = world.app(), world.child("writer")
    client, stop = Client(app, token), world.folder / "stop"
    client.upload(f"{IMPORT}?preview=true", WARM_UP)
    before, cpu = app.forget_peak(), app.cpu
    writer.order("write", until=str(stop))
    began = perf_counter()
    answer = client.upload(IMPORT, data)
    seconds, cpu = perf_counter() - began, app.cpu - cpu
    stop.touch()
    waits, more = writer.answer(), app.peak_mb - before
    if answer["imported"] != KEYWORDS:
        raise RuntimeError(f"{answer['imported']} of {KEYWORDS} were imported")
    shown = f"{len(data) / 2**20:.0f} MB, {cpu:.1f} s of CPU"
    limit = SECONDS[kind] if name.startswith(SQLITE) else None
    yield Figure(f"{name}: POST to 200", f"{seconds:.1f} s", shown, seconds, limit, "s")
    yield Figure(f"{name}: memory beyond before", f"{more:.0f} MB", "", more, MEMORY, "MB")
    longest, usual = (
        waits["longest"],
        f"median of {waits['times']}: {1000 * waits['median']:.0f} ms",
    )
    yield Figure(f"{name}: longest wait", f"{longest:.2f} s", usual, longest, WAIT, "s")


def _refused(world: World) -> Iterator[Figure]:
    token = world.child("engine").ask("prepare", tasks=0)["token"]
    app = world.app()
    client = Client(app, token)
    client.upload(f"{IMPORT}?preview=true", WARM_UP)
    before = app.forget_peak()
    for name, data in bombs():
        began, cpu = perf_counter(), app.cpu
        status, answer = client.send_file(IMPORT, data)
        seconds, said = perf_counter() - began, _said(status, answer)
        said = f"{said}, {app.cpu - cpu:.1f} s of CPU"
        yield Figure(f"refused: {name}", f"{seconds:.2f} s", said, seconds, REFUSAL, "s")
    more = app.peak_mb - before
    yield Figure("memory beyond before, over all", f"{more:.0f} MB", "", more, MEMORY, "MB")


def _said(status: int, answer: Any) -> str:
    if status < 400:
        return f"{status}, {answer['imported']} imported, {answer['evidence']['bad_rows']:,} bad"
    return str(status)
