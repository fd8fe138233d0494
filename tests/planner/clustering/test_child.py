"""The clusterer in a process of its own."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import pytest

from igny8_core.planner.clustering import (
    ClustererDied,
    SerpRule,
    Term,
    child,
    cluster,
    cluster_apart,
)

ROOT = Path(__file__).parents[3]
COLOURS = [f"colour{number}" for number in range(130)]
TERMS = [
    Term(f"{colour} tent {use}", 5) for colour in COLOURS for use in ("red", "sea", "ice", "dry")
]


def ended(module, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(child, "_MODULE", module)
    with pytest.raises(ClustererDied) as death:
        cluster_apart(TERMS)
    return str(death.value)


def test_it_answers_what_this_process_would():
    assert len(TERMS) > child.FEW

    assert cluster_apart(TERMS) == cluster(TERMS)


def test_three_runs_give_one_answer():
    assert cluster_apart(TERMS) == cluster_apart(TERMS) == cluster_apart(TERMS)


@pytest.mark.weights
def test_it_answers_with_the_model():
    from igny8_core.planner.clustering.weights import packaged

    found = cluster_apart([Term("gas stove"), Term("camping stove")], model=packaged())

    assert found.backend == "minilm"


def test_a_few_without_the_model_are_no_work_for_a_process(monkeypatch):
    monkeypatch.setattr(child, "_MODULE", "nowhere")

    assert cluster_apart(TERMS[: child.FEW]).backend == "tfidf"


def test_the_provider_is_asked_here_and_only_for_what_words_must_tell():
    asked = []
    pages = [Term(f"page {n}", serp_urls=(f"https://a.example/{n}",)) for n in range(3)]

    def embed(texts):
        asked.append(os.getpid())
        return [[float(len(text)), 1.0] for text in texts]

    found = cluster_apart([*TERMS, *pages], embed=embed, serp=SerpRule())

    assert asked == [os.getpid()]
    assert found.backend == "provider+serp"
    assert found.why == ("520 of 523 keywords bring no addresses; by words instead.",)


def test_a_child_that_is_killed_is_told_with_the_likely_reason(monkeypatch):
    assert "too little memory" in ended("tests.planner.clustering.dying", monkeypatch)


def test_a_child_that_fails_is_told_with_its_last_words(monkeypatch):
    said = ended("tests.planner.clustering.nowhere", monkeypatch)

    assert said.startswith("it ended with status 1 (")
    assert "No module named" in said


def test_it_ends_with_its_parent():
    request = child.Request(TERMS * 20, 0.08, None, None, None)
    begun = subprocess.Popen(
        [sys.executable, "-m", "igny8_core.planner.clustering"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "backend")},
    )
    with begun:
        pickle.dump(request, begun.stdin)
        begun.stdin.close()

        assert begun.stdout.read() == b""
        assert begun.wait(60) == 1


class Over(Exception):
    """Nobody waits any more."""


def over():
    raise Over


def test_a_child_that_nobody_waits_for_any_more_is_ended(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(child, "_MODULE", "tests.planner.clustering.deaf")

    with pytest.raises(Over):
        cluster_apart(TERMS, pulse=over)


def test_there_are_no_more_children_at_once_than_places(monkeypatch):
    monkeypatch.setattr(child, "_places", BoundedSemaphore(1))
    monkeypatch.setattr(child, "_MODULE", "nowhere")

    with child._a_place(over), pytest.raises(Over):
        cluster_apart(TERMS, pulse=over)
    with pytest.raises(ClustererDied):
        cluster_apart(TERMS, pulse=over)


PRINTING = """
import os
quietly = os.nice
os.nice = lambda by: (os.write(1, b"a message of a library"), quietly(by))
"""


def test_what_a_library_prints_is_no_part_of_the_answer(monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(PRINTING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert cluster_apart(TERMS).backend == "tfidf"


@pytest.mark.parametrize("resolution", [0, -1, float("nan")])
def test_a_dial_that_cannot_stand_so_is_refused_at_once(resolution):
    with pytest.raises(ValueError, match="resolution"):
        cluster_apart(TERMS, resolution=resolution)
