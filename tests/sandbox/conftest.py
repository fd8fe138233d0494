import httpx2
import openai
import pytest

from igny8_core.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def http(sandbox):
    with httpx2.Client(base_url=sandbox.url, timeout=10) as client:
        yield client


@pytest.fixture
def client(sandbox):
    with openai.OpenAI(base_url=f"{sandbox.url}/v1", api_key="x", max_retries=0) as client:
        yield client


@pytest.fixture
def ask(client):
    """Ask the sandbox as a function of ours would; the answer's text."""

    def _ask(prompt, function="", **more):
        completion = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": prompt}],
            extra_headers={"X-IGNY8-Function": function, "X-IGNY8-Task-Id": "t1"},
            **more,
        )
        return completion.choices[0].message.content

    return _ask
