import math

import numpy as np
import pytest

from igny8_core.planner.clustering import cores
from igny8_core.planner.clustering.weights import packaged

pytestmark = pytest.mark.weights

TEXTS = [
    "best camping stove",
    "how to light a gas stove",
    "kubernetes ingress",
    "stove",
    "a b c d e f",
]


@pytest.fixture(scope="module")
def model():
    from igny8_core.planner.clustering.minilm import MiniLM

    return MiniLM(packaged())


def exactly(model, ids):
    """The same network in double precision with the exact curve, one text at a time."""

    def norm(x, weights):
        x = x - x.mean(axis=1, keepdims=True)
        return (
            x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-12) * weights.scale + weights.shift
        )

    def dense(x, weights):
        return x @ weights.weight.T.astype(np.float64) + weights.bias

    erf = np.vectorize(math.erf)
    x = norm(model._words[ids].astype(np.float64) + model._places[: len(ids)], model._norm)
    for layer in model._layers:
        query, key, value = np.split(dense(x, layer.query_key_value), 3, axis=1)
        heads = []
        for at in range(0, 384, 32):
            share = np.exp(query[:, at : at + 32] @ key[:, at : at + 32].T / math.sqrt(32))
            heads.append(share / share.sum(axis=1, keepdims=True) @ value[:, at : at + 32])
        x = norm(x + dense(np.hstack(heads), layer.attended), layer.attended_norm)
        wide = dense(x, layer.wide)
        wide = wide * (1 + erf(wide / math.sqrt(2))) / 2
        x = norm(x + dense(wide, layer.narrow), layer.narrow_norm)
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_an_embedding_is_that_of_the_exact_network(model):
    tokens = model.tokens(TEXTS)

    for row, ids in zip(model.embed(tokens), tokens, strict=True):
        assert row @ exactly(model, ids) > 0.9999


def test_what_means_the_same_is_near_and_what_does_not_is_far(model):
    same, alike, other = model.embed(
        model.tokens(["cheap flights to paris", "low cost airfare paris", "how to knit a scarf"])
    )

    assert same @ alike > 0.7
    assert same @ other < 0.2


def test_rows_have_length_one_in_the_order_of_the_texts(model):
    one_by_one = np.vstack([model.embed(model.tokens([text])) for text in TEXTS])

    together = model.embed(model.tokens(TEXTS))

    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, one_by_one, atol=1e-5)


def test_a_long_text_is_cut_and_an_empty_one_has_a_row_too(model):
    rows = model.embed(model.tokens(["word " * 500, ""]))

    assert rows.shape == (2, 384)
    assert np.isfinite(rows).all()


def test_batches_side_by_side_give_the_same_rows(model, monkeypatch):
    tokens = model.tokens([f"{text} {number}" for text in TEXTS for number in range(200)])
    in_turn = model.embed(tokens)
    for name, value in cores.ONE_EACH.items():
        monkeypatch.setenv(name, value)

    assert np.allclose(model.embed(tokens), in_turn, atol=1e-5)
