"""Cluster in a process of its own: its memory returns, and no web thread waits for it.

The request goes to it as a pickle on stdin, the answer comes back on stdout. It ends with its
parent, however that ends, for it watches its stdin; and it is deaf to the terminal's Ctrl-C, which
is the parent's to deal with.
"""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from select import select
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

from igny8_core.planner.clustering.clusterer import check, cluster, texts_to_embed
from igny8_core.planner.clustering.cores import ONE_EACH
from igny8_core.planner.clustering.groups import Clustering
from igny8_core.planner.clustering.terms import RESOLUTION, Embed, NotEmbedded, SerpRule, Term

#: Without the model so many are grouped sooner than a process has begun.
FEW = 500
#: Seconds between two pulses.
_PULSE = 0.5
#: A child takes a core, and up to a gigabyte for a hundred thousand keywords.
_places = BoundedSemaphore(os.cpu_count() or 1)
_MODULE = "igny8_core.planner.clustering"
_ROOT = str(Path(__file__).resolve().parents[3])


Pulse = Callable[[], None]


class Request(NamedTuple):
    """What the child is asked; rows: the provider's, for `texts_to_embed`."""

    terms: list[Term]
    resolution: float
    model: Path | None
    serp: SerpRule | None
    rows: Any


class ClustererDied(Exception):
    """The child process gave no answer; the message says how it ended."""


def cluster_apart(
    terms: Sequence[Term],
    *,
    resolution: float = RESOLUTION,
    model: Path | None = None,
    embed: Embed | None = None,
    serp: SerpRule | None = None,
    pulse: Pulse = lambda: None,
) -> Clustering:
    """What `cluster` answers, from a child process where it is worth one.

    The provider is asked here, for the child has neither keys nor network to think of.
    pulse: called twice a second while the child works; what it raises ends the child.
    Raises ClustererDied, and ValueError where the resolution is not positive.
    """
    check(resolution)
    if model is None and len(terms) <= FEW:
        return cluster(terms, resolution=resolution, embed=embed, serp=serp)
    rows, why = _embedded(texts_to_embed(terms, serp), embed)
    with _a_place(pulse):
        found = _answer_to(Request(list(terms), resolution, model, serp, rows), pulse)
    return replace(found, why=(*why, *found.why))


def _embedded(texts: list[str], embed: Embed | None) -> tuple[Any, list[str]]:
    """The provider's rows, and why there are none where it was asked for some."""
    if embed is None or not texts:
        return None, []
    try:
        return embed(texts), []
    except NotEmbedded as error:
        return None, [error.sentence]


@contextmanager
def _a_place(pulse: Pulse) -> Iterator[None]:
    """Wait until one of this process's places for a child is free."""
    while not _places.acquire(timeout=_PULSE):
        pulse()
    try:
        yield
    finally:
        _places.release()


def _answer_to(request: Request, pulse: Pulse) -> Clustering:
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, **ONE_EACH, "PYTHONPATH": path},
            start_new_session=True,
        ) as child:
            found = _exchange(child, request, pulse)
        if found is None:
            raise ClustererDied(_how_it_ended(child.returncode, said))
    return found


def _exchange(
    child: "subprocess.Popen[bytes]", request: Request, pulse: Pulse
) -> Clustering | None:
    """The answer, None where it ends without one. Its stdin stays open, for with it it ends."""
    assert child.stdin
    assert child.stdout
    try:
        pickle.dump(request, child.stdin)
        child.stdin.flush()
        _wait_for(child, child.stdout, pulse)
        found: Clustering = pickle.load(child.stdout)
    except (OSError, EOFError, pickle.UnpicklingError):
        return None
    return found


def _wait_for(child: "subprocess.Popen[bytes]", answers: IO[bytes], pulse: Pulse) -> None:
    """Until the child answers, or ends; nobody takes its answer where the pulse raises."""
    try:
        while not select([answers], [], [], _PULSE)[0]:
            pulse()
    except BaseException:
        child.kill()
        raise


def _how_it_ended(status: int, said: IO[bytes]) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, most likely because the machine has too little memory"
    if status < 0:
        return f"it was ended by signal {-status}"
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return f"it ended with status {status} ({lines[-1] if lines else 'no message'})"
