"""A call through AICore, request to validated value, beside what others do the same with.

The bare OpenAI SDK with a validation of one's own, LiteLLM and Instructor: each in a process of
its own, the last two in environments of their own, all against the same stand-in. Rounds
alternate and each ratio is that of one round. Then what it costs to have each of them imported.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.children.ideas import an_answer
from benchmarks.environments import NotToBeHad, python_with
from benchmarks.figures import Figure
from benchmarks.world import ROOT, Child, World, a_world

CALLS, ROUNDS, STARTS = 100, 9, 5
OURS, BARE = "AICore", "SDK"
PEERS = {"LiteLLM": "litellm", "Instructor": "instructor"}
#: Ours over theirs; what has none is shown for comparison.
LIMITS = {BARE: 1.5, "LiteLLM": 1.0}
APP, LOADED, SDK = "app", "app, providers loaded", "openai SDK"
LOADS = {APP: "app", LOADED: "app_with_providers", SDK: "openai:OpenAI"}
ENTRANCES = {"LiteLLM": "litellm:completion", "Instructor": "instructor:from_openai"}
Rounds = list[dict[str, dict[str, float]]]


def figures() -> Iterator[Figure]:
    pythons = _interpreters()
    with a_world() as world:
        # LiteLLM would fetch its list of prices while it is imported.
        world.environment |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        world.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # no import is timed uncompiled
        world.script({"kind": "chat", "content": an_answer()})
        yield from _calls(world, pythons)
        yield from _calls_without_schema(world)
        yield from _imports(world, pythons)


def _interpreters() -> dict[str, str]:
    """Of the peers that can be had here."""
    found = {}
    for name, module in PEERS.items():
        try:
            found[name] = python_with(module)
        except NotToBeHad as why:
            print(f"  no figures of {name}: {why}", flush=True)
    return found


def _calls(world: World, pythons: dict[str, str]) -> Iterator[Figure]:
    children = {OURS: world.child("ideas_by_aicore"), BARE: world.child("ideas_by_sdk")}
    for name, python in pythons.items():
        children[name] = world.child(f"ideas_by_{PEERS[name]}", python)
    rounds = _in_turn(children)
    for other in [name for name in children if name != OURS]:
        yield _beside("CPU per call, to validated value", rounds, OURS, other, "cpu", _ms)
    for other in [name for name in children if name != OURS]:
        yield _beside("memory after the calls", rounds, OURS, other, "mb", _mb)


def _calls_without_schema(world: World) -> Iterator[Figure]:
    """The SDK walks through a schema with every call: without one it has less to do."""
    children = {
        name: world.child(module, IDEAS_FORM="json_object")
        for name, module in {OURS: "ideas_by_aicore", BARE: "ideas_by_sdk"}.items()
    }
    yield _beside("CPU per call, any JSON", _in_turn(children), OURS, BARE, "cpu", _ms)


def _in_turn(children: dict[str, Child]) -> Rounds:
    return [
        {name: child.ask("calls", number=CALLS) for name, child in children.items()}
        for _ in range(ROUNDS + 1)
    ][1:]  # the first one warms them up


def _imports(world: World, pythons: dict[str, str]) -> Iterator[Figure]:
    subjects = {name: (sys.executable, what) for name, what in LOADS.items()}
    subjects |= {name: (python, ENTRANCES[name]) for name, python in pythons.items()}
    rounds = [
        {name: _loaded(world, *subject) for name, subject in subjects.items()}
        for _ in range(STARTS + 1)
    ][1:]  # the first one writes the bytecode
    for ours in (APP, LOADED):
        for other in (SDK, *pythons):
            yield _beside(f"import of the {ours}", rounds, ours, other, "seconds", _seconds)
            yield _beside(f"memory it adds, {ours}", rounds, ours, other, "mb", _mb)


def _loaded(world: World, python: str, what: str) -> dict[str, float]:
    command = [python, "-m", "benchmarks.children.loads", what]
    done = subprocess.run(
        command, cwd=ROOT, env=world.environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def _beside(
    what: str, rounds: Rounds, ours: str, other: str, unit: str, shown: Callable[[float], str]
) -> Figure:
    """Medians of both, and the median of the rounds' ratios."""
    mine, theirs = ([round_[name][unit] for round_ in rounds] for name in (ours, other))
    return Figure(
        what,
        shown(median(mine)),
        f"{other} {shown(median(theirs))}",
        median(one / two for one, two in zip(mine, theirs, strict=True)),
        LIMITS.get(other) if unit == "cpu" or other == "LiteLLM" else None,
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s CPU"


def _mb(megabytes: float) -> str:
    return f"{megabytes:.0f} MB"
