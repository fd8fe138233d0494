"""Runware's wire format: an array of tasks, answered by `data` and `errors`."""

import base64
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from igny8_core.sandbox.drawing import FORMATS, MEDIA_TYPES
from igny8_core.sandbox.errors import ERRORS, REQUEST, ProviderError, Refused, runware_body
from igny8_core.sandbox.faults import Action
from igny8_core.sandbox.ledger import Call
from igny8_core.sandbox.openai_wire import written
from igny8_core.sandbox.wire import Answer, Bill, Studio, tokens_in

MOST_TASKS = 50_000
INFERENCE = ("imageInference", "textInference")
OUTPUTS = {"URL": "imageURL", "base64Data": "imageBase64Data", "dataURI": "imageDataURI"}
Task = dict[str, Any]


class TaskBook:
    """Which task ids were used, with their tasks; a used one is never generated again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: OrderedDict[str, tuple[Call, Task, Action] | None] = OrderedDict()

    def claim(self, task_uuid: str) -> bool:
        """Take an id; False when it was used before, or is at work."""
        with self._lock:
            if task_uuid in self._tasks:
                return False
            self._tasks[task_uuid] = None
            if len(self._tasks) > MOST_TASKS:
                self._tasks.popitem(last=False)
            return True

    def finish(self, task_uuid: str, call: Call, task: Task, action: Action) -> None:
        """Keep what a generated task can be told again from."""
        with self._lock:
            self._tasks[task_uuid] = (call, task, action)

    def give_up(self, task_uuid: str) -> None:
        """Free an id whose task was refused."""
        with self._lock:
            self._tasks.pop(task_uuid, None)

    def find(self, task_uuid: str) -> tuple[bool, tuple[Call, Task, Action] | None]:
        """Whether the id is known, and its task if that is generated."""
        with self._lock:
            return task_uuid in self._tasks, self._tasks.get(task_uuid)


class RunwareWire:
    """Reads and answers an array of tasks."""

    def __init__(self, book: TaskBook) -> None:
        self._book = book

    def calls(self, path: str, body: Any, heads: Mapping[str, str]) -> list[Call]:
        """One call for each task."""
        return [_call(task, path, heads, _key(body, heads)) for task in _tasks(body)]

    def error(self, error: ProviderError, body: Any) -> dict[str, Any]:
        """Every task with the same error."""
        return {"data": [], "errors": [runware_body(error, task) for task in _tasks(body)]}

    def generate(self, body: Any, calls: list[Call], action: Action, studio: Studio) -> Answer:
        """Each task on its own: one may fail beside others that succeed."""
        data: list[Task] = []
        errors: list[Task] = []
        bills: list[Bill | None] = []
        for call, task in zip(calls, _tasks(body), strict=True):
            try:
                results, bill = self._done(call, task, action, studio)
                data, bills = data + results, [*bills, bill]
            except Refused as e:
                errors, bills = [*errors, runware_body(e.error, task)], [*bills, None]
        if action.mixed:
            errors.append(runware_body(ERRORS["server_error"], _stranger(calls[0])))
        parts = {"data": data[::-1] if action.shuffled else data} | (
            {"errors": errors} if errors else {}
        )
        status = 200 if data or not errors else 400
        return Answer(parts, bills, status)

    def _done(
        self, call: Call, task: Task, action: Action, studio: Studio
    ) -> tuple[list[Task], Bill | None]:
        kind = task.get("taskType")
        if kind == "authentication":
            return [{"taskType": kind, "connectionSessionUUID": _uuid(call, "session")}], None
        if kind == "getResponse":
            return self._told_again(task, studio), None
        if kind not in INFERENCE:
            raise Refused(_invalid("taskType", f"Unknown taskType {kind!r}."))
        _check_id(call.task_uuid)
        return self._generated(call, task, action, studio)

    def _generated(
        self, call: Call, task: Task, action: Action, studio: Studio
    ) -> tuple[list[Task], Bill]:
        if not self._book.claim(call.task_uuid):
            raise Refused(
                _invalid("taskUUID", "This taskUUID was used before.", "conflictTaskUUID")
            )
        try:
            results = list(_results(call, task, action, studio))
        except Refused:
            self._book.give_up(call.task_uuid)
            raise
        self._book.finish(call.task_uuid, call, task, action)
        bill = Bill(results[0].get("usage"), sum(result["cost"] for result in results))
        shown = [_shown(result, task) for result in results]
        later = task.get("deliveryMethod") == "async"
        return ([_head(call, task)] if later else shown), bill

    def _told_again(self, task: Task, studio: Studio) -> list[Task]:
        _check_id(str(task.get("taskUUID") or ""))
        known, made = self._book.find(task["taskUUID"])
        if not known:
            raise Refused(_invalid("taskUUID", "No task has this taskUUID.", "invalidTaskUUID"))
        if made is None:
            return [
                {"taskType": "getResponse", "taskUUID": task["taskUUID"], "status": "processing"}
            ]
        call, first, action = made
        results = _results(call, first, action, studio)
        return [_shown(result, first) | {"status": "success"} for result in results]


def _check_id(task_uuid: str) -> None:
    """A task's id is a UUID of version 4, and of no other."""
    if not task_uuid:
        raise Refused(_invalid("taskUUID", "A taskUUID is required.", "missingParameter"))
    try:
        is_fit = UUID(task_uuid).version == 4
    except ValueError:
        is_fit = False
    if not is_fit:
        message = "Invalid value for 'taskUUID' parameter. It must be a UUIDv4 string."
        raise Refused(_invalid("taskUUID", message))


