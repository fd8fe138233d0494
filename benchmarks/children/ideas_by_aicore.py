"""Our own AICore, from prompt to validated value, without what the engine does around it."""

from uuid import uuid4

import django

django.setup()

from benchmarks.children import ideas  # noqa: E402
from igny8_core.ai.ai_core import AICore, CallPlan  # noqa: E402
from igny8_core.ai.base import BaseAIFunction  # noqa: E402
from igny8_core.ai.requests import Endpoint  # noqa: E402
from igny8_core.core.models import Account  # noqa: E402


class Ideas(BaseAIFunction):
    """Ten ideas."""

    answer_schema = ideas.Ideas

    def get_name(self) -> str:
        return "ideas"

    prepare = split = build_prompt = parse_response = save_output = None


function, core, run = Ideas(), AICore(Account(pk=1)), uuid4()
plan = CallPlan(
    Endpoint("openai", ideas.URL, ideas.KEY),
    ideas.MODEL,
    {
        "max_tokens": ideas.MOST_TOKENS,
        "temperature": ideas.TEMPERATURE,
        "response_format": ideas.FORMAT["type"],
    },
)


def call() -> ideas.Ideas:
    request = core.request(function, ideas.PROMPT, plan, task_id=run)
    answer = AICore.run_ai_request(request)
    return AICore.extract_json(answer.text, ideas.Ideas)


if __name__ == "__main__":
    ideas.measured(call)
