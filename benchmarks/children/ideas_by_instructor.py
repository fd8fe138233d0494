"""Instructor over one reused client, its mode the same strict schema; it validates itself."""

import instructor
import openai

from benchmarks.children import ideas

client = instructor.from_openai(
    openai.OpenAI(base_url=ideas.URL, api_key=ideas.KEY, max_retries=0),
    mode=instructor.Mode.JSON_SCHEMA,
)


def call() -> ideas.Ideas:
    return client.chat.completions.create(
        response_model=ideas.Ideas,
        model=ideas.MODEL,
        messages=ideas.MESSAGES,
        max_tokens=ideas.MOST_TOKENS,
        temperature=ideas.TEMPERATURE,
        max_retries=0,
    )


if __name__ == "__main__":
    ideas.measured(call)
