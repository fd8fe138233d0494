"""The question that every client is asked to put: ten ideas, held to a strict schema."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from benchmarks.children.orders import serve

URL = f"{os.environ.get('IGNY8_SANDBOX_URL', '')}/v1"
KEY, MODEL, MOST_TOKENS, TEMPERATURE = "bench", "gpt-4o", 4096, 0.7
PROMPT = "As JSON, ten ideas for articles about garden beds, with an outline of each.\n" + (
    "Readers are hobby gardeners who plan their first raised bed in a small garden.\n" * 25
)


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Idea(_Closed):
    title: str
    description: str
    outline: list[str]
    volume: int
    difficulty: float


class Ideas(_Closed):
    ideas: list[Idea]


#: What the model is held to, as a call to OpenAI has it; IDEAS_FORM may ask for less.
FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "ideas", "schema": Ideas.model_json_schema(), "strict": True},
}
if form := os.environ.get("IDEAS_FORM"):
    FORMAT = {"type": form}
MESSAGES = [{"role": "user", "content": PROMPT}]


def an_answer() -> str:
    """Some 4 KB of JSON, as a model would write it."""
    outline = [f"What to plan first, part {part}" for part in range(5)]
    about = "What to know of soil, light, water and drainage before the first spring. " * 2
    ideas = [
        Idea(title=f"Bed {n}", description=about, outline=outline, volume=90 * n, difficulty=0.5)
        for n in range(10)
    ]
    return json.dumps(Ideas(ideas=ideas).model_dump())


def measured(call: Callable[[], Ideas]) -> None:
    """Serve orders for so many calls in a row: CPU seconds of one, and the process's memory."""

    def calls(number: int) -> dict[str, float]:
        began = time.process_time()
        for _ in range(number):
            assert len(call().ideas) == 10
        return {"cpu": (time.process_time() - began) / number, "mb": resident_mb()}

    serve(calls=calls)


def resident_mb() -> float:
    """What this process holds of the machine's memory now."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
