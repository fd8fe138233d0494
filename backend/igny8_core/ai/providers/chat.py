"""OpenAI's Chat Completions, which every endpoint speaks that is compatible with it."""

from typing import Any

from igny8_core.ai.providers.ends import ended
from igny8_core.ai.providers.tokens import usage_told
from igny8_core.ai.providers.wishes import text_wishes
from igny8_core.ai.requests import AIRequest, Answer

wishes = text_wishes
#: Parts of an answer that are no thoughts and no tool's.
_SAID = {"text", "output_text"}
PATH = "/chat/completions"


def body(request: AIRequest, options: dict[str, Any]) -> dict[str, Any]:
    """The request as it is sent, with those of its wishes that the model takes."""
    options = dict(options)
    if wanted := options.pop("response_format", None):
        options["response_format"] = _format(wanted)
    return {"model": request.model, "messages": request.messages, **options}


def answer(parsed: dict[str, Any], raw: bytes) -> Answer:
    """What came back; raises CallFailed where it broke off, KeyError and its like for no answer."""
    choice = parsed["choices"][0]
    message = choice["message"]
    told = Answer(
        body=raw,
        text=_text_of(message.get("content")),
        usage=usage_told(parsed.get("usage"), "prompt_tokens", "completion_tokens"),
        model=str(parsed.get("model") or ""),
    )
    end = "refusal" if message.get("refusal") else choice.get("finish_reason")
    return ended(told, end, choice.get("error"))


def _text_of(content: Any) -> str:
    """What the model says: a text, or as some servers have it a list of parts."""
    if not isinstance(content, list):
        return str(content or "")
    parts = [{"text": part} if isinstance(part, str) else part for part in content]
    said = (part.get("text") for part in parts if part.get("type", "text") in _SAID)
    return "".join(str(text) for text in said if text)


def _format(wanted: dict[str, Any]) -> dict[str, Any]:
    """Here a schema stands one level deeper than elsewhere."""
    if wanted["type"] != "json_schema":
        return wanted
    schema = {name: value for name, value in wanted.items() if name != "type"}
    return {"type": "json_schema", "json_schema": schema}
