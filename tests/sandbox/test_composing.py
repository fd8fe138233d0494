"""What the stand-in composes: useful, deterministic, and never the same twice."""

import json
import re
from html import unescape
from itertools import combinations

import pytest

from igny8_core.sandbox.answers import compose
from igny8_core.sandbox.question import Question, headings

KEYWORDS = ["game of thrones map", "westeros map", "how to draw westeros", "best fantasy maps"]
TOPICS = ["map", "game", "poster", "school", "tool", "course", "garden", "bike", "recipe", "tax"]
OUTLINE = [
    {"level": 2, "heading": "What to know about game of thrones map", "notes": "Define it."},
    {"level": 3, "heading": "Words & signs", "notes": ""},
    {"level": 2, "heading": "Common mistakes", "notes": "Say how to repair each."},
    {"level": 2, "heading": "What it costs", "notes": None},
]
IDEA = {
    "title": "Game of Thrones Map: A Practical Guide",
    "description": "A guide.",
    "outline": OUTLINE,
    "content_type": "guide",
    "word_count": 800,
    "tone": "plain",
}


def block(label, value):
    return f"{label}:\n```json\n{json.dumps(value)}\n```\n"


def article(idea, keywords=KEYWORDS, site=None):
    prompt = "Write the article.\n" + block("Keywords", keywords) + block("Idea", idea)
    prompt += block("Site", site or {"name": "Maps", "domain": "", "language": "en"})
    return json.loads(compose(prompt, "generate_content"))


def plain(html):
    return unescape(re.sub(r"<[^>]+>", " ", html))


def paragraphs(html):
    return [plain(text).strip() for text in re.findall(r"<p>(.*?)</p>", html)]


def ideas_of(name, keywords):
    prompt = block("Cluster", {"name": name, "head_keyword": name, "description": ""})
    prompt += block("Cluster keywords", [{"keyword": k, "volume": 10} for k in keywords])
    return json.loads(compose(prompt, "generate_ideas"))["ideas"]


@pytest.mark.parametrize("words", [300, 450, 700, 1000, 1500, 2000, 2500])
@pytest.mark.parametrize("outline", [OUTLINE, OUTLINE * 2, None, "Intro\nThe middle\nThe end"])
def test_an_article_meets_its_word_target(words, outline):
    made = article(IDEA | {"word_count": words, "outline": outline})
    assert abs(len(plain(made["content"]).split()) - words) <= 0.15 * words


def test_an_article_has_the_outlines_headings_in_order():
    html = article(IDEA)["content"]
    found = [(int(n), unescape(t)) for n, t in re.findall(r"<h(\d)>(.*?)</h\1>", html)]
    assert found == [(item["level"], item["heading"]) for item in OUTLINE]
    assert html.startswith("<h2>")


@pytest.mark.parametrize(
    "outline",
    [["One", "Two"], "# One\n## Two", [{"level": "h1", "heading": "One"}, {"heading": "Two"}]],
)
def test_an_outline_may_be_a_list_of_texts_or_a_text(outline):
    html = article(IDEA | {"outline": outline})["content"]
    assert headings(html)[:2] == ["One", "Two"]


@pytest.mark.parametrize("keyword", [*KEYWORDS, "r&d tax <credit>", "was ist eine fähre", "地图"])
def test_the_primary_keyword_is_in_title_first_paragraph_and_one_h2(keyword):
    made = article(IDEA | {"title": "On this"}, [keyword])
    assert keyword.casefold() in made["title"].casefold()
    assert keyword in paragraphs(made["content"])[0]
    assert any(keyword.casefold() in heading.casefold() for heading in headings(made["content"]))
    assert made["primary_keyword"] == keyword


def test_an_article_says_that_it_is_sample_text_and_whose():
    last = paragraphs(article(IDEA)["content"])[-1]
    assert "Sample text" in last
    assert "IGNY8 sandbox" in last
    assert IDEA["title"] in last


