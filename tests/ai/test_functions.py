"""The five functions from request to rows: coverage, duplicates, forms of articles, pictures."""

import random

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Sum

from igny8_core.ai.functions import generate_images
from igny8_core.ai.functions.generate_content import GenerateContentFunction
from igny8_core.ai.registry import get_function_instance
from igny8_core.ai.tasks import retry
from igny8_core.billing import ledger
from igny8_core.billing.models import CreditEntry
from igny8_core.core.errors import InvalidPayload
from igny8_core.planner.coverage import cover
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.system.services import set_image_config
from igny8_core.writer.content import create_content
from igny8_core.writer.images import files_of
from igny8_core.writer.models import Content, Images, Tasks
from tests.ai.runs import (
    ARTICLE,
    WORDS,
    a_cluster,
    a_content,
    a_task,
    an_image,
    begun,
    calls_of,
    ended,
    errors_of,
    items_of,
    some_keywords,
    states_of,
    usage_of,
    worked,
)

NAMES = ("red shoes", "blue shoes", "cheap flights", "flights to rome")


def clusters_of(account) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for keyword in Keyword.objects.for_account(account).select_related("cluster"):
        found.setdefault(keyword.cluster and keyword.cluster.name, set()).add(keyword.keyword)
    return found


def assigned(account) -> dict[str, str]:
    return dict(Keyword.objects.for_account(account).values_list("keyword", "assigned_by"))


# --- auto_cluster ------------------------------------------------------------------------------


def test_every_keyword_ends_in_exactly_one_cluster_whatever_the_answer_forgets(account, sandbox):
    made = some_keywords(account, *NAMES)
    answer = {
        "clusters": [
            {"name": "Shoes", "keywords": ["Red  SHOES", "invented shoes", "cheap flihgts"]},
            {"name": "Flights", "keywords": ["red shoes", "flights to rome"]},
        ]
    }
    sandbox.script.add({"content": answer})
    run = ended("auto_cluster", made)
    assert run.state == "SUCCESS"
    assert assigned(account) == {
        "red shoes": "ai",
        "cheap flights": "repaired",
        "flights to rome": "ai",
        "blue shoes": "fallback",
    }
    found = clusters_of(account)
    assert found["Shoes"] == {"red shoes", "blue shoes", "cheap flights"}
    assert found["Flights"] == {"flights to rome"}
    assert run.response_steps[-1]["message"] == (
        "4 keyword(s) in 2 group(s): 2 as the model put them, 1 by a misspelt name, "
        "1 that it forgot, by the clusterer. "
        "1 name(s) that nobody asked about were left out. "
        "Of the pairs that it or the clusterer put together, 25% are the same. "
        "The clusterer grouped by tfidf."
    )
    assert run.result["created"]["clusters"] == sorted(
        Cluster.objects.for_account(account).values_list("pk", flat=True)
    )


def in_clusters(**names):
    """An answer."""
    return {"clusters": [{"name": name, "keywords": texts} for name, texts in names.items()]}


def test_of_an_answer_that_forgets_more_than_half_the_rest_is_asked_for_once(account, sandbox):
    sandbox.script.add(
        [
            {"contains": "Keywords that are left", "content": in_clusters(Flights=NAMES[2:])},
            {"content": in_clusters(Shoes=["red shoes"])},
        ]
    )
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert [call.purpose for call in calls_of(run)] == ["first", "longer"]
    assert clusters_of(account) == {"Shoes": set(NAMES[:2]), "Flights": set(NAMES[2:])}
    assert assigned(account)["blue shoes"] == "fallback"


def test_what_is_forgotten_twice_stays_with_its_like_and_goes_into_no_cluster_at_hand(
    account, sandbox
):
    a_cluster(account, "Garden hoses", "long garden hose", locked=True)
    sandbox.script.add({"content": in_clusters(**{"Garden hoses": ["red shoes"]})})
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert (run.state, len(calls_of(run))) == ("SUCCESS", 2)
    found = clusters_of(account)
    assert found["Garden hoses"] == {"long garden hose", "red shoes", "blue shoes"}
    assert set(NAMES[2:]) in found.values()


