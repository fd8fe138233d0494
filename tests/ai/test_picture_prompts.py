"""What a picture model is told: no more than it takes, and what must not be seen as well."""

import pytest

from igny8_core.ai.ai_core import AICore
from igny8_core.ai.expectations import tokens_in
from igny8_core.ai.picture_prompts import fitted
from igny8_core.ai.prompts import IMAGE_PROMPTS
from igny8_core.ai.providers import images
from igny8_core.ai.providers.runware import _picture_task
from igny8_core.ai.registry import get_function_instance
from igny8_core.ai.requests import PictureOrder
from igny8_core.core.texts import cut
from igny8_core.system.services import set_image_config, set_prompt
from tests.ai.runs import an_image

TEMPLATE_END = "No words, letters, logos or watermarks in it."
LONG = "A lighthouse " * 4000


def asked(account, prompt, provider="openai"):
    """The request for a picture, as the function and the core make it."""
    set_image_config(account, {"provider": provider})
    image = an_image(account, prompt=prompt)
    function, core = get_function_instance("generate_images"), AICore(account)
    order = function.build_prompt(function.prepare({"ids": [image.pk]}, account)[0], account)
    return core.request(function, order, core.plan(function), task_id=image.site.pk)


def test_openai_is_told_in_the_prompt_what_must_not_be_seen(account, sandbox):
    request = asked(account, "A map")
    sent = images.body(request, {})["prompt"]
    assert sent.startswith("A map. A realistic picture")
    assert sent.endswith(f"{TEMPLATE_END} Avoid: {IMAGE_PROMPTS['negative_prompt']}.")
    assert tokens_in(request) == -(-len(sent.encode("ascii", "ignore")) // 4) + 2


def test_runware_is_told_apart_what_must_not_be_seen(account, sandbox):
    task = _picture_task(asked(account, "A map", "runware"))
    assert task["positivePrompt"].endswith(TEMPLATE_END)
    assert task["negativePrompt"] == IMAGE_PROMPTS["negative_prompt"]


def test_a_description_that_is_too_long_leaves_the_template_whole(account, world, sandbox):
    task = _picture_task(asked(account, LONG, "runware"))
    prompt = task["positivePrompt"]
    assert 2950 < len(prompt) <= 3000
    assert prompt.startswith("A lighthouse A lighthouse")
    assert ". A realistic picture for the article “Maps”" in prompt
    assert prompt.endswith(TEMPLATE_END)
    sent = images.body(asked(account, LONG), {})["prompt"]
    assert 31_950 < len(sent) <= 32_000
    assert f"{TEMPLATE_END} Avoid: " in sent
    set_prompt(account, "negative_prompt", "fog, " * 3000, author=world.alice.user)
    assert 2950 < len(_picture_task(asked(account, "A map", "runware"))["negativePrompt"]) <= 3000


@pytest.mark.parametrize(
    ("provider", "model", "most"),
    [("openai", "unknown", 32_000), ("openai", "dall-e-3", 4000), ("runware", "any:1@1", 3000)],
)
def test_a_template_that_is_too_long_itself_is_cut_at_a_word(provider, model, most):
    order = PictureOrder("A map. " + "Many words. " * 10_000, 64, 64, subject="A map")
    prompt = fitted(order, provider, model).prompt
    assert most - 20 < len(prompt) <= most
    assert prompt.startswith("A map. ")
    assert prompt.endswith((" words.", " Many"))


def test_a_provider_whose_limits_nobody_knows_is_told_everything():
    order = PictureOrder("word " * 10_000, 64, 64, negative_prompt="fog")
    assert fitted(order, "painter", "any") == order


def test_a_text_is_cut_before_the_word_that_would_be_broken():
    assert cut("one two three", 13) == "one two three"
    assert cut("one two three", 12) == "one two"
    assert cut("one, two three", 8) == "one, two"
    assert cut("one, two", 6) == "one"
    assert cut("x" * 200, 100) == "x" * 100
    assert cut("汉 " + "字" * 200, 100) == "汉 " + "字" * 98
    assert cut("one", -5) == ""