@pytest.mark.parametrize("keyword", ["maps", "a very long keyword " * 12, "x" * 200])
def test_meta_title_and_description_are_cut_at_a_word(keyword):
    made = article(IDEA | {"title": keyword}, [keyword.strip()])
    assert 0 < len(made["meta_title"]) <= 60
    assert 0 < len(made["meta_description"]) <= 155
    if " " in keyword.strip():
        assert made["meta_description"].split()[-1].strip(".,:") in plain(keyword) + " in order"


@pytest.mark.parametrize("words", [300, 800, 1600])
@pytest.mark.parametrize("topics", [TOPICS, ["map"]])
def test_no_paragraph_is_shared_among_sixty_articles(words, topics):
    seen = {}
    for number in range(60):
        topic = topics[number % len(topics)]
        idea = IDEA | {"title": f"The {topic} part {number}", "word_count": words}
        for text in paragraphs(article(idea, [topic, f"old {topic}"])["content"]):
            assert seen.setdefault(text, number) == number
            assert topic in text.casefold()
    assert len(seen) >= 300


def test_no_paragraph_is_shared_between_the_articles_of_many_clusters():
    seen = {}
    for cluster in [f"{a} {b}" for a, b in combinations(TOPICS, 2)]:
        for idea in ideas_of(cluster, [cluster, f"best {cluster}", f"old {cluster}"]):
            for text in paragraphs(article(idea, idea["target_keywords"])["content"]):
                assert seen.setdefault(text, idea["title"]) == idea["title"]


def test_an_article_holds_no_figure_no_link_and_no_loose_place():
    text = article(IDEA | {"word_count": 2500})["content"]
    assert not re.search(r"\d", re.sub(r"</?h\d>|IGNY8", "", text))
    assert not re.search(r"https?:|href|[{}\[\]|]", text)


def test_a_faq_is_written_where_it_is_asked_for():
    html = article(IDEA | {"content_type": "faq", "outline": ["The short answer"]})["content"]
    assert "Frequently asked questions" in html
    assert html.count("?</strong>") >= 3


def test_the_audience_of_the_site_is_named():
    site = {"name": "x", "domain": "y", "guidelines": {"audience": "people who love maps"}}
    assert "written for people who love maps" in article(IDEA, site=site)["content"]


@pytest.mark.parametrize("number", [1, 2, 3, 5, 12, 40])
def test_ideas_are_distinct_and_share_out_the_keywords(number):
    keywords = [f"{word} {topic}" for word in ("best", "old", "buy", "what") for topic in TOPICS]
    ideas = ideas_of(keywords[0], keywords[:number])
    assert 2 <= len(ideas) <= 4
    assert len({idea["title"] for idea in ideas}) == len(ideas)
    assert len({idea["content_type"] for idea in ideas}) == len(ideas)
    for idea in ideas:
        assert set(idea["target_keywords"]) <= set(keywords[:number])
        assert idea["target_keywords"][0].casefold() in idea["title"].casefold()
        assert {"level", "heading", "notes"} == set(idea["outline"][0])
        assert idea["estimated_word_count"] > 0


def test_no_two_ideas_of_different_clusters_share_a_title():
    names = [f"{a} {b}" for a, b in combinations(TOPICS, 2)]
    titles = [idea["title"] for name in names for idea in ideas_of(name, [name, f"best {name}"])]
    assert len(set(titles)) == len(titles) == 2 * len(names)


@pytest.mark.parametrize(
    ("keyword", "content_type"),
    [
        ("how to draw a map", "guide"),
        ("canva vs figma", "comparison"),
        ("best ai tools", "listicle"),
        ("what is westeros", "article"),
        ("buy a poster", "product"),
        ("seo services near me", "landing_page"),
        ("can dogs swim", "faq"),
    ],
)
def test_the_words_of_a_keyword_choose_the_type(keyword, content_type):
    assert ideas_of(keyword, [keyword])[0]["content_type"] == content_type


