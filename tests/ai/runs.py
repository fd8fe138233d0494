"""What tests of the engine need: objects to work on, a toy function, a whole run."""

import json
import os
import subprocess
import sys
from uuid import uuid4

from django.conf import settings
from django.db import connection
from pydantic import BaseModel

from igny8_core.ai import desk, dispatch, engine
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.models import AITaskItem, AITaskLog, ProviderCall
from igny8_core.ai.requests import AIRequest, Endpoint
from igny8_core.ai.tasks import cancel, enqueue
from igny8_core.ai.worker import work_on
from igny8_core.billing.models import CreditUsageLog
from igny8_core.core.models import Site
from igny8_core.planner.models import Cluster, Keyword
from igny8_core.writer.models import Content, Images, Tasks
from igny8_core.writer.tasks import tasks_for

WORDS = "Plain words about maps and how to read them. " * 18
ARTICLE = {
    "title": "Maps",
    "content": f"<h2>Reading maps</h2><p>{WORDS}</p>",
    "meta_title": "Maps",
    "meta_description": "How to read maps.",
}


class Titled(BaseModel):
    title: str


class Toy(BaseAIFunction):
    """Write a task's description."""

    target = Tasks
    credits = 3
    default_prompt = 'Answer with JSON like {"title": "..."} about [IGNY8_IDEA].'
    at_parse = staticmethod(lambda *given: None)
    at_save = staticmethod(lambda *given: None)

    def get_name(self):
        return "toy"

    def prepare(self, payload, account):
        return tasks_for(account, payload["ids"])

    def split(self, data):
        return data

    def build_prompt(self, data, account):
        return f'Answer with JSON like {{"title": "..."}} about <{data.title}>.'

    def parse_response(self, response, step_tracker=None):
        self.at_parse(response)
        return AICore.extract_json(response, Titled).title

    def save_output(self, parsed, original_data, account, progress_tracker=None, step_tracker=None):
        self.at_save(original_data, progress_tracker)
        Tasks.objects.for_account(account).filter(pk=original_data.pk).update(description=parsed)
        return {"content": [original_data.pk]}


def site_of(account) -> Site:
    return Site.objects.for_account(account).get(is_default=True)


def some_keywords(account, *texts, **values) -> list[Keyword]:
    made = []
    for text in texts:
        keyword = Keyword(account=account, site=site_of(account), language="en", **values)
        keyword.set_text(text)
        keyword.save()
        made.append(keyword)
    return made


def a_cluster(account, name="Maps", *keywords, **values) -> Cluster:
    cluster = Cluster(account=account, site=site_of(account), **values)
    cluster.set_name(name)
    cluster.save()
    some_keywords(account, *keywords, cluster=cluster)
    return cluster


def a_task(account, title="Maps", **values) -> Tasks:
    return Tasks.objects.create(account=account, site=site_of(account), title=title, **values)


def some_tasks(account, number) -> list[Tasks]:
    return [a_task(account, f"task-{n:03}") for n in range(1, number + 1)]


def a_content(account, html="<h2>One</h2><p>Text.</p><h2>Two</h2><p>Text.</p>", **values):
    values.setdefault("title", "Maps")
    return Content.objects.create(account=account, site=site_of(account), html=html, **values)


def an_image(account, content=None, prompt="A map on a table", **values) -> Images:
    content = content or a_content(account)
    values.setdefault("placement", "featured")
    return Images.objects.create(
        account=account, site=content.site, content=content, prompt=prompt, **values
    )


def a_request(model="gpt-4o", *, account_id=1, **values) -> AIRequest:
    """A question that nobody has to answer."""
    values.setdefault("max_tokens", 50)
    return AIRequest(
        endpoint=Endpoint("openai", "http://127.0.0.1:1/v1", "key"),
        function_name="toy",
        account_id=account_id,
        task_id=uuid4(),
        request_id=uuid4(),
        question_id=uuid4(),
        model=model,
        timeout=1.0,
        **{"prompt": "x" * 40, "temperature": 0.2, **values},
    )


def ids_of(objects) -> list[int]:
    return [one.pk for one in objects]


def begun(function_name, objects, *, account=None, **payload) -> AITaskLog:
    """A run that waits for a worker."""
    account = account or objects[0].account
    return enqueue(function_name, {"ids": ids_of(objects), **payload}, account=account)


def ended(function_name, objects, **payload) -> AITaskLog:
    """A run from its beginning to its end, in this thread."""
    return worked(begun(function_name, objects, **payload))


def worked(run) -> AITaskLog:
    assert work_on(run.pk)
    run.refresh_from_db()
    return run


def items_of(run) -> list[AITaskItem]:
    return list(AITaskItem.unscoped.filter(run=run).order_by("seq"))


def states_of(run) -> list[str]:
    return [item.state for item in items_of(run)]


def errors_of(run) -> list[str | None]:
    return [item.error and item.error["code"] for item in items_of(run)]


def calls_of(run) -> list[ProviderCall]:
    return list(ProviderCall.unscoped.filter(item__run=run).order_by("item", "n"))


def usage_of(run) -> list[CreditUsageLog]:
    return list(CreditUsageLog.unscoped.filter(task_id=run.pk).order_by("item"))


def at_fault_points(monkeypatch, do) -> None:
    """Have something done at them, which is told the name of each."""
    for module in (engine, dispatch, desk):
        monkeypatch.setattr(module, "fault_point", do)


def as_json(value) -> str:
    return json.dumps(value)


def claimed_by_a_process_that_died(run) -> None:
    """Another process, on the same database and data folder, claims the run and is gone."""
    env = {**os.environ, "DATABASE_URL": database_url(), "IGNY8_DATA_DIR": str(settings.DATA_DIR)}
    code = (
        "import os, django; django.setup(); from igny8_core.ai.claims import claim; "
        f"assert claim('{run.pk}'); os._exit(0)"
    )
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)


def database_url() -> str:
    """The tests' own database, as another process is told of it."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def cancelled_as_calls_come_back(run, monkeypatch):
    """The run is cancelled just before what has come back is journalled."""
    take_in = engine.AIEngine._take_in

    def cancelled_before(self, outcomes):
        if outcomes:
            cancel(AITaskLog.unscoped.get(pk=run.pk))
            self._look_for_cancel()
        take_in(self, outcomes)

    monkeypatch.setattr(engine, "_LOOK_UP", 0.0)
    monkeypatch.setattr(engine.AIEngine, "_take_in", cancelled_before)
