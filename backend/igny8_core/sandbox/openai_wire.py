"""OpenAI's wire formats: chat completions, responses, images, embeddings and models."""

import base64
import json
import math
import re
import struct
import time
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import uuid4

from igny8_core.sandbox import openai_models as models
from igny8_core.sandbox.damage import SLIPS, odd_usage
from igny8_core.sandbox.drawing import FORMATS
from igny8_core.sandbox.errors import REQUEST, ProviderError, Refused, openai_body
from igny8_core.sandbox.faults import Action
from igny8_core.sandbox.ledger import Call
from igny8_core.sandbox.strictness import refuse_loose
from igny8_core.sandbox.wire import Answer, Bill, Studio, tokens_in

IMAGE_TOKENS = {"low": 272, "medium": 1056, "high": 4160, "auto": 1056, "xhigh": 6240, "max": 8320}
OLD_SIZES = ("1024x1024", "1024x1536", "1536x1024")
EMBEDDED = re.compile(r"\w+")


class OpenAIWire:
    """Reads and answers one kind of OpenAI request."""

    kind = ""

    def calls(self, path: str, body: Any, heads: Mapping[str, str]) -> list[Call]:
        """The one piece of work that the request asks for."""
        body = body if isinstance(body, dict) else {}
        call = Call(
            kind=self.kind,
            path=path,
            prompt=self.prompt(body),
            model=str(body.get("model") or ""),
            function=heads.get("x-igny8-function", ""),
            task_id=heads.get("x-igny8-task-id", ""),
            client_request_id=heads.get("x-client-request-id", ""),
            key=heads.get("authorization", "").removeprefix("Bearer "),
        )
        return [call]

    def prompt(self, body: dict[str, Any]) -> str:
        """All text that the model would read."""
        raise NotImplementedError

    def error(self, error: ProviderError, body: Any) -> dict[str, Any]:
        """The body of an error."""
        return openai_body(error)

    def generate(self, body: Any, calls: list[Call], action: Action, studio: Studio) -> Answer:
        """The body of an answer, and its bill."""
        if not isinstance(body, dict):
            raise Refused(_invalid("We could not parse the JSON body of your request.", None))
        if not calls[0].model:
            raise Refused(_invalid("you must provide a model parameter", None))
        models.refuse_retired(calls[0].model)
        return self.answer(body, calls[0], action, studio)

    def answer(self, body: dict[str, Any], call: Call, action: Action, studio: Studio) -> Answer:
        """As `generate`, for a request that has the right shape."""
        raise NotImplementedError


class ChatWire(OpenAIWire):
    """`POST /v1/chat/completions`."""

    kind = "chat"

    def prompt(self, body: dict[str, Any]) -> str:
        return "\n\n".join(_said(body.get("messages")))

    def answer(self, body: dict[str, Any], call: Call, action: Action, studio: Studio) -> Answer:
        self._check(body, call)
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        text, finish = written(call, limit, action, studio)
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if action.refusal:
            message |= {"content": None, "refusal": action.refusal}
        usage = _chat_usage(call.prompt, text)
        completion = {
            "id": f"chatcmpl-{uuid4().hex[:29]}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": call.model,
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
            ],
            "service_tier": "default",
            "system_fingerprint": None,
        }
        return Answer(_with_usage(completion, usage, action), [Bill(usage)])

    def _check(self, body: dict[str, Any], call: Call) -> None:
        if not isinstance(body.get("messages"), list) or not body["messages"]:
            raise Refused(_invalid("Missing required parameter: 'messages'.", "messages"))
        if body.get("stream"):
            raise Refused(_invalid("The IGNY8 sandbox does not stream.", "stream"))
        models.refuse_parameters(body)
        wanted = body.get("response_format")
        wanted = wanted if isinstance(wanted, dict) else {}
        refuse_loose(wanted.get("json_schema"), "response_format")
        _refuse_silence(wanted, call, "messages")


