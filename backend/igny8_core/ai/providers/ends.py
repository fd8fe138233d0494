"""How an answer ended, in our words: `stop`, `length`, `content_filter` or `refusal`.

The words are those of OpenAI, Runware and the servers that imitate them. What is none of them is
no end: an answer that broke off is never taken for a whole one.
"""

from dataclasses import replace
from typing import Any

from igny8_core.ai.failures import Kind
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import Answer

_WORDS = {
    # A model that calls a tool has come to the end of what it says.
    "stop": {"", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "tool_calls"}
    | {"function_call", "complete", "completed"},
    "length": {"length", "max_tokens", "max_output_tokens", "max_completion_tokens"}
    | {"max_length", "model_length", "model_context_window_exceeded", "token_limit"},
    "content_filter": {"content_filter", "content_filtered", "safety"},
    "refusal": {"refusal"},
}
_ENDS = {word: end for end, words in _WORDS.items() for word in words}


def ended(answer: Answer, word: Any, error: Any = None) -> Answer:
    """The answer with its end; raises CallFailed where the provider broke off, or says nothing
    that we know.

    `word` is the provider's, None where it has none; `error` what it tells beside the answer.
    """
    told = str(word or "").lower()
    if error or told == "error":
        code = error.get("code") if isinstance(error, dict) else ""
        raise failed(Kind.SERVER, code=str(code or told), paid=answer)
    if told not in _ENDS:
        raise failed(Kind.UNREADABLE, code=told, paid=answer)
    return replace(answer, finish_reason=_ENDS[told])
