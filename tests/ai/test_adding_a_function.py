"""The guide's example is a whole function: dropped in as it stands, it runs over HTTP at once."""

import re
from pathlib import Path

import pytest

from igny8_core.ai import functions, registry
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.worker import work_on
from igny8_core.billing import ledger
from igny8_core.sandbox import Sandbox
from igny8_core.writer.content import create_content
from tests.world import make_world

GUIDE = Path(__file__).parents[2] / "docs" / "adding-an-ai-function.md"
PROMPT = "As JSON {title, description}, two lines for this article of ours:\n[IGNY8_CONTENT]"


@pytest.fixture
def dropped_in(tmp_path, monkeypatch):
    """The file in a folder of its own, beside those that are there."""
    name, code = re.search(
        r"<!-- example: (\w+\.py) -->\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL
    ).groups()
    (tmp_path / name).write_text(code)
    monkeypatch.setattr(functions, "__path__", [*functions.__path__, str(tmp_path)])
    registry.look_again()
    yield
    monkeypatch.undo()
    registry.look_again()
    registry._classes.pop("generate_meta", None)


@pytest.fixture
def sandbox(settings):
    with Sandbox() as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        yield sandbox


@pytest.mark.django_db
def test_a_dropped_in_file_runs_over_http_with_everything_a_function_has(dropped_in, sandbox):
    world = make_world()
    api = world.adam.api
    ledger.grant(world.account, 10, key="test")
    content = create_content(
        world.account, user=world.bob.user, title="Maps", html="<p>About maps.</p>"
    )
    listed = {one["name"]: one for one in api.get("ai/functions/").json()["results"]}
    assert listed["generate_meta"]["credits"] == 2

    own = {"config": {"functions": {"generate_meta": {"model": "gpt-4.1-mini"}}}}
    assert api.put("system/integrations/openai/", own).status_code == 200
    assert api.put("system/prompts/generate_meta/", {"prompt": PROMPT}).status_code == 200

    path, body = "ai/functions/generate_meta/run/", {"ids": [content.pk]}
    quote = api.post(f"{path}?dry_run=true", body).json()
    assert (quote["items"], quote["credits"], quote["model"]) == (1, 2, "gpt-4.1-mini")

    task_id = api.post(path, body).json()["task_id"]
    work_on(AITaskLog.unscoped.get(pk=task_id).pk)

    progress = api.get(f"system/settings/task_progress/{task_id}/").json()
    assert progress["state"] == "SUCCESS", progress["meta"]
    assert progress["meta"]["result"]["created"] == {"content": [content.pk]}
    assert [(entry.model, entry.function) for entry in sandbox.ledger.entries(billed=True)] == [
        ("gpt-4.1-mini", "generate_meta")
    ]
    task = api.get(f"ai/tasks/{task_id}/").json()
    assert task["prompt_version"] == "account:1"
    (usage,) = api.get("billing/usage/", {"function": "generate_meta"}).json()["results"]
    assert (usage["credits_used"], usage["target_type"]) == (2, "content")
    assert api.get("billing/balance/").json() == {"credits": 8, "reserved": 0}
    proposed = content.versions.get(number=2)
    assert proposed.state == "proposed"
    assert proposed.meta_title
