"""OpenAI's Images interface: base64 from its own models, an address from some that imitate it."""

import base64
import binascii
import json
from dataclasses import replace
from typing import Any

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.tokens import usage_told
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest, Answer, PictureOrder

PATH = "/images/generations"
_JPEG = {"jpg": "jpeg"}


def wishes(request: AIRequest) -> dict[str, Any]:
    """What the request would like and could do without."""
    order = _order(request)
    return {"output_format": _JPEG.get(order.format, order.format)}


def body(request: AIRequest, options: dict[str, Any]) -> dict[str, Any]:
    """The request as it is sent."""
    order = _order(request)
    return {
        "model": request.model,
        "prompt": order.prompt,
        "n": 1,
        "size": order.size,
        **options,
    }


def answer(parsed: dict[str, Any], raw: bytes) -> Answer:
    """What came back: bytes, or where they are; the journal keeps the rest of it."""
    picture = parsed["data"][0]
    kept = {**parsed, "data": [{"url": picture.get("url")} if picture.get("url") else {}]}
    usage = usage_told(parsed.get("usage"), "input_tokens", "output_tokens")
    told = Answer(body=json.dumps(kept).encode(), usage=usage)
    encoded = picture.get("b64_json")
    try:
        data = base64.b64decode(encoded, validate=True) if encoded else None
    except binascii.Error:
        raise failed(Kind.UNREADABLE, paid=told) from None
    url = "" if data else str(picture["url"])  # no picture at all: unreadable
    return replace(told, picture_data=data, picture_url=url)


def _order(request: AIRequest) -> PictureOrder:
    assert request.picture is not None
    return request.picture