def test_an_answer_that_forgets_half_is_complete_enough(account, sandbox):
    sandbox.script.add({"content": in_clusters(Shoes=["red shoes"], Flights=["flights to rome"])})
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert len(calls_of(run)) == 1
    assert clusters_of(account) == {"Shoes": set(NAMES[:2]), "Flights": set(NAMES[2:])}


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u2060 \ufeff"])
def test_a_name_that_cannot_be_seen_is_none(name, account, sandbox):
    sandbox.script.add({"content": in_clusters(**{name: ["\u200b", *NAMES]})})
    ended("auto_cluster", some_keywords(account, *NAMES))
    assert clusters_of(account) == {"red shoes": set(NAMES)}


@pytest.mark.parametrize(
    ("urls", "way", "by"),
    [
        ([], {}, "tfidf"),
        (["https://one.example"], {}, "serp"),
        (["https://one.example"], {"serp": "hard"}, "serp"),
        (["https://one.example"], {"serp": "off"}, "tfidf"),
    ],
)
def test_a_model_s_groups_are_compared_with_those_that_were_asked_for(
    urls, way, by, account, sandbox, settings
):
    settings.IGNY8_EMBEDDING_MODEL = "none"
    run = ended("auto_cluster", some_keywords(account, *NAMES, serp_urls=urls), clusterer=way)
    assert run.response_steps[-1]["message"].endswith(f"The clusterer grouped by {by}.")


@pytest.mark.parametrize(("dial", "same"), [(0.02, "33%"), (1, "0%")])
def test_the_dial_is_heard_also_for_few_keywords(dial, same, account, sandbox, settings):
    settings.IGNY8_EMBEDDING_MODEL = "none"
    sandbox.script.add({"content": in_clusters(All=NAMES)})
    way = {"resolution": dial}
    run = ended("auto_cluster", some_keywords(account, *NAMES), clusterer=way)
    assert f"together, {same} are the same" in run.response_steps[-1]["message"]


def test_groups_that_are_alike_come_into_the_same_prompts(account, sandbox, settings, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 40)
    settings.IGNY8_EMBEDDING_MODEL = "none"
    topics = ("running shoes", "garden hose", "pizza dough", "tax form")
    towns = ("london", "paris", "rome", "oslo", "lima", "bern", "cairo", "delhi", "tokyo", "quito")
    texts = [
        f"{kind} {topic} {town}"
        for kind in ("red", "used", "french", "long")
        for topic in topics
        for town in towns
    ]
    chance = random.Random(3)
    made = [some_keywords(account, one, volume=chance.randrange(1000))[0] for one in texts]
    run = ended("auto_cluster", made)
    asked = [set(item.payload["ids"]) for item in items_of(run)]
    prompts = [
        sum(any(one.pk in ids for one in made if topic in one.keyword) for ids in asked)
        for topic in topics
    ]
    assert len(asked) == len(topics)
    assert prompts == [1] * len(topics)


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_covered_before_the_transaction_that_saves_it(account, sandbox, monkeypatch):
    inside = []

    def watched(*given):
        inside.append(connection.in_atomic_block)
        return cover(*given)

    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster.cover", watched)
    assert ended("auto_cluster", some_keywords(account, *NAMES)).state == "SUCCESS"
    assert inside == [False]


def test_two_clusters_of_one_name_are_told_apart(account, sandbox):
    a_cluster(account, "Shoes", "garden hose", "long garden hose", "garden hose reel")
    shoes = a_cluster(account, "Shoes", "red running shoes", "blue running shoes")
    (made,) = some_keywords(account, "green running shoes")
    ended("auto_cluster", [made], mode="offline")
    made.refresh_from_db()
    assert made.cluster == shoes


@pytest.mark.parametrize(
    "fault", ["invented=2", "missing=2", "repeated=2", "invented=1 missing=1 repeated=1"]
)
def test_scripted_slips_of_names_leave_no_keyword_out(fault, account, sandbox):
    made = some_keywords(account, *NAMES)
    sandbox.script.add(fault)
    assert ended("auto_cluster", made).state == "SUCCESS"
    assert not Keyword.objects.for_account(account).filter(cluster=None).exists()
    assert Keyword.objects.for_account(account).count() == 4


