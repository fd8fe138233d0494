"""OpenAI's Embeddings interface, and of those that imitate it, packed or as plain numbers."""

import base64
import json
from array import array
from collections.abc import Sequence
from typing import Any

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.transport import failed

PATH = "/embeddings"


def body(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """The request as it is sent; packed, the answer is a quarter as long."""
    return {"model": model, "input": list(texts), "encoding_format": "base64"}


def rows(answer: bytes, count: int) -> list[Sequence[float]]:
    """One row for each text, in their order; raises CallFailed where the answer has others."""
    try:
        data = sorted(json.loads(answer)["data"], key=lambda one: int(one["index"]))
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
