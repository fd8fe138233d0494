"""OpenAI's Chat Completions, which every endpoint speaks that is compatible with it."""

from typing import Any

from igny8_core.ai.providers.tokens import usage_told
from igny8_core.ai.providers.wishes import text_wishes
from igny8_core.ai.requests import AIRequest, Answer

wishes = text_wishes
PATH = "/chat/completions"


def body(request: AIRequest, options: dict[str, Any]) -> dict[str, Any]:
    """The request as it is sent, with those of its wishes that the model takes."""
    options = dict(options)
    if wanted := options.pop("response_format", None):
        options["response_format"] = _format(wanted)
    return {"model": request.model, "messages": request.messages, **options}


def answer(parsed: dict[str, Any], raw: bytes) -> Answer:
    """What came back; raises KeyError and its like where it is none."""
    choice = parsed["choices"][0]
    message = choice["message"]
    refusal = message.get("refusal")
    return Answer(
        body=raw,
        text=str(message.get("content") or ""),
        finish_reason="refusal" if refusal else str(choice.get("finish_reason") or "stop"),
        usage=usage_told(parsed.get("usage"), "prompt_tokens", "completion_tokens"),
        model=str(parsed.get("model") or ""),
    )


def _format(wanted: dict[str, Any]) -> dict[str, Any]:
    """Here a schema stands one level deeper than elsewhere."""
    if wanted["type"] != "json_schema":
        return wanted
    schema = {name: value for name, value in wanted.items() if name != "type"}
    return {"type": "json_schema", "json_schema": schema}