def test_an_answer_that_names_none_of_the_keywords_is_asked_again_and_then_fails(account, sandbox):
    sandbox.script.add({"content": {"clusters": [{"name": "x", "keywords": ["something else"]}]}})
    run = ended("auto_cluster", some_keywords(account, *NAMES))
    assert errors_of(run) == ["bad_output"]
    assert len(calls_of(run)) == 2
    assert clusters_of(account) == {None: set(NAMES)}
    assert ledger.balance(account) == ledger.Balance(1000, 0)


def test_another_account_s_keywords_in_an_answer_stay_where_they_are(account, world, sandbox):
    theirs = some_keywords(world.charlie.account, "secret shoes")[0]
    sandbox.script.add(
        {"content": {"clusters": [{"name": "x", "keywords": ["secret shoes", "red shoes"]}]}}
    )
    ended("auto_cluster", some_keywords(account, "red shoes"))
    theirs.refresh_from_db()
    assert theirs.cluster is None


def test_groups_settle_by_the_ceiling_of_what_is_saved_and_the_rest_is_released(
    account, sandbox, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 60)
    made = some_keywords(account, *(f"map of the town number {n}" for n in range(150)))
    sandbox.script.add("nth=2 refusal")
    run = ended("auto_cluster", made)
    saved = sum(item.size for item in items_of(run) if item.state == "SUCCESS")
    assert saved < 150
    assert len(items_of(run)) >= 3
    assert states_of(run).count("FAILURE") == 1
    due = -(-saved // 100)
    assert sum(item.credits for item in items_of(run)) == due
    assert sum(row.credits_used for row in usage_of(run)) == due
    assert ledger.balance(account) == ledger.Balance(1000 - due, 0)
    assert ledger.reconcile() == []


def test_a_cluster_that_a_person_edited_is_added_to_and_never_broken_up(account, sandbox):
    cluster = a_cluster(account, "Shoes", "red shoes", "old shoes", locked=True)
    made = list(Keyword.objects.for_account(account)) + some_keywords(account, "blue shoes")
    answer = {"clusters": [{"name": "shoes", "keywords": ["blue shoes"]}]}
    sandbox.script.add({"content": answer})
    run = ended("auto_cluster", made, again=True)
    assert run.payload["ids"] == [made[-1].pk]
    assert clusters_of(account) == {"Shoes": {"red shoes", "old shoes", "blue shoes"}}
    cluster.refresh_from_db()
    assert (cluster.name, cluster.locked) == ("Shoes", True)


def test_again_clusters_anew_and_leaves_no_empty_cluster(account, sandbox):
    a_cluster(account, "Old", "red shoes", "blue shoes")
    made = list(Keyword.objects.for_account(account))
    sandbox.script.add(
        {"content": {"clusters": [{"name": "New", "keywords": [m.keyword for m in made]}]}}
    )
    ended("auto_cluster", made, again=True)
    assert clusters_of(account) == {"New": {"red shoes", "blue shoes"}}
    assert [one.name for one in Cluster.objects.for_account(account)] == ["New"]


def test_offline_asks_no_provider_and_costs_nothing(account, sandbox):
    some_keywords(account, *NAMES)
    run = begun("auto_cluster", [], account=account, all=True, mode="offline")
    worked(run)
    assert run.state == "SUCCESS"
    assert set(assigned(account).values()) == {"offline"}
    assert sandbox.ledger.entries() == []
    assert ledger.balance(account) == ledger.Balance(1000, 0)
    assert [(row.credits_used, row.cost_usd) for row in usage_of(run)] == [(0, 0)]


def test_offline_goes_by_common_addresses_where_keywords_bring_them(account, sandbox):
    for texts, host in ((("alpha", "beta"), "one"), (("gamma", "delta"), "two")):
        some_keywords(account, *texts, serp_urls=[f"https://{host}.example/{n}" for n in range(9)])
    made = list(Keyword.objects.for_account(account))
    run = ended("auto_cluster", made, mode="offline")
    assert sorted(map(sorted, clusters_of(account).values())) == [
        ["alpha", "beta"],
        ["delta", "gamma"],
    ]
    assert run.response_steps[-1]["message"] == "Grouped by serp."
    way = {"serp": "off", "resolution": 1}
    run = ended("auto_cluster", made, mode="offline", again=True, clusterer=way)
    assert len(clusters_of(account)) == 4
    assert "serp" not in run.response_steps[-1]["message"]


def test_what_is_added_later_joins_the_clusters_that_are_there_and_makes_new_ones(account, sandbox):
    shoes = [f"{color} running shoes" for color in ("red", "blue", "green", "white")]
    flights = [f"cheap flights to {town}" for town in ("rome", "oslo", "lima", "bern")]
    a_cluster(account, "Footwear", *shoes[:3], locked=True)
    made = some_keywords(account, shoes[3], *flights)
    ended("auto_cluster", made, mode="offline")
    found = clusters_of(account)
    assert found.pop("Footwear") == set(shoes)
    assert set.union(*found.values()) == set(flights)


def test_single_asks_about_all_keywords_in_one_prompt(account, sandbox, monkeypatch):
    monkeypatch.setattr("igny8_core.ai.functions.auto_cluster._PER_PROMPT", 2)
    made = some_keywords(account, *NAMES)
    assert len(calls_of(ended("auto_cluster", made))) > 1
    assert len(calls_of(ended("auto_cluster", made, mode="single", again=True))) == 1
    assert set(assigned(account).values()) == {"ai"}


def test_of_more_clusters_than_a_prompt_names_it_names_those_near_its_keywords(
    account, sandbox, monkeypatch
):
    monkeypatch.setattr("igny8_core.ai.functions._subjects.SHOWN_CLUSTERS", 1)
    a_cluster(account, "Running shoes")
    a_cluster(account, "Hotels in Oslo")
    function = get_function_instance("auto_cluster")
    keywords = [keyword.pk for keyword in some_keywords(account, "red shoes")]
    prompt = function.build_prompt(function.prepare({"ids": keywords}, account), account)
    assert "Running shoes" in prompt
    assert "Hotels in Oslo" not in prompt


# --- generate_ideas ----------------------------------------------------------------------------


def test_a_title_that_the_site_has_is_not_added_twice(account, sandbox):
    clusters = [a_cluster(account, "A", "red shoes"), a_cluster(account, "B", "cheap flights")]
    sandbox.script.add(
        {"content": {"ideas": [{"title": "One"}, {"title": "ONE "}, {"title": "Two"}]}}
    )
    run = ended("generate_ideas", clusters)
    assert run.state == "SUCCESS"
    titles = ContentIdeas.objects.for_account(account).values_list("title", flat=True)
    assert sorted(titles) == ["One", "Two"]
    assert len(run.result["created"]["ideas"]) == 2


@pytest.mark.parametrize(
    "outline", [None, "One\nTwo", ["One", "Two"], [{"heading": "One"}], {"a": 1}, 7, [[1], None]]
)
def test_an_idea_has_an_outline_in_whatever_shape_it_came(outline, account, sandbox):
    idea = {"title": "Maps \ud83d", "description": "All about maps.", "outline": outline}
    idea |= {"estimated_word_count": "1,200 words", "target_keywords": "maps, old maps", "x": 1}
    sandbox.script.add({"content": {"ideas": [idea]}})
    run = ended("generate_ideas", [a_cluster(account, "Maps", "maps")])
    assert run.state == "SUCCESS", run.error
    made = ContentIdeas.objects.for_account(account).get()
    assert made.title == "Maps"
    assert made.outline
    assert (made.estimated_word_count, made.target_keywords) == (1200, ["maps", "old maps"])


# --- generate_content --------------------------------------------------------------------------

MARKDOWN = f"# How to read maps\n\nIntro.\n\n## Scale\n\n{WORDS}\n\n- one\n- two\n"


@pytest.mark.parametrize(
    ("answer", "title", "holds"),
    [
        (ARTICLE, "Maps", "<h2>Reading maps</h2>"),
        ({"article": ARTICLE}, None, ""),
        ({"data": ARTICLE}, "Maps", "<h2>Reading maps</h2>"),
        (MARKDOWN, "How to read maps", "<h2>Scale</h2>"),
        (f"```markdown\n{MARKDOWN}\n```", "How to read maps", "<li>one</li>"),
        (f"```html\n<h1>Maps!</h1><p>{WORDS}</p>\n```", "Maps!", "<p>Plain words"),
        (f"<h1>Maps!</h1><h2>Scale</h2><p>{WORDS}</p>", "Maps!", "<h2>Scale</h2>"),
        (WORDS, "The task", "<p>Plain words"),
        (f"<p>{WORDS}</p><script>alert(1)</script>", "The task", "<p>Plain words"),
        ({**ARTICLE, "title": None, "tags": None, "meta_title": 7}, "The task", "Reading maps"),
        ({**ARTICLE, "content": "x \ud83d \x00" + WORDS}, "Maps", "Plain words"),
        (WORDS + " \ud83d \x00", "The task", "<p>Plain words"),
        ('{"title": "Maps", "content": "cut', None, "output_truncated"),
        ("[1, 2]", None, ""),
        ("Sorry, I cannot.", None, ""),
        ({**ARTICLE, "content": ""}, None, ""),
    ],
    ids=range(16),
)
def test_an_article_is_taken_in_every_form(answer, title, holds, account, sandbox):
    task = a_task(account, "The task")
    sandbox.script.add({"content": answer})
    run = ended("generate_content", [task])
    if title is None:
        assert errors_of(run) == [holds or "bad_output"]
        assert not Content.objects.for_account(account).exists()
        task.refresh_from_db()
        assert task.status == "failed"
        return
    content = Content.objects.for_account(account).get()
    assert (content.task_id, content.title) == (task.pk, title)
    assert holds in content.html
    assert "<h1" not in content.html
    assert "script" not in content.html
    assert content.meta_title
    assert content.meta_description
    assert content.word_count > 10
    task.refresh_from_db()
    assert task.status == "completed"


def test_a_person_s_words_are_never_replaced(account, world, sandbox):
    task = a_task(account)
    content = create_content(
        account, user=world.bob.user, task=task, title="Mine", html="<p>My own words.</p>"
    )
    sandbox.script.add({"content": ARTICLE})
    ended("generate_content", [task], again=True)
    content.refresh_from_db()
    assert (content.title, content.html) == ("Mine", "<p>My own words.</p>")
    states = content.versions.order_by("number").values_list("state", "source")
    assert list(states) == [("current", "person"), ("proposed", "ai")]


def test_again_makes_a_new_version_of_what_a_run_wrote(account, sandbox):
    task = a_task(account)
    sandbox.script.add({"content": ARTICLE})
    ended("generate_content", [task])
    run = ended("generate_content", [task], again=True)
    content = Content.objects.for_account(account).get()
    assert run.result["created"]["content"] == [content.pk]
    assert list(content.versions.order_by("number").values_list("state", flat=True)) == [
        "past",
        "current",
    ]


def test_a_task_edited_meanwhile_keeps_the_edit(account, sandbox):
    task = a_task(account, "Before")
    run = begun("generate_content", [task])
    sandbox.script.add({"content": ARTICLE})
    prompt = GenerateContentFunction.build_prompt

    def edited(self, data, account):
        text = prompt(self, data, account)
        Tasks.objects.for_account(account).filter(pk=data.pk).update(title="After")
        return text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GenerateContentFunction, "build_prompt", edited)
        worked(run)
    task.refresh_from_db()
    assert (task.title, task.status) == ("After", "completed")


