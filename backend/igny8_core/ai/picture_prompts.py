"""A picture's prompt as its provider takes it: no longer, and in one text where it has but one."""

from dataclasses import replace

from igny8_core.ai import catalogue
from igny8_core.ai.requests import PictureOrder
from igny8_core.core.texts import cut

#: Characters of a prompt, where the catalogue says nothing else of the model: the references of
#: OpenAI's Images interface and of Runware's imageInference, there for the negative prompt too.
_LONGEST = {"openai": 32_000, "runware": 3_000}
#: Who has no parameter for what a picture must not show.
_ONE_TEXT = {"openai"}


def fitted(order: PictureOrder, provider: str, model: str) -> PictureOrder:
    """The order with its texts as long as they may be; the template stays whole if it can."""
    known = catalogue.find(model)
    most = (known and known.max_prompt) or _LONGEST.get(provider)
    negative, aside = order.negative_prompt, ""
    if negative and provider in _ONE_TEXT:
        wanted = negative if most is None else cut(negative, most // 4)
        negative, aside = "", f" Avoid: {wanted.rstrip(' .')}."
    if most is None:
        return replace(order, prompt=order.prompt + aside, negative_prompt=negative)
    prompt = _shortened(order, most - len(aside))
    return replace(order, prompt=prompt + aside, negative_prompt=cut(negative, most))


def _shortened(order: PictureOrder, most: int) -> str:
    """What is to be seen gives way; only a template that is too long itself is cut as well."""
    over = len(order.prompt) - most
    if over <= 0 or over >= len(order.subject):
        return cut(order.prompt, most)
    subject = cut(order.subject, len(order.subject) - over)
    return order.prompt.replace(order.subject, subject, 1)
