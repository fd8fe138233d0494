"""What docs/prompts.md shows: every default prompt, rendered for one cluster of a small sample.

`python -m tests.ai.rendered_prompts` (in a project that `make test` has set up) writes it anew.
"""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "prompts.md"
HEAD = """\
# The default prompts, rendered

Every prompt as a model gets it, for one made-up cluster of a made-up site. What holds is: the
task's own prompt, else the account's (`PUT /api/v1/system/prompts/{prompt_type}/`), else the
default shown here. The static part comes first, so that providers can cache it; the data follows
as fenced JSON that the model is told is data. Placeholders are replaced in one pass, literally.

This page is written by `python -m tests.ai.rendered_prompts`; a test holds it to the code.
"""
KEYWORDS = [
    ("standing desk height", 2400, "informational"),
    ("how high should a standing desk be", 880, "informational"),
    ("standing desk height calculator", 320, None),
]


def render(world) -> str:
    """The page, from objects made in the given account."""
    parts = [HEAD]
    for name, prompt in prompts(world).items():
        parts.append(f"\n## {name}\n\n~~~~text\n{prompt.strip()}\n~~~~\n")
    return "".join(parts)


def prompts(world) -> dict[str, str]:
    """Each function's rendered default prompt by its name."""
    from igny8_core.ai import registry

    ids = sample(world)
    rendered = {}
    for name in ids:
        function = registry.get_function_instance(name)
        function.account, function.site = world.account, world.site
        pieces = function.split(function.prepare({"ids": ids[name]}, world.account))
        prompt = function.build_prompt(pieces[0], world.account)
        rendered[name] = getattr(prompt, "prompt", prompt)
    return rendered


def sample(world) -> dict[str, list[int]]:
    """One site with one cluster, idea, task, article and picture; ids by function."""
    from igny8_core.planner.clusters import clusters_for
    from igny8_core.planner.grouping import GroupToSave, Member, save_groups
    from igny8_core.planner.ideas import IdeaToSave, save_ideas
    from igny8_core.planner.keywords import create_keyword
    from igny8_core.writer.content import create_content
    from igny8_core.writer.images import PromptToSave, save_image_prompts
    from igny8_core.writer.queueing import queue_ideas

    site = world.site
    site.name, site.domain, site.language, site.country = "Deskwise", "deskwise.example", "en", "GB"
    site.guidelines = {
        "audience": "people who work at a desk all day",
        "voice": "calm, practical",
        "facts": ["The desks rise from 62 to 127 cm."],
        "never_say": ["ergonomic revolution"],
    }
    site.save(update_fields=["name", "domain", "language", "country", "guidelines"])
    keywords = [
        create_keyword(world.account, keyword=text, volume=volume, intent=intent)
        for text, volume, intent in KEYWORDS
    ]
    members = [Member(keyword.pk, "ai") for keyword in keywords]
    described = "People who set up a standing desk and want to know how high it should be."
    (cluster_id,) = save_groups(site, [GroupToSave("Standing desk height", members, described)])
    (cluster,) = clusters_for(world.account, [cluster_id])
    idea = IdeaToSave(
        title="Standing Desk Height: How High Should It Be?",
        description="How to find the right height, standing and sitting.",
        outline=[
            {"level": 2, "heading": "The short answer", "notes": "Elbow height, give the rule."},
            {"level": 2, "heading": "Measure your own height", "notes": "Steps."},
        ],
        content_type="guide",
        content_structure="how-to",
        target_keywords=["standing desk height", "how high should a standing desk be"],
        estimated_word_count=1100,
    )
    idea_ids = save_ideas(cluster, [idea], run_item=1)
    task_ids = queue_ideas(world.account, idea_ids)
    content = create_content(
        world.account,
        user=world.bob.user,
        title="Standing Desk Height: How High Should It Be?",
        html="<p>Set it at elbow height.</p><h2>The short answer</h2><p>Elbow height.</p>",
    )
    featured = PromptToSave("A desk at elbow height beside a window, morning light")
    image_ids = save_image_prompts(content, featured, [])
    return {
        "auto_cluster": [keyword.pk for keyword in keywords],
        "generate_ideas": [cluster_id],
        "generate_content": task_ids,
        "generate_image_prompts": [content.pk],
        "generate_images": image_ids,
    }


def main() -> None:
    """Write the page from a database that is thrown away."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="igny8_core.settings", IGNY8_DATA_DIR=folder)
        import django

        django.setup()
        from django.core.management import call_command

        from tests.world import make_world

        call_command("migrate", verbosity=0)
        PAGE.write_text(render(make_world()))


if __name__ == "__main__":
    main()
