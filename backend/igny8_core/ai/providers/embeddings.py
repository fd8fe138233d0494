"""OpenAI's Embeddings interface, and of those that imitate it, packed or as plain numbers."""

import base64
import json
from array import array
from collections.abc import Sequence
from typing import Any

from igny8_core.ai import catalogue
from igny8_core.ai.cost import Usage
from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.tokens import tokens_told
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest, Answer

PATH = "/embeddings"


def wishes(request: AIRequest) -> dict[str, Any]:
    """Shorter rows, of models that can give them: a third of the bytes, and hardly less told."""
    model = catalogue.find(request.model)
    return {"dimensions": model.dimensions} if model and model.dimensions else {}


def body(request: AIRequest, options: dict[str, Any]) -> dict[str, Any]:
    """The request as it is sent; packed, the answer is a quarter as long."""
    texts = list(request.texts)
    return {"model": request.model, "input": texts, "encoding_format": "base64", **options}


def answer(parsed: dict[str, Any], raw: bytes) -> Answer:
    """What came back; its rows are read from the body when they are wanted."""
    usage = parsed.get("usage")
    sent = tokens_told(usage.get("prompt_tokens")) if isinstance(usage, dict) else None
    return Answer(body=raw, usage=Usage(input=sent or 0), model=str(parsed.get("model") or ""))


def rows(body: bytes, count: int) -> list[Sequence[float]]:
    """One row for each text, in their order; raises CallFailed where the body has others."""
    try:
        data = sorted(json.loads(body)["data"], key=lambda one: int(one["index"]))
        found = [_numbers(one["embedding"]) for one in data]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise failed(Kind.UNREADABLE) from None
    if [one["index"] for one in data] != list(range(count)):
        raise failed(Kind.UNREADABLE)
    return found


def _numbers(embedding: str | list[float]) -> Sequence[float]:
    """Little-endian floats of four bytes where it is packed."""
    if isinstance(embedding, str):
        return array("f", base64.b64decode(embedding, validate=True))
    return array("f", embedding)
