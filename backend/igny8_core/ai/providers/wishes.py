"""What a question would like and could do without, in Chat Completions' words.

The form of the answer is a strict schema, else any JSON object, else what the prompt says alone.
What the catalogue does not know of a model is tried; `options` remembers what it has refused.
"""

from typing import Any

from igny8_core.ai import catalogue
from igny8_core.ai.providers.rules import ruled
from igny8_core.ai.requests import AIRequest


def text_wishes(request: AIRequest) -> dict[str, Any]:
    """Output limit, manners, form of the answer, and where its static part may be cached."""
    wishes = ruled(request)
    if wanted := _format_of(request):
        wishes["response_format"] = wanted
    if catalogue.find(request.model):
        # Elsewhere it may be taken for a mistake, and nothing is cached by it.
        wishes["prompt_cache_key"] = request.cache_key
    return wishes


def _format_of(request: AIRequest) -> dict[str, Any] | None:
    rules, shape = catalogue.rules_of(request.model), request.shape
    if request.response_format == "text":
        return None
    if request.response_format == "json_schema" and shape and rules.json_schema is not False:
        schema = {"name": request.function_name, "schema": shape.schema, "strict": shape.strict}
        return {"type": "json_schema", **schema}
    return None if rules.json_object is False else {"type": "json_object"}