# --- pictures ----------------------------------------------------------------------------------


def test_image_prompts_fill_their_places_and_no_more_than_asked_for(account, sandbox):
    set_image_config(account, {"max_in_article_images": 2})
    content = a_content(account)
    answer = {
        "featured_prompt": "A map",
        "in_article_prompts": ["One", {"prompt": "Two", "alt_text": "2"}, "3"],
    }
    sandbox.script.add({"content": answer})
    ended("generate_image_prompts", [content])
    images = Images.objects.for_account(account).order_by("placement", "position")
    assert list(images.values_list("placement", "position", "prompt", "alt_text", "status")) == [
        ("featured", 0, "A map", "", "prompted"),
        ("in_article", 1, "One", "", "prompted"),
        ("in_article", 2, "Two", "2", "prompted"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_picture_stays_until_its_successor_is_stored(account, sandbox):
    image = an_image(account)
    run = ended("generate_images", [image])
    assert run.state == "SUCCESS"
    image.refresh_from_db()
    first = image.path
    assert image.status == "generated"
    assert default_storage.exists(first)
    assert set(image.variants) == {"desktop", "mobile", "preview"}
    assert (image.provider, image.model) == ("sandbox", "gpt-image-2.6-sunburst")
    assert not default_storage.exists(calls_of(run)[0].picture["path"])

    sandbox.script.add("kind=images refusal content_policy_violation")
    ended("generate_images", [image], again=True)
    image.refresh_from_db()
    assert (image.path, image.status) == (first, "generated")
    assert default_storage.exists(first)
    assert image.error

    sandbox.script.clear()
    ended("generate_images", [image], again=True)
    image.refresh_from_db()
    assert image.path != first
    assert default_storage.exists(image.path)
    assert not default_storage.exists(first)


@pytest.mark.django_db(transaction=True)
def test_a_picture_read_twice_is_stored_once(account, sandbox, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    image = an_image(account)

    def fail(*given, **values):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(generate_images, "save_picture", fail)
        run = ended("generate_images", [image])
    assert states_of(run) == ["FAILURE"]
    left = sorted(tmp_path.glob("pictures/**/*.*"))
    again = worked(retry(run))
    assert states_of(again) == ["SUCCESS"]
    assert len(sandbox.ledger.entries(billed=True)) == 1
    assert sorted(tmp_path.glob("pictures/**/*.*")) == left
    image.refresh_from_db()
    assert {str(tmp_path / name) for name in files_of(image)} == {str(path) for path in left}


def test_the_prompt_follows_the_template(account, sandbox):
    image = an_image(account, prompt="A map of {post_title}")
    function = get_function_instance("generate_images")
    order = function.build_prompt(function.prepare({"ids": [image.pk]}, account)[0], account)
    assert "A map of {post_title}" in order.prompt
    assert "realistic" in order.prompt


def test_a_picture_without_a_prompt_is_always_skipped(account, sandbox):
    content = a_content(account)
    bare = an_image(account, content, prompt="")
    described = an_image(account, content, placement="in_article", position=1)
    run = ended("generate_images", [bare, described], again=True)
    assert [item.target_id for item in items_of(run)] == [described.pk]
    with pytest.raises(InvalidPayload) as refused:
        begun("generate_images", [bare], again=True)
    assert refused.value.code == "nothing_to_do"


# --- money -------------------------------------------------------------------------------------


def test_journal_run_items_and_usage_agree_to_the_last_digit(account, sandbox):
    tasks = [a_task(account, f"<task-{n}>") for n in range(3)]
    sandbox.script.add(["contains=task-1 refusal", {"content": ARTICLE}, "nth=1 truncate"])
    run = ended("generate_content", tasks)
    spent = sum(call.cost for call in calls_of(run))
    assert run.cost == sum(item.cost for item in items_of(run)) == spent > 0
    usage = usage_of(run)
    assert sum(row.cost_usd for row in usage) == spent
    assert len(usage) == 3
    assert sum(row.tokens_input + row.tokens_output for row in usage) == run.tokens
    assert {row.operation for row in usage} == {"generate_content"}
    assert {row.target_type for row in usage} == {"task"}
    lines = CreditEntry.objects.for_account(account).filter(task_id=run.pk)
    assert lines.aggregate(held=Sum("reserved_change"))["held"] == 0
