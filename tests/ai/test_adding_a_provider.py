"""The guide's example is a whole provider: dropped in as it stands, a function runs on it."""

import json
import os
import re
import subprocess
import sys
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from igny8_core.ai import catalogue, providers
from igny8_core.ai.models import AITaskLog
from igny8_core.ai.providers import get_provider
from igny8_core.ai.worker import work_on
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.errors import NotConfigured
from igny8_core.writer.models import Content
from tests.ai.runs import ARTICLE, a_task, calls_of

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-provider.md"
KEY = "acme-key"


class Acme(BaseHTTPRequestHandler):
    """The made-up provider: one article for every question, in a format of its own."""

    asked: list[dict] = []

    def do_GET(self):
        self._answer({"name": "us"})

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({"path": self.path, **question})
        reply = {"reply": json.dumps(ARTICLE), "cut": False, "read": 90, "written": 300}
        self._answer({**reply, "usd": 0.0025})

    def _answer(self, body):
        known = self.headers["Authorization"] == f"Bearer {KEY}"
        data = json.dumps(body if known else {"problem": "who are you?"}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *given):
        pass


@pytest.fixture
def acme():
    """Where it answers; what it was asked is in `Acme.asked`."""
    Acme.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Acme) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v2"
        server.shutdown()


@pytest.fixture
def dropped_in(tmp_path, monkeypatch, settings, acme):
    """The file in a folder of its own, beside those that are there; the operator's variables."""
    name, code = re.search(
        r"<!-- example: (\w+\.py) -->\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL
    ).groups()
    (tmp_path / name).write_text(code)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    settings.IGNY8_PROVIDERS = ["acme"]
    settings.ACME_API_KEY, settings.ACME_BASE_URL = KEY, acme
    yield
    catalogue.forget()
    providers._class_of.cache_clear()
    sys.modules.pop("igny8_core.ai.providers.acme", None)


@pytest.mark.django_db
def test_a_function_runs_on_a_dropped_in_provider(dropped_in, account, world):
    api, task = world.adam.api, a_task(account)
    own = {"config": {"functions": {"generate_content": {"model": "acme-1", "max_tokens": 900}}}}
    assert api.put("system/integrations/acme/", own).status_code == 200
    assert api.post("system/integrations/acme/test/").json()["ok"]

    path = "ai/functions/generate_content/run/"
    run = AITaskLog.unscoped.get(pk=api.post(path, {"ids": [task.pk]}).json()["task_id"])
    work_on(run.pk)

    run.refresh_from_db()
    assert (run.state, run.provider, run.model) == ("SUCCESS", "acme", "acme-1")
    assert Content.objects.for_account(account).get().title == ARTICLE["title"]
    ((asked),) = Acme.asked
    assert (asked["path"], asked["engine"], asked["most"]) == ("/v2/write", "acme-1", 900)
    (call,) = calls_of(run)
    assert (call.provider, call.tokens_output, call.cost) == ("acme", 300, Decimal("0.0025"))
    assert CreditUsageLog.unscoped.get(task_id=run.pk).cost_usd == Decimal("0.0025")


@pytest.mark.django_db
def test_what_it_refuses_is_told_in_our_words(dropped_in, account, world, settings):
    settings.ACME_API_KEY = "another"
    said = world.adam.api.post("system/integrations/acme/test/").json()
    assert not said["ok"]
    assert said["detail"].startswith("Acme does not accept the API key.")


@pytest.mark.django_db
def test_a_provider_without_key_and_address_is_not_played_by_the_sandbox(
    dropped_in, world, settings, sandbox
):
    settings.ACME_API_KEY = settings.ACME_BASE_URL = ""
    said = world.adam.api.post("system/integrations/acme/test/").json()
    assert said["detail"].startswith("No Acme key.")


@pytest.mark.django_db
def test_a_provider_that_the_operator_has_not_named_is_not_there(world):
    assert world.adam.api.get("system/integrations/acme/").status_code == 404


def test_its_models_may_have_prices(dropped_in, settings, tmp_path):
    row = {"id": "acme-1", "provider": "acme", "modality": "text", "source": "the invoice"}
    settings.IGNY8_CATALOGUE = tmp_path / "models.json"
    settings.IGNY8_CATALOGUE.write_text(json.dumps({"models": [row]}))
    catalogue.forget()
    assert catalogue.find("acme-1").provider == "acme"


@pytest.mark.parametrize("name", ["openai", "runware"])
def test_a_provider_bears_the_name_of_its_file(name):
    assert get_provider(name).name == name


@pytest.mark.parametrize("name", ["chat", "nobody"])
def test_a_file_that_holds_no_provider_is_named(name):
    with pytest.raises(NotConfigured, match=f"There is no provider {name}: "):
        get_provider(name)


@pytest.mark.parametrize("wrong", ["Acme", "ac me", "a.b", "1st"])
def test_a_name_that_cannot_be_a_file_s_is_refused_at_the_start(wrong, tmp_path):
    assert "IGNY8_PROVIDERS cannot be read" in started(tmp_path, IGNY8_PROVIDERS=wrong).stderr


def test_key_and_address_of_an_added_provider_are_read_from_the_environment(tmp_path):
    acme = {"ACME_API_KEY": KEY, "ACME_BASE_URL": "https://acme.example"}
    shown = started(tmp_path, IGNY8_PROVIDERS="acme", **acme)
    assert shown.stdout.split() == [KEY, "https://acme.example"]


def started(folder, **environment):
    env = {**os.environ, "IGNY8_DATA_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    show = "from igny8_core import settings as s; print(s.ACME_API_KEY, s.ACME_BASE_URL)"
    command = [sys.executable, "-c", show]
    return subprocess.run(command, env=env | environment, capture_output=True, text=True)


def test_no_sdk_is_imported_before_a_provider_is_called(tmp_path):
    env = {**os.environ, "IGNY8_DATA_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    code = (
        "import sys, django; django.setup(); import igny8_core.urls, igny8_core.ai.worker; "
        "assert 'openai' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
