"""docs/providers.md says what providers' own errors lead to: each is answered over real HTTP."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from igny8_core.ai.ai_core import AICore
from igny8_core.ai.failures import CallFailed
from igny8_core.ai.requests import AIRequest, Endpoint, PictureOrder, label_of
from igny8_core.ai.verdicts import REFUSED
from igny8_core.core.errors import AIError
from tests.ai.true_errors import ALL, TASK, TrueError

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text()
PATHS = {"openai": "/v1", "runware": "/runware"}
MODELS = {"openai": "gpt-4o", "runware": "runware:97@1"}


def named(error: TrueError) -> str:
    return f"{error.source}-{error.status}-{error.kind}"


def asked(error: TrueError, sandbox) -> AIRequest:
    """The question whose answer is the error, asked as a customer of the real provider asks."""
    url = sandbox.url + PATHS[error.provider]
    picture = PictureOrder("A map", 1024, 1024, negative_prompt="people")
    return AIRequest(
        Endpoint(error.provider, url, "sk-a-key-of-ours"),
        "toy",
        account_id=1,
        **{name: uuid4() for name in ("task_id", "request_id")},
        question_id=TASK,
        model=MODELS[error.provider],
        timeout=5,
        prompt="Say something as JSON.",
        temperature=0.7,
        response_format="json_object",
        interface="responses" if error.asked == "responses" else "chat_completions",
        picture=picture if error.asked == "picture" else None,
    )


def answered(error: TrueError, sandbox) -> AIError:
    """What the item fails with, where the provider answers so; what is held back is an answer."""
    raw = {"raw": json.dumps(error.body), "status": error.status}
    sandbox.script.add({**raw, **error.headers})
    try:
        answer = AICore.run_ai_request(asked(error, sandbox))
    except CallFailed as failure:
        return failure
    assert answer.is_held_back
    return REFUSED


@pytest.mark.parametrize("error", ALL, ids=named)
def test_every_error_of_a_provider_is_of_its_class_and_has_its_row(error, sandbox):
    failure = answered(error, sandbox)
    assert failure.code == error.kind
    # The stand-in is at no provider's own address, and goes by its host.
    home = {"OpenRouter": "openrouter.ai"}.get(error.source) or label_of(error.provider)
    read = failure.detail.replace("127.0.0.1", home)
    assert row_of(error, read[0].upper() + read[1:]) in PAGE.splitlines()


@pytest.mark.parametrize("error", ALL, ids=named)
def test_no_word_of_a_provider_is_passed_on(error, sandbox):
    said = str(error.error.get("message") or "-")
    assert said not in answered(error, sandbox).detail


def test_the_page_tells_of_no_other_errors():
    told = [line for line in PAGE.splitlines() if line.count("|") == 7]
    assert len(told) == len(ALL) + 2


def row_of(error: TrueError, read: str) -> str:
    """The error's row of the table, as the page is to have it."""
    cells = (error.source, error.status, error.told, error.message, f"`{error.kind}`", read)
    return f"| {' | '.join(map(str, cells))} |"
