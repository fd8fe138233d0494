"""The thing our own share is held against: the OpenAI SDK, one reused client, nothing else."""

import os
import time
from typing import Any

import openai

from benchmarks.children.orders import serve

client = openai.OpenAI(
    base_url=f"{os.environ['IGNY8_SANDBOX_URL']}/v1", api_key="bench", max_retries=0
)


def calls(number: int, prompt: str) -> dict[str, Any]:
    """CPU seconds of one call, averaged over so many in a row."""
    began = time.process_time()
    for _ in range(number):
        client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": prompt}],
            max_tokens=8192,
            temperature=0.7,
            response_format={"type": "json_object"},
        )
    return {"cpu": (time.process_time() - began) / number}


if __name__ == "__main__":
    serve(calls=calls)
