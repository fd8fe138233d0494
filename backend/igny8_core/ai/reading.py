"""From the answers to an item's question to what its function saves.

Of a list in an answer that was cut, the elements that the model closed are kept and only the rest
is asked for. Both are put together here, from answers that the journal holds, so that a crash in
between loses nothing.
"""

import json
from typing import Any

from igny8_core.ai import answers
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.progress import StepTracker
from igny8_core.ai.requests import Answer
from igny8_core.ai.work import Work
from igny8_core.core.errors import BadResponse

Messages = tuple[dict[str, str], ...]

#: Bytes of an unfit answer that are shown to the model again.
_MAX_SHOWN = 8 * 1024


def read(function: BaseAIFunction, work: Work, steps: StepTracker) -> Any:
    """What is saved of the item's answers; raises BadResponse where they are unfit."""
    parsed = _all_parsed(function, work, steps)
    return function.settle(parsed, work.data, is_last=work.cut is not None)


def _all_parsed(function: BaseAIFunction, work: Work, steps: StepTracker) -> Any:
    assert work.answer is not None
    kept = _kept(function, work.cut, steps)[0] if work.cut else []
    try:
        parsed = _parsed(function, work.answer, steps)
    except BadResponse as error:
        is_cut = error.code == "output_truncated"
        more, is_all = _kept(function, work.answer) if is_cut else ([], False)
        # The rest has been asked for and did not come: what is there is better than nothing.
        is_last = work.cut is not None
        if kept or (more and (is_last or is_all or not function.missing(work.data, more))):
            return [*kept, *more]
        raise
    return [*kept, *parsed] if kept else parsed


def rest_of(function: BaseAIFunction, work: Work) -> Messages:
    """How it goes on after an answer that is not all there; () where it has to begin anew."""
    assert work.answer is not None
    kept, _ = _kept(function, work.answer)
    if not kept:
        return ()
    elements, _ = answers.elements_of(work.answer.text, function.elements)
    shown = json.dumps({function.elements: elements}, ensure_ascii=False)
    wanted = function.missing(work.data, kept)
    broke_off = "Your answer was cut off or leaves something out; what stands above is kept."
    return _conversation(shown, f"{broke_off} {wanted}")


def complaint(work: Work, error: BadResponse) -> Messages:
    """The answer and what was wrong with it, for the one time it is asked again."""
    answer = work.answer.text.encode("utf-8", "replace")[:_MAX_SHOWN] if work.answer else b""
    wrong = f"{error.detail} Answer again, complete and in the shape that was asked for."
    return _conversation(answer.decode("utf-8", "ignore"), wrong)


def _conversation(answer: str, reply: str) -> Messages:
    return ({"role": "assistant", "content": answer}, {"role": "user", "content": reply})


def _parsed(function: BaseAIFunction, answer: Answer, steps: StepTracker) -> Any:
    if answer.finish_reason == "length":
        raise answers.cut_off()
    return function.parse_response(answer.picture or answer.text, steps)


def _kept(
    function: BaseAIFunction, answer: Answer, steps: StepTracker | None = None
) -> tuple[list[Any], bool]:
    """What a cut answer holds complete, and whether its list was closed."""
    if not function.elements:
        return [], False
    try:
        found, is_all = answers.elements_of(answer.text, function.elements)
        parsed = function.parse_response(json.dumps({function.elements: found}), steps)
    except BadResponse:
        return [], False
    return parsed, is_all