def test_an_article_is_written_from_its_idea_alone():
    [idea, *_] = ideas_of("game of thrones map", KEYWORDS)
    made = json.loads(compose(block("Idea", idea), "generate_content"))
    assert made["title"] == idea["title"]
    assert headings(made["content"]) == [h["heading"] for h in idea["outline"] if h["level"] == 2]


@pytest.mark.parametrize(("asked", "number"), [("3", 3), ("no", 0), ("7", 7), (None, 2)])
def test_image_prompts_follow_the_articles_headings(asked, number):
    made = article(IDEA)
    prompt = (
        f"Give one featured and {asked} in-article prompts.\n" if asked else "featured_prompt\n"
    )
    prompt += block("Article", {"title": made["title"], "html": made["content"]})
    answer = json.loads(compose(prompt, "generate_image_prompts"))
    assert IDEA["title"] in answer["featured_prompt"]["prompt"]
    assert len(answer["in_article_prompts"]) == number
    for heading, item in zip(headings(made["content"]), answer["in_article_prompts"], strict=False):
        assert heading in item["prompt"]
        assert item["alt_text"]


def test_an_article_in_plain_text_is_found_too():
    prompt = "Article:\nTitle: On maps\n<h2>First</h2><p>x</p><h2>Second &amp; last</h2>"
    answer = json.loads(compose(prompt, "generate_image_prompts"))
    assert "On maps" in answer["featured_prompt"]["prompt"]
    assert [p["alt_text"] for p in answer["in_article_prompts"]] == [
        "Illustration: First",
        "Illustration: Second & last",
    ]


def test_every_keyword_is_in_exactly_one_cluster():
    keywords = [f"{word} {topic}" for topic in TOPICS for word in ("best", "cheap", "old", "free")]
    prompt = block("Keywords", [{"keyword": k, "volume": 10, "intent": None} for k in keywords])
    clusters = json.loads(compose(prompt, "auto_cluster"))["clusters"]
    assert sorted(k for cluster in clusters for k in cluster["keywords"]) == sorted(keywords)
    assert all(cluster["name"] and cluster["description"] for cluster in clusters)


def test_no_keywords_make_no_clusters():
    assert json.loads(compose("Nothing here", "auto_cluster")) == {"clusters": []}


@pytest.mark.parametrize(
    ("prompt", "function"),
    [
        ('Answer: {"clusters": [{"name", "keywords"}]}', "auto_cluster"),
        ('Answer: {"ideas": [{"title"}]}', "generate_ideas"),
        ('Answer: {"title", "content": "...", "meta_title"}', "generate_content"),
        ('Answer: {"featured_prompt", "in_article_prompts"}', "generate_image_prompts"),
        ("Hello", ""),
    ],
)
def test_the_function_is_known_by_the_shape_asked_for(prompt, function):
    assert Question(prompt).function == function


def test_data_is_found_without_fences_and_labels():
    prompt = f'Group {json.dumps(KEYWORDS)} as {{"clusters": [..]}} ```json\n{{"domain": "x", '
    prompt += '"language": "en"}\n```'
    question = Question(prompt)
    assert question.keywords == KEYWORDS
    assert question.site == {"domain": "x", "language": "en"}


def test_brackets_inside_a_keyword_do_not_end_the_list():
    tricky = ['a ] b"', "```json", "{x}"]
    assert Question(block("Keywords", tricky)).keywords == tricky


def test_a_prompt_full_of_brackets_is_read_in_time():
    assert Question("[" * 100_000 + "{" * 100_000).blocks == ()


def test_unknown_functions_get_their_keys_filled():
    prompt = "As JSON {title, description}, write SEO meta for:\n<h2>Maps of Westeros</h2>"
    made = json.loads(compose(prompt, "generate_meta"))
    assert set(made) == {"title", "description"}
    assert len(made["title"]) <= 60
    assert len(made["description"]) <= 160
    assert set(json.loads(compose('{"a": "...", "b": 1}', "other"))) == {"a", "b"}
    assert json.loads(compose("Say hello", "other"))["answer"]