class ResponsesWire(OpenAIWire):
    """`POST /v1/responses`, as far as a text answer needs it."""

    kind = "responses"

    def prompt(self, body: dict[str, Any]) -> str:
        given = body.get("input")
        said = [given] if isinstance(given, str) else _said(given)
        return "\n\n".join([str(body.get("instructions") or ""), *said]).strip()

    def answer(self, body: dict[str, Any], call: Call, action: Action, studio: Studio) -> Answer:
        wanted = body.get("text")
        wanted = wanted.get("format") if isinstance(wanted, dict) else None
        wanted = wanted if isinstance(wanted, dict) else {}
        refuse_loose(wanted if wanted.get("type") == "json_schema" else None, "text.format.schema")
        _refuse_silence(wanted, call, "input")
        text, finish = written(call, body.get("max_output_tokens"), action, studio)
        part = {"type": "output_text", "text": text, "annotations": []}
        if action.refusal:
            part = {"type": "refusal", "refusal": action.refusal}
        usage = _responses_usage(call.prompt, text)
        reason = {"length": "max_output_tokens"}.get(finish, finish)
        response = {
            "id": f"resp_{uuid4().hex}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "completed" if finish == "stop" else "incomplete",
            "error": None,
            "incomplete_details": None if finish == "stop" else {"reason": reason},
            "model": call.model,
            "output": [
                {
                    "id": f"msg_{uuid4().hex}",
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [part],
                }
            ],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        return Answer(_with_usage(response, usage, action), [Bill(usage)])


class ImagesWire(OpenAIWire):
    """`POST /v1/images/generations`."""

    kind = "images"

    def prompt(self, body: dict[str, Any]) -> str:
        return str(body.get("prompt") or "")

    def answer(self, body: dict[str, Any], call: Call, action: Action, studio: Studio) -> Answer:
        width, height = _checked_size(body, call)
        kind = FORMATS.get(str(body.get("output_format") or "png"))
        if kind is None:
            raise Refused(_unsupported("output_format", body["output_format"], list(FORMATS)))
        by_address = (
            not call.model.startswith("gpt-image") and body.get("response_format") != "b64_json"
        )
        spec = (call.prompt, width, height, kind)
        if by_address:
            data: dict[str, Any] = {"url": studio.address_of(*spec)}
        else:
            picture, _ = studio.picture(*spec, action=action)
            data = {"b64_json": base64.b64encode(picture).decode()}
        usage = _image_usage(call.prompt, width, height, str(body.get("quality") or "auto"))
        answer = {
            "created": int(time.time()),
            "data": [data] * _number(body),
            "size": f"{width}x{height}",
        }
        answer |= {"output_format": kind, "quality": body.get("quality") or "auto"}
        return Answer(_with_usage(answer, usage, action), [Bill(usage)])


class EmbeddingsWire(OpenAIWire):
    """`POST /v1/embeddings`: hashed words and trigrams, so that alike texts are near."""

    kind = "embeddings"

    def prompt(self, body: dict[str, Any]) -> str:
        return "\n".join(_inputs(body))

    def answer(self, body: dict[str, Any], call: Call, action: Action, studio: Studio) -> Answer:
        inputs, size = _inputs(body), body.get("dimensions") or 1536
        if not isinstance(size, int) or not 0 < size <= 3072:
            raise Refused(_invalid("Invalid value for 'dimensions'.", "dimensions"))
        if not inputs:
            raise Refused(_invalid("Missing required parameter: 'input'.", "input"))
        vectors = [embedded(text, size) for text in inputs]
        packed = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(v) if packed else list(v)}
            for index, v in enumerate(vectors)
        ]
        count = tokens_in(call.prompt)
        usage = {"prompt_tokens": count, "total_tokens": count}
        answer = {"object": "list", "data": data, "model": call.model}
        return Answer(_with_usage(answer, usage, action), [Bill(usage)])


def listed_models(path: str) -> dict[str, Any]:
    """`GET /v1/models` and `/v1/models/{id}`."""
    _, _, name = path.partition("/models/")
    if name:
        models.refuse_unknown(name)
        return models.listed_model(name)
    return {"object": "list", "data": [models.listed_model(m) for m in models.SHUTDOWN_DATES]}


