"""docs/prompts.md shows what models get, and what they get holds what they need."""

import pytest

from tests.ai import rendered_prompts
from tests.world import make_world

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_prompts_as_they_are():
    assert rendered_prompts.PAGE.read_text() == rendered_prompts.render(make_world()), (
        "write it anew: python -m tests.ai.rendered_prompts"
    )


@pytest.mark.parametrize(
    ("function", "held"),
    [
        ("auto_cluster", ["standing desk height calculator", '"volume": 2400', "Deskwise"]),
        ("generate_ideas", ["Standing desk height", "880", "deskwise.example"]),
        (
            "generate_content",
            [
                "Standing Desk Height: How High Should It Be?",
                "how high should a standing desk be",
                '"word_count": 1100',
                '"language": "en"',
                "Measure your own height",
                "ergonomic revolution",
            ],
        ),
        ("generate_image_prompts", ["<h2>The short answer</h2>", '"in_article_images": 2']),
        ("generate_images", ["realistic", "How High Should It Be?", "A desk at elbow height"]),
    ],
)
def test_a_prompt_holds_what_the_model_needs_and_no_placeholder(function, held):
    prompt = rendered_prompts.prompts(make_world())[function]
    assert [text for text in held if text not in prompt] == []
    assert "[IGNY8_" not in prompt
    assert "{image" not in prompt