def _results(call: Call, task: Task, action: Action, studio: Studio) -> Iterator[Task]:
    if task["taskType"] == "textInference":
        return iter([_text(call, task, action, studio)])
    return _images(call, task, action, studio)


def _text(call: Call, task: Task, action: Action, studio: Studio) -> Task:
    if not call.prompt:
        raise Refused(_invalid("messages", "Messages are required.", "missingParameter"))
    limit = _settings(task).get("maxTokens") or task.get("maxTokens")
    text, finish = written(call, limit, action, studio)
    given, made = tokens_in(call.prompt), tokens_in(text)
    cost = round((given * 0.1 + made * 0.5) / 1_000_000, 8)
    usage = {"promptTokens": given, "completionTokens": made, "totalTokens": given + made}
    usage |= {"thinkingTokens": 0}
    return _head(call, task) | {"text": text, "finishReason": finish, "usage": usage, "cost": cost}


def _images(call: Call, task: Task, action: Action, studio: Studio) -> Iterator[Task]:
    width, height, kind = _checked(task)
    number = task.get("numberResults", 1)
    if not isinstance(number, int) or not 1 <= number <= 20:
        raise Refused(_invalid("numberResults", "numberResults must be from 1 to 20."))
    for index in range(number):
        prompt = call.prompt if index == 0 else f"{call.prompt} ({index + 1})"
        yield _head(call, task) | {
            "imageUUID": _uuid(call, f"image {index}"),
            "seed": int(_uuid(call, f"seed {index}").replace("-", "")[:8], 16),
            "NSFWContent": bool(action.nsfw),
            "cost": round(0.0032 * width * height / 1024**2, 6),
            **_delivered(task, (prompt, width, height, kind), action, studio),
        }


def _delivered(
    task: Task, spec: tuple[str, int, int, str], action: Action, studio: Studio
) -> dict[str, str]:
    output = task.get("outputType", "URL")
    if output == "URL":
        return {"imageURL": studio.address_of(*spec)}
    picture, _ = studio.picture(*spec, action=action)
    packed = base64.b64encode(picture).decode()
    data = packed if output == "base64Data" else f"data:{MEDIA_TYPES[spec[3]]};base64,{packed}"
    return {OUTPUTS[output]: data}


def _checked(task: Task) -> tuple[int, int, str]:
    if not task.get("positivePrompt"):
        raise Refused(_invalid("positivePrompt", "A prompt is required.", "missingParameter"))
    for side in ("width", "height"):
        value = task.get(side)
        if not isinstance(value, int) or value % 64 or not 128 <= value <= 2048:
            name = f"Image {side} must be an integer value between 128 and 2048"
            message = f"Invalid value for '{side}' parameter. {name}, in multiples of '64'."
            raise Refused(_invalid(side, message, f"invalid{side.title()}"))
    if task.get("outputType", "URL") not in OUTPUTS:
        raise Refused(_invalid("outputType", f"outputType is one of {', '.join(OUTPUTS)}."))
    kind = FORMATS.get(str(task.get("outputFormat", "JPG")).lower())
    if kind is None:
        raise Refused(_invalid("outputFormat", "outputFormat is one of JPG, PNG, WEBP."))
    return task["width"], task["height"], kind


def _invalid(param: str, message: str, code: str = "") -> ProviderError:
    code = code or f"invalid{param[0].upper()}{param[1:]}"
    return ProviderError(400, code, REQUEST, message, param, code)


def _tasks(body: Any) -> list[Task]:
    return [task if isinstance(task, dict) else {} for task in body]


def _call(task: Task, path: str, heads: Mapping[str, str], key: str) -> Call:
    return Call(
        kind="runware",
        path=path,
        prompt=_prompt(task),
        model=str(task.get("model") or ""),
        function=heads.get("x-igny8-function", ""),
        task_id=heads.get("x-igny8-task-id", ""),
        client_request_id=heads.get("x-client-request-id", ""),
        task_uuid=str(task.get("taskUUID") or ""),
        key=key,
    )


def _prompt(task: Task) -> str:
    messages = [m for m in task.get("messages") or () if isinstance(m, dict)]
    system = _settings(task).get("systemPrompt")
    texts = [task.get("positivePrompt"), system, *(m.get("content") for m in messages)]
    return "\n\n".join(str(text) for text in texts if text)


def _settings(task: Task) -> dict[str, Any]:
    settings = task.get("settings")
    return settings if isinstance(settings, dict) else {}


def _key(body: Any, heads: Mapping[str, str]) -> str:
    given = heads.get("authorization", "").removeprefix("Bearer ")
    keys = (t.get("apiKey") for t in _tasks(body) if t.get("taskType") == "authentication")
    return str(next(keys, None) or given)


def _head(call: Call, task: Task) -> Task:
    return {"taskType": task["taskType"], "taskUUID": call.task_uuid}


def _uuid(call: Call, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{call.task_uuid} {name}"))


def _stranger(call: Call) -> Task:
    return {"taskType": "imageInference", "taskUUID": _uuid(call, "another task")}


def _shown(result: Task, task: Task) -> Task:
    hidden = {
        *(() if task.get("includeCost") else ("cost",)),
        *(() if task.get("includeUsage", True) else ("usage",)),
    }
    return {name: value for name, value in result.items() if name not in hidden}
