"""OpenAI's Responses interface: the same questions and answers, in other words."""

from dataclasses import replace
from typing import Any

from igny8_core.ai.providers.ends import ended
from igny8_core.ai.providers.tokens import usage_told
from igny8_core.ai.providers.transport import from_status
from igny8_core.ai.providers.wishes import text_wishes
from igny8_core.ai.requests import AIRequest, Answer

wishes = text_wishes
PATH = "/responses"


def body(request: AIRequest, options: dict[str, Any]) -> dict[str, Any]:
    """The request as it is sent. Nothing of it is to be kept at OpenAI's (`store`)."""
    sent: dict[str, Any] = {"model": request.model, "input": request.messages, "store": False}
    for name, value in options.items():
        match name:
            case "max_tokens" | "max_completion_tokens":
                sent["max_output_tokens"] = value
            case "reasoning_effort":
                sent["reasoning"] = {"effort": value}
            case "response_format":
                sent["text"] = {"format": value}
            case _:
                sent[name] = value
    return sent


def answer(parsed: dict[str, Any], raw: bytes) -> Answer:
    """What came back; raises CallFailed where it says that it failed, KeyError where it is none."""
    usage = usage_told(parsed.get("usage"), "input_tokens", "output_tokens")
    told = Answer(body=raw, usage=usage, model=str(parsed.get("model") or ""))
    if parsed.get("status") == "failed":
        failure = from_status(500, raw, {})
        failure.paid = told if parsed.get("usage") else None
        raise failure
    parts = [
        part
        for item in parsed["output"]
        if item.get("type") == "message"
        for part in item["content"]
    ]
    text = "".join(str(part["text"]) for part in parts if part.get("type") == "output_text")
    return ended(replace(told, text=text), _end(parsed, parts))


def _end(parsed: dict[str, Any], parts: list[dict[str, Any]]) -> Any:
    """The provider's word for it: `in_progress` and the like are words for no end."""
    if any(part.get("type") == "refusal" for part in parts):
        return "refusal"
    if parsed.get("status") != "incomplete":
        return parsed.get("status")
    return (parsed.get("incomplete_details") or {}).get("reason") or "length"