def written(call: Call, limit: int | None, action: Action, studio: Studio) -> tuple[str, str]:
    """The text and how it ended: what the model said, cut and damaged as limit and script say."""
    if action.refusal:
        return action.refusal, "stop"
    text = studio.answers.to(call.prompt, call.function, action)
    if action.malformed:
        text = SLIPS[action.malformed](text)
    if action.content_filter:
        return text[: len(text) // 3], "content_filter"
    if action.truncate is not None:
        return text[: int(len(text) * action.truncate)], "length"
    if isinstance(limit, int) and tokens_in(text) > limit:
        return text[: limit * 4], "length"
    return text, "stop"


@lru_cache(maxsize=4096)
def embedded(text: str, size: int) -> tuple[float, ...]:
    """A unit vector of hashed words and character trigrams."""
    vector = [0.0] * size
    words = EMBEDDED.findall(text.casefold()) or [text]
    marks = words + [f" {word} "[i : i + 3] for word in words for i in range(len(word))]
    for mark in marks:
        hashed = zlib.crc32(mark.encode("utf-8", "surrogatepass"))
        vector[hashed % size] += 1.0 if hashed & 0x8000_0000 else -1.0
    norm = math.sqrt(sum(value * value for value in vector)) or 1.0
    return tuple(value / norm for value in vector)


def _packed(vector: tuple[float, ...]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _said(messages: Any) -> list[str]:
    said = [m.get("content") for m in messages or () if isinstance(m, dict)]
    return [text if isinstance(text, str) else _parts(text) for text in said if text]


def _parts(content: Any) -> str:
    parts = content if isinstance(content, list) else [content]
    return "\n".join(str(p.get("text", "")) if isinstance(p, dict) else str(p) for p in parts)


def _inputs(body: dict[str, Any]) -> list[str]:
    given = body.get("input") or []
    texts = given if isinstance(given, list) else [given]
    return [text if isinstance(text, str) else json.dumps(text) for text in texts]


def _chat_usage(prompt: str, text: str) -> dict[str, Any]:
    given, made = tokens_in(prompt), tokens_in(text)
    return {
        "prompt_tokens": given,
        "completion_tokens": made,
        "total_tokens": given + made,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _responses_usage(prompt: str, text: str) -> dict[str, Any]:
    given, made = tokens_in(prompt), tokens_in(text)
    return {
        "input_tokens": given,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": given + made,
    }


def _image_usage(prompt: str, width: int, height: int, quality: str) -> dict[str, Any]:
    given = tokens_in(prompt)
    made = max(1, round(IMAGE_TOKENS.get(quality, 1056) * width * height / 1024**2))
    return {
        "input_tokens": given,
        "input_tokens_details": {"text_tokens": given, "image_tokens": 0},
        "output_tokens": made,
        "total_tokens": given + made,
    }


def _with_usage(answer: dict[str, Any], usage: dict[str, Any], action: Action) -> dict[str, Any]:
    if action.usage == "missing":
        return answer
    return answer | {"usage": odd_usage(usage, action.usage) if action.usage else usage}


def _checked_size(body: dict[str, Any], call: Call) -> tuple[int, int]:
    if not call.prompt:
        raise Refused(_invalid("Missing required parameter: 'prompt'.", "prompt"))
    if call.model.startswith("gpt-image") and "response_format" in body:
        message = "Unknown parameter: 'response_format'."
        raise Refused(ProviderError(400, "unknown_parameter", REQUEST, message, "response_format"))
    if len(call.prompt) > 32_000:
        message = "Invalid 'prompt': string too long. Expected a string with maximum length 32000."
        raise Refused(ProviderError(400, "string_above_max_length", REQUEST, message, "prompt"))
    size = str(body.get("size") or "auto")
    size = "1024x1024" if size == "auto" else size
    sides = re.fullmatch(r"(\d{2,5})x(\d{2,5})", size)
    if not sides or not _is_allowed(call.model, size, int(sides[1]), int(sides[2])):
        raise Refused(_unsupported("size", size, [*OLD_SIZES, "auto"]))
    return int(sides[1]), int(sides[2])


def _is_allowed(model: str, size: str, width: int, height: int) -> bool:
    if model.startswith("gpt-image-1"):
        return size in OLD_SIZES
    if not model.startswith("gpt-image"):
        return width <= 4096 and height <= 4096
    even = width % 16 == 0 and height % 16 == 0
    small = max(width, height) <= 3840 and min(width, height) <= 2160
    return even and small and max(width, height) <= 3 * min(width, height)


def _number(body: dict[str, Any]) -> int:
    number = body.get("n") or 1
    if not isinstance(number, int) or not 1 <= number <= 10:
        raise Refused(_invalid(f"Invalid value for 'n': {number!r}.", "n"))
    return number


def _refuse_silence(wanted: dict[str, Any], call: Call, param: str) -> None:
    """JSON mode is for prompts that speak of JSON."""
    if wanted.get("type") == "json_object" and "json" not in call.prompt.lower():
        message = (
            f"'{param}' must contain the word 'json' in some form, to use"
            " 'response_format' of type 'json_object'."
        )
        raise Refused(_invalid(message, param))


def _unsupported(param: str, value: Any, allowed: list[str]) -> ProviderError:
    values = ", ".join(f"'{name}'" for name in allowed)
    message = f"Invalid value: '{value}'. Supported values are: {values}."
    return ProviderError(400, "invalid_value", REQUEST, message, param)


def _invalid(message: str, param: str | None) -> ProviderError:
    return ProviderError(400, None, REQUEST, message, param)
