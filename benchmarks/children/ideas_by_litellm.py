"""LiteLLM's `completion`, and a validation of one's own."""

import litellm

from benchmarks.children import ideas


def call() -> ideas.Ideas:
    completion = litellm.completion(
        model=f"openai/{ideas.MODEL}",
        api_base=ideas.URL,
        api_key=ideas.KEY,
        messages=ideas.MESSAGES,
        max_tokens=ideas.MOST_TOKENS,
        temperature=ideas.TEMPERATURE,
        response_format=ideas.FORMAT,
        num_retries=0,
    )
    return ideas.Ideas.model_validate_json(completion.choices[0].message.content)


if __name__ == "__main__":
    ideas.measured(call)
