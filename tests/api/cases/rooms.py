"""system, ai, billing."""

from igny8_core.core.models import Role
from tests.api.cases import Case
from tests.world import a_run

VIEWER, EDITOR, ADMIN = Role.VIEWER, Role.EDITOR, Role.ADMIN


def a_finished_run(world):
    return {"pk": a_run(world.account, state="SUCCESS").pk}


def the_progress(world):
    return {"task_id": a_run(world.account, state="SUCCESS").pk}


def negative_prompt(world):
    return {"prompt_type": "negative_prompt"}


def openai(world):
    return {"integration_type": "openai"}


CASES = {
    ("GET", "system/prompts/{prompt_type}/"): Case(ADMIN, ids=negative_prompt, owned=False),
    ("PUT", "system/prompts/{prompt_type}/"): Case(
        ADMIN, ids=negative_prompt, body=lambda world: {"prompt": "no words"}, owned=False
    ),
    ("DELETE", "system/prompts/{prompt_type}/"): Case(ADMIN, 204, ids=negative_prompt, owned=False),
    ("GET", "system/integrations/{integration_type}/"): Case(ADMIN, ids=openai, owned=False),
    ("PUT", "system/integrations/{integration_type}/"): Case(
        ADMIN, ids=openai, body=lambda world: {"config": {"model": "gpt-4o"}}, owned=False
    ),
    ("DELETE", "system/integrations/{integration_type}/"): Case(
        ADMIN, 204, ids=openai, owned=False
    ),
    ("POST", "system/integrations/{integration_type}/test/"): Case(ADMIN, ids=openai, owned=False),
    ("GET", "system/settings/images/"): Case(VIEWER),
    ("PUT", "system/settings/images/"): Case(EDITOR, body=lambda world: {"image_type": "cartoon"}),
    ("GET", "system/settings/task_progress/{task_id}/"): Case(VIEWER, ids=the_progress),
    ("POST", "system/settings/task_progress/{task_id}/cancel/"): Case(EDITOR, ids=the_progress),
    ("GET", "ai/models/"): Case(VIEWER),
    ("GET", "ai/functions/"): Case(VIEWER),
    ("POST", "ai/functions/{name}/run/"): Case(
        EDITOR,
        400,
        ids=lambda world: {"name": "generate_ideas"},
        body=lambda world: {"ids": [10**12]},
        owned=False,
    ),
    ("GET", "ai/tasks/"): Case(VIEWER),
    ("GET", "ai/tasks/{pk}/"): Case(VIEWER, ids=a_finished_run),
    ("POST", "ai/tasks/{pk}/retry/"): Case(EDITOR, 409, ids=a_finished_run),
    ("GET", "billing/balance/"): Case(VIEWER),
    ("GET", "billing/ceilings/"): Case(VIEWER),
    ("PUT", "billing/ceilings/"): Case(ADMIN, body=lambda world: {"daily_usd": "5"}),
    ("GET", "billing/transactions/"): Case(VIEWER),
    ("GET", "billing/usage/"): Case(VIEWER),
}
