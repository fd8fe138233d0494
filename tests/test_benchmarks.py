"""A benchmark that misses a limit, or cannot be measured, fails."""

from pathlib import Path

import pytest

from benchmarks import clustering, intake
from benchmarks.__main__ import main
from benchmarks.environments import NotToBeHad
from benchmarks.figures import Figure, missing


def unavailable(name):
    raise NotToBeHad("no packages here")


@pytest.mark.parametrize(
    ("figure", "status"),
    [
        (Figure("rows", "12 s"), 0),
        (Figure("rows", "12 s", "9 s", 1.3), 0),
        (Figure("rows", "9 s", "", 0.9, 1), 0),
        (Figure("rows", "12 s", "", 1.2, 1), 1),
        (Figure("rows", "no number", "", float("nan"), 1), 1),
        (missing("rows", "there is no file"), 1),
    ],
)
def test_a_figure_above_its_limit_or_missing_fails_the_run(monkeypatch, capsys, figure, status):
    monkeypatch.setattr(intake, "figures", lambda: iter([figure, Figure("the next", "1 s")]))
    assert main(["intake"]) == status
    assert "the next" in capsys.readouterr().out


@pytest.mark.parametrize("there", [(), ("intents/banking77-test.csv",)])
def test_clustering_without_its_data_fails_and_names_what_is_missing(
    monkeypatch, capsys, tmp_path, there
):
    for name in there:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    monkeypatch.setattr(clustering, "DATA", tmp_path)
    assert main(["clustering"]) == 1
    told = capsys.readouterr().out
    assert "Queries.csv" in told
    assert "IGNY8_BENCH_DATA" in told


def test_clustering_without_what_it_is_measured_beside_fails(monkeypatch, capsys):
    monkeypatch.setattr(clustering, "python_with", unavailable)
    monkeypatch.setattr(clustering, "figures", lambda: clustering._beside(Path("rows"), []))
    assert main(["clustering"]) == 1
    assert "no packages here" in capsys.readouterr().out


def test_a_score_below_none_at_all_keeps_no_limit():
    figures = list(clustering._scores("questions", [0, 0, 1, 1], [0, 1, 0, 1], {"ARI": 0.54}))
    assert [figure.verdict for figure in figures] == ["", "ABOVE"]
