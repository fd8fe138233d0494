"""What the stand-in answers to a prompt: composed once, kept for the same prompt asked again."""

import json
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any

from igny8_core.sandbox.faults import Action
from igny8_core.sandbox.forms import filled_form
from igny8_core.sandbox.grouping import grouped, misnamed
from igny8_core.sandbox.ideas import ideas_for
from igny8_core.sandbox.illustrating import image_prompts
from igny8_core.sandbox.question import Question
from igny8_core.sandbox.writing import article_for

COMPOSERS: dict[str, Callable[[Question], dict[str, Any]]] = {
    "auto_cluster": grouped,
    "generate_ideas": ideas_for,
    "generate_content": article_for,
    "generate_image_prompts": image_prompts,
}
MOST_KEPT = 2_048


class Answers:
    """The composed answers to the latest prompts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, str] = OrderedDict()

    def to(self, prompt: str, function: str, action: Action) -> str:
        """The answer's text, with the names a script wants changed."""
        if action.content is not None:
            return action.content
        text = self._composed(prompt, function)
        if action.invented or action.missing or action.repeated:
            return json.dumps(misnamed(json.loads(text), action), ensure_ascii=False)
        return text

    def _composed(self, prompt: str, function: str) -> str:
        key = sha256(f"{function}\0{prompt}".encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        text = compose(prompt, function)
        with self._lock:
            self._kept[key] = text
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return text


def compose(prompt: str, function: str = "") -> str:
    """The answer to a prompt, as JSON."""
    question = Question(prompt, function)
    composer = COMPOSERS.get(question.function, filled_form)
    return json.dumps(composer(question), ensure_ascii=False)
