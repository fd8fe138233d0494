"""Answers for `generate_image_prompts`: one prompt for the article, one for each H2 asked for."""

import re
from typing import Any

from igny8_core.sandbox.phrases import rng_for, shortened
from igny8_core.sandbox.question import Question, headings

DEFAULT_NUMBER = 2
NUMBERS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
IN_ARTICLE = re.compile(r"(?i)(?<![a-z])in[-_ ]article")
COUNT = re.compile(rf"(?i)\b(\d+|{'|'.join(NUMBERS)})\b(?!.*featured)")
NEAR = 60
LIGHTS = ("soft morning light", "warm evening light", "bright daylight", "calm window light")
VIEWS = ("seen from slightly above", "at eye level", "in a wide view", "close to the subject")
MOST = 20


def image_prompts(question: Question) -> dict[str, Any]:
    """A featured prompt, and as many in-article prompts as the prompt asks for."""
    title, html = question.article
    sections = headings(html) or [title or "the subject"]
    title = title or sections[0]
    places = [sections[i % len(sections)] for i in range(_number(question.prompt))]
    return {
        "featured_prompt": _prompt(f"A scene that stands for {title}", title, 0),
        "in_article_prompts": [
            _prompt(f"A scene for the part {place} of an article on {title}", place, i + 1)
            for i, place in enumerate(places)
        ],
    }


def _number(prompt: str) -> int:
    """The number near "in-article": "two in-article prompts", "in_article_images: 2"."""
    for place in IN_ARTICLE.finditer(prompt):
        before = re.split(r"[.\n]", prompt[max(0, place.start() - NEAR) : place.start()])[-1]
        after = re.split(r"[.\n]", prompt[place.end() : place.end() + NEAR])[0]
        found = COUNT.findall(before)[-1:] or re.findall(r"\d+", after)[:1]
        if found:
            number = NUMBERS.get(found[0].lower())
            return min(int(found[0]) if number is None else number, MOST)
    return DEFAULT_NUMBER


def _prompt(scene: str, subject: str, index: int) -> dict[str, str]:
    rng = rng_for(scene, subject, index)
    light, view = rng.choice(LIGHTS), rng.choice(VIEWS)
    return {
        "prompt": f"{scene}, {view}, {light}, clear composition, no text, no logos",
        "alt_text": shortened(f"Illustration: {subject}", 120),
    }
