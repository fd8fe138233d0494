"""The bare OpenAI SDK with one reused client, and a validation of one's own."""

import openai

from benchmarks.children import ideas

client = openai.OpenAI(base_url=ideas.URL, api_key=ideas.KEY, max_retries=0)


def call() -> ideas.Ideas:
    completion = client.chat.completions.create(
        model=ideas.MODEL,
        messages=ideas.MESSAGES,
        max_tokens=ideas.MOST_TOKENS,
        temperature=ideas.TEMPERATURE,
        response_format=ideas.FORMAT,
    )
    return ideas.Ideas.model_validate_json(completion.choices[0].message.content)


if __name__ == "__main__":
    ideas.measured(call)
