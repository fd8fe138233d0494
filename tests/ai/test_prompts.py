"""Prompts: which text holds, what its placeholders become, and that data stays data."""

import json

import pytest

from igny8_core.ai.prompts import DEFAULT_PROMPTS, PromptRegistry
from igny8_core.ai.registry import get_function_instance
from igny8_core.core.errors import InvalidPayload
from igny8_core.system.services import reset_prompt, set_prompt
from tests.ai.runs import a_cluster, a_content, a_task, an_image, some_keywords

TYPES = {
    "clustering",
    "ideas",
    "content_generation",
    "image_prompt_extraction",
    "image_prompt_template",
    "negative_prompt",
}


@pytest.fixture
def author(world):
    return world.alice.user


def rendered(name, thing, account):
    """The prompt of a function for one thing, as its run would send it."""
    function = get_function_instance(name)
    function.account, function.site = account, thing.site
    data = function.prepare({"ids": [thing.pk]}, account)
    (piece,) = function.split(data)
    return function.build_prompt(piece, account)


def test_the_default_holds_then_the_account_s_then_the_task_s(account, author):
    cluster = a_cluster(account, "Maps", "old maps")
    task = a_task(account, "Maps", cluster=cluster)
    prompt = rendered("generate_ideas", cluster, account)
    assert prompt.version == "default"
    set_prompt(account, "ideas", "Ours: [IGNY8_CLUSTER]", author=author)
    prompt = rendered("generate_ideas", cluster, account)
    assert prompt.startswith("Ours: {")
    assert prompt.version == "account:1"
    reset_prompt(account, "ideas", author=author)
    assert rendered("generate_ideas", cluster, account).version == "default"
    task.prompt_override = "Task's: [IGNY8_IDEA]"
    task.save()
    prompt = rendered("generate_content", task, account)
    assert prompt.startswith("Task's: {")
    assert prompt.version == "task"


def test_the_site_is_added_where_a_text_leaves_it_out_and_only_there(account, author, world):
    cluster = a_cluster(account, "Maps", "old maps")
    name = world.site.name
    for text in ("Ours.", "Ours.\n[IGNY8_SITE]"):
        set_prompt(account, "ideas", text, author=author)
        prompt = rendered("generate_ideas", cluster, account)
        assert prompt.count(json.dumps(name)) == 1
        assert "[IGNY8_" not in prompt


@pytest.mark.parametrize("name", ["[IGNY8_SITE]", "[IGNY8_CLUSTERS] {x}", r"a \1 \g<0>", "```\nx"])
def test_a_keyword_that_looks_like_a_placeholder_or_a_fence_stays_data(name, account):
    keyword = some_keywords(account, name)[0]
    prompt = rendered("auto_cluster", keyword, account)
    assert prompt.count("```") == 6
    blocks = [block.removeprefix("json\n") for block in prompt.split("```")[1::2]]
    assert json.loads(blocks[-1])[0]["keyword"] == name
    assert "name" in json.loads(blocks[0])


def test_unknown_placeholders_are_all_named_once():
    text = "[IGNY8_KEYWORDS] [IGNY8_NOPE] [IGNY8_SITE] [IGNY8_CONTENT] [IGNY8_NOPE] {x}"
    unknown = PromptRegistry.unknown_placeholders("clustering", text)
    assert unknown == ["[IGNY8_NOPE]", "[IGNY8_CONTENT]"]
    text = "{image_type} {post_title} {image_prompt} {color} [IGNY8_SITE]"
    unknown = PromptRegistry.unknown_placeholders("image_prompt_template", text)
    assert unknown == ["[IGNY8_SITE]", "{color}"]
    assert PromptRegistry.unknown_placeholders("negative_prompt", "{post_title}")


@pytest.mark.parametrize(
    ("prompt_type", "names"),
    [
        ("clustering", {"KEYWORDS", "CLUSTERS", "SITE"}),
        ("ideas", {"CLUSTERS", "CLUSTER", "CLUSTER_KEYWORDS", "SITE"}),
        ("content_generation", {"KEYWORDS", "CLUSTER_KEYWORDS", "CLUSTER", "IDEA", "SITE"}),
        ("image_prompt_extraction", {"CONTENT", "SITE"}),
    ],
)
def test_each_type_knows_the_placeholders_of_the_contract(prompt_type, names):
    known = PromptRegistry.placeholders_for(prompt_type)
    assert set(known) == {f"[IGNY8_{name}]" for name in names}


def test_there_are_the_contract_s_types_and_no_other():
    assert set(PromptRegistry.prompt_types()) == TYPES
    assert len(DEFAULT_PROMPTS) == 6
    with pytest.raises(InvalidPayload):
        PromptRegistry.default_for("nothing")


GUIDELINES = {
    "audience": "hikers over sixty",
    "voice": "a patient guide",
    "facts": ["the shop opened in 1987"],
    "never_say": ["cheapest"],
}


@pytest.fixture
def site(account, world):
    site = world.site
    site.name, site.language, site.guidelines = "Trails", "de-AT", GUIDELINES
    site.save()
    return site


def holds(prompt, *texts):
    assert "[IGNY8_" not in prompt
    for text in ("Trails", "de-AT", "hikers over sixty", "opened in 1987", "cheapest", *texts):
        assert text in prompt, text


def test_every_default_prompt_holds_what_its_answer_needs(account, site):
    cluster = a_cluster(account, "Old maps", "old maps", "antique maps", description="Collectors.")
    a_cluster(account, "Globes", "globes")
    task = a_task(
        account,
        "How to date old maps",
        cluster=cluster,
        keywords="old maps, dating maps",
        word_count=1350,
        tone="calm",
        brief="Mention paper.",
        outline=[{"level": 2, "heading": "Watermarks", "notes": ""}],
    )
    content = a_content(account, title="How to date old maps")
    holds(rendered("auto_cluster", cluster.keywords.first(), account), "old maps", "Globes")
    holds(rendered("generate_ideas", cluster, account), "Old maps", "antique maps", "Globes")
    holds(
        rendered("generate_content", task, account),
        *("How to date old maps", "dating maps", "antique maps", "1350", "calm", "Mention paper."),
        "Watermarks",
    )
    holds(rendered("generate_image_prompts", content, account), "How to date old maps", "<h2>One")
    order = rendered("generate_images", an_image(account, content), account)
    assert "How to date old maps" in order.prompt
    assert "{" not in order.prompt


def test_our_prompts_say_json_where_json_is_asked_for():
    for prompt_type in TYPES - {"image_prompt_template", "negative_prompt"}:
        assert "JSON" in DEFAULT_PROMPTS[prompt_type]
