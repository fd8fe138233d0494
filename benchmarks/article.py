"""A scripted answer: an article of some 12 KB of HTML, so that composing it costs nothing."""

import json
import random

WORDS = """
    garden soil water light plant root leaf season bed tool spring summer winter shade compost seed
    tree path frost bloom climate drainage mulch pruning harvest space budget weather weekend
""".split()  # noqa: SIM905 - a list of thirty strings would be longer


def article(size: int = 12 * 1024) -> str:
    """The article as a model answers it: JSON with clean HTML."""
    chance, html = random.Random(1), ""
    while len(html) < size:
        html += f"<h2>{_words(chance, 5)}</h2>" + "".join(_paragraph(chance) for _ in range(3))
        html += "<ul>" + "".join(f"<li>{_words(chance, 6)}</li>" for _ in range(4)) + "</ul>"
    answer = {
        "title": "Raised garden beds: what to plan before the first spring",
        "content": html,
        "meta_title": "Raised garden beds: what to plan first",
        "meta_description": "How to plan raised garden beds, from soil and light to the budget.",
        "primary_keyword": "raised garden beds",
        "secondary_keywords": ["garden soil", "garden light"],
        "tags": ["garden"],
        "categories": ["Planning"],
    }
    return json.dumps(answer)


def _paragraph(chance: random.Random) -> str:
    return (
        f"<p>{_words(chance, 30)}, <strong>{_words(chance, 2)}</strong> {_words(chance, 25)}.</p>"
    )


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count)).capitalize()
