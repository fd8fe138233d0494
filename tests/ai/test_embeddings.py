"""A provider's `/embeddings` as what keywords are likened by."""

import json
from array import array

import pytest

from igny8_core.ai.failures import CallFailed
from igny8_core.ai.functions import _embeddings
from igny8_core.ai.functions._embeddings import embeddings_of
from igny8_core.ai.providers.embeddings import rows
from igny8_core.ai.requests import Endpoint
from igny8_core.planner.clustering import Term, cluster

TEXTS = ["gas stove", "camping gas stove", "hiking boots women", "women hiking boots"]
MODEL = "text-embedding-3-small"


@pytest.fixture
def embed(sandbox):
    endpoint = Endpoint("openai", f"{sandbox.url}/v1", "a-secret-key", sandbox=True)
    return embeddings_of(endpoint, MODEL)


def test_keywords_are_grouped_by_what_a_provider_makes_of_them(embed):
    found = cluster(list(map(Term, TEXTS)), embed=embed)

    assert (found.backend, found.why) == ("provider", ())
    assert {frozenset(TEXTS[index] for index in group.members) for group in found.groups} == {
        frozenset(TEXTS[:2]),
        frozenset(TEXTS[2:]),
    }


def test_many_texts_go_in_several_requests_and_come_back_in_their_order(
    embed, sandbox, monkeypatch
):
    alone = [list(embed([text])[0]) for text in TEXTS]
    sandbox.ledger.clear()
    monkeypatch.setattr(_embeddings, "_PER_REQUEST", 3)

    together = [list(row) for row in embed(TEXTS)]

    assert together == alone
    assert len(sandbox.ledger.entries()) == 2


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_provider_that_fails_leaves_tfidf_and_says_why_without_the_key(embed, sandbox, status):
    sandbox.script.add([{"status": status}])

    found = cluster(list(map(Term, TEXTS)), embed=embed)

    assert found.backend == "tfidf"
    assert found.why[0].startswith("No embeddings from the provider: ")
    assert "secret" not in found.why[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b'{"data": []}',
        b'{"data": [{"index": 1, "embedding": [1.0]}]}',
        b'{"data": [{"index": 0, "embedding": "????"}]}',
        b'{"data": [{"index": 0, "embedding": ["a"]}]}',
        b'{"data": [{"index": 0}]}',
    ],
)
def test_an_answer_that_is_not_one_row_for_each_text_is_unreadable(answer):
    with pytest.raises(CallFailed, match="unreadable"):
        rows(answer, 1)


def test_plain_numbers_are_read_as_well_as_packed_ones():
    plain = {"data": [{"index": 1, "embedding": [3, 4.5]}, {"index": 0, "embedding": [1, 2]}]}

    assert rows(json.dumps(plain).encode(), 2) == [array("f", [1, 2]), array("f", [3, 4.5])]
