"""The pipeline's dry run: model, tokens, cost and credits of each stage, and what is skipped."""

import re

import pytest

from igny8_core.cli.forecast import forecast
from igny8_core.cli.job import Client, Order
from igny8_core.planner.models import ContentIdeas, Keyword, KeywordImport
from igny8_core.system.services import set_image_config
from tests.ai.runs import a_cluster, a_content, a_task, an_image, some_keywords

FILE = b"keyword\nmaps\ncompass\ntents\n"


@pytest.fixture
def said(world, settings):
    """Alice's forecast; no provider is asked, so that the address need not answer."""
    settings.IGNY8_SANDBOX_URL = "http://127.0.0.1:1"
    client = Client(world.account, world.alice.user)

    def forecast_of(data=FILE, **choices):
        order = Order(data, "k.csv", choices.get("limit"), choices.get("site"))
        return forecast(order, client)

    return forecast_of


def line(text, title):
    (found,) = [one for one in text.splitlines() if one.startswith(title)]
    return found


def test_the_keywords_are_quoted_with_their_real_prompts_and_none_is_kept(said):
    text = said()
    clusters = line(text, "Clusters")
    assert re.fullmatch(
        r"Clusters       gpt-4o-mini, 1 call\(s\): [\d,]+ tokens in, at most 8,192 out; "
        r"0\.\d+ USD expected, 0\.\d+ at most; 1 credit\(s\)",
        clusters,
    )
    assert line(text, "Articles") == "Articles       gpt-4o; no tasks yet, 10 credit(s) each"
    assert "Alice's has 0 credits; the sandbox plays every provider" in text
    assert Keyword.unscoped.count() == KeywordImport.unscoped.count() == 0


def test_more_keywords_make_a_longer_prompt(said):
    def sent(text):
        return int(re.search(r"([\d,]+) tokens in", text)[1].replace(",", ""))

    many = b"keyword\n" + b"".join(b"a keyword of number %d\n" % n for n in range(90))
    assert sent(said(many)) > sent(said()) + 500
    assert "2 keyword(s) to work on" in said(limit=2)


def test_what_is_there_already_is_skipped_and_the_rest_quoted(said, world):
    cluster = a_cluster(world.account, "Maps", "maps")
    some_keywords(world.account, "compass", cluster=cluster)
    text = said()
    assert "skipped: 2 of the keywords: already in a cluster" in text
    assert "gpt-4o-mini, 1 call(s)" in line(text, "Clusters")
    assert "gpt-4o-mini, 1 call(s)" in line(text, "Ideas")


def test_a_stage_with_nothing_left_says_so_and_a_dead_model_who_is_asked(said, world):
    a_cluster(world.account, "Maps", "maps", "compass", "tents")
    text = said()
    assert line(text, "Clusters") == "Clusters       nothing is left to do"
    assert "skipped: 3 of the keywords: already in a cluster" in text
    assert "dall-e-3 was shut down on 2026-05-12; gpt-image-2.6-sunburst is asked" in text


def test_a_picture_of_unknown_price_is_said_to_be_unpriced(said, world):
    set_image_config(world.account, {"provider": "runware"})
    cluster = a_cluster(world.account, "Maps", "maps", "compass", "tents")
    idea = ContentIdeas.objects.create(
        account=world.account, site=world.site, title="Maps", cluster=cluster
    )
    task = a_task(world.account, queued_from=idea.pk)
    an_image(world.account, a_content(world.account, task=task))
    assert "cost unknown (1 unpriced); 5 credit(s)" in line(said(), "Pictures")
