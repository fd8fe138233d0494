"""Which words tell what a searcher is about to do."""

import pytest

from igny8_core.planner.clustering import inferred_intent
from igny8_core.planner.clustering.intents import ANYTHING, marker, wish


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("buy tent", "transactional"),
        ("Tent Near Me", "transactional"),
        ("how to pitch a tent", "informational"),
        ("what is a tent", "informational"),
        ("tent vs tarp", "commercial"),
        ("best tent", "commercial"),
        ("cheap tent", "transactional"),
        ("tent shop login", "navigational"),
        ("laufschuhe kaufen", "transactional"),
        ("comment choisir une tente", "informational"),
        ("mejores tiendas de campaña", "commercial"),
        ("tent", ""),
        ("buyer", ""),
    ],
)
def test_the_words_that_tell_an_intent(text, intent):
    assert inferred_intent(text) == intent


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hubspot pricing", "buy"),
        ("pricing strategy", ""),
        ("tesla price", "buy"),
        ("fisher price", ""),
        ("cost of a new roof", "buy"),
        ("cost of living in oslo", ""),
        ("price comparison", "compare"),
        ("size comparison", ""),
        ("vs code themes", ""),
        ("amazon rainforest", ""),
        ("amazon", ""),
        ("coffee shop", ""),
        ("tank top", ""),
        ("top tents", "best"),
        ("gluten free bread", ""),
        ("free bread recipes", "free"),
        ("prix iphone", "buy"),
        ("monaco grand prix", ""),
        ("comment section", ""),
        ("how to deal with heat", "how"),
        ("how to buy a house", "how"),
        ("how much does a roof cost", "buy"),
        ("how much protein per day", ""),
        ("recetas para la cena", ""),
        ("hoe garden tool", ""),
        ("jak and daxter", ""),
        ("como italy hotels", ""),
        ("mua london", ""),
        ("purchase order template", ""),
        ("zero coupon bond", ""),
        ("price elasticity", ""),
        ("cost per click", ""),
        ("best buy", ""),
        ("prix nobel", ""),
        ("sign in sheet", ""),
        ("wie viel kostet ein zelt", "buy"),
        ("combien coûte une tente", "buy"),
        ("what’s a tent", "what"),
    ],
)
def test_a_word_tells_an_intent_only_where_it_means_one(text, kind):
    assert marker(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "läufer kaufen", "zelt in der nähe", "wie wäscht man ein zelt", "zelt oder tarp vergleich",
        "tent kopen", "tent in de buurt", "hoe was je een tent", "köpa tält",
        "hur tvättar man tält",
        "comprar tienda", "tiendas cerca de mi", "cómo lavar una tienda", "tienda precio",
        "comprar barraca", "barraca preço", "acheter tente", "tente près de chez moi",
        "différence entre tente et tarp", "comprare tenda", "tenda prezzo", "come si lava",
        "ile kosztuje namiot", "jak wyprać namiot", "çadır fiyatları", "çadır nasıl kurulur",
        "beli tenda",
        "cara membuat tenda", "giá lều", "cách dựng lều",
    ],
)  # fmt: skip
def test_other_languages_say_what_they_want_too(text):
    assert wish(text) > 0


def test_what_is_said_in_a_whole_sentence_parts_nothing():
    assert wish("where can i buy a tent") == ANYTHING
    assert wish("the tent that we took along last summer to buy time") == ANYTHING
    assert wish("i buy tents") == ANYTHING
    assert wish("what is a tent") == wish("is it a tent") == wish("my tent") == ANYTHING
    assert wish("us passport cost") > 0
    assert wish("the who tent") == 0
    assert wish("a red tent for two people near me") > 0
    assert wish("a large red tent for two people near me") == ANYTHING
    assert wish("free tent") == wish("best tent") == wish("cheap tent") == 0
    assert wish("where to buy a tent") > 0
    assert wish("the red tent of four people that stands in snow") == 0
    assert wish("how do i wash my tent") > 0
