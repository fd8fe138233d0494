"""Which backend measures what, and what is said where it is not the best one."""

import shutil

import numpy as np
import pytest

from igny8_core.planner.clustering import NotEmbedded, Term, cluster
from igny8_core.planner.clustering.weights import FILES, packaged

ENGLISH = [
    "best camping stove",
    "gas stove for camping",
    "hiking boots women",
    "womens hiking boots",
]


def terms(texts, language=""):
    return [Term(text, language=language) for text in texts]


def test_without_a_model_it_is_tfidf():
    found = cluster(terms(ENGLISH))

    assert (found.backend, found.why) == ("tfidf", ())


@pytest.mark.weights
def test_with_a_model_it_is_the_model():
    found = cluster(terms(ENGLISH), model=packaged())

    assert (found.backend, found.why) == ("minilm", ())
    assert {group.backend for group in found.groups} == {"minilm"}


def test_a_folder_without_weights_gives_tfidf_and_says_so(tmp_path):
    found = cluster(terms(ENGLISH), model=tmp_path)

    assert found.backend == "tfidf"
    assert "model.safetensors" in found.why[0]
    assert "TF-IDF" in found.why[0]


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        shutil.copy(packaged() / name, tmp_path)
    return tmp_path


@pytest.mark.weights
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", str.encode]
)
def test_a_damaged_file_gives_tfidf_and_says_so(folder, name, damage):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(b"<html>" if damage is str.encode else damage(data))

    found = cluster(terms(ENGLISH), model=folder)

    assert found.backend == "tfidf"
    assert "cannot be read" in found.why[0]


@pytest.mark.weights
@pytest.mark.parametrize("change", [lambda rows: rows * np.nan, lambda rows: rows[:, :100]])
def test_weights_that_are_not_those_of_the_model_give_tfidf(folder, change):
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / FILES[0])
    name = "encoder.layer.3.intermediate.dense.weight"
    weights[name] = np.ascontiguousarray(change(weights[name]))
    save_file(weights, folder / FILES[0])

    found = cluster(terms(ENGLISH), model=folder)

    assert found.backend == "tfidf"
    assert found.why


@pytest.mark.weights
def test_weights_in_half_precision_serve_as_well(folder):
    from safetensors.numpy import load_file, save_file

    halved = {
        name: value.astype(np.float16) if value.dtype == np.float32 else value
        for name, value in load_file(folder / FILES[0]).items()
    }
    save_file(halved, folder / FILES[0])

    assert cluster(terms(ENGLISH), model=folder).backend == "minilm"


def test_a_provider_is_asked_once_for_each_spelling_and_before_the_model(tmp_path):
    asked = []

    def embed(texts):
        asked.append(list(texts))
        return [[1.0, 0.0] if "stove" in text else [0.0, 1.0] for text in texts]

    found = cluster(terms([*ENGLISH, "Best  Camping STOVE"]), model=tmp_path, embed=embed)

    assert asked == [sorted(ENGLISH)]
    assert (found.backend, found.why) == ("provider", ())
    assert {len(group.members) for group in found.groups} == {3, 2}


@pytest.mark.parametrize("rows", [[[1.0]], [[1.0], [float("nan")], [1.0], [1.0]], [1.0] * 4])
def test_a_provider_that_answers_something_else_is_not_believed(rows):
    found = cluster(terms(ENGLISH), embed=lambda texts: rows)

    assert found.backend == "tfidf"
    assert "one row of numbers for each keyword" in found.why[0]


def test_a_provider_that_refuses_leaves_the_next_backend():
    def embed(texts):
        raise NotEmbedded("the key was rejected")

    found = cluster(terms(ENGLISH), embed=embed)

    assert found.backend == "tfidf"
    assert found.why == ("No embeddings from the provider: the key was rejected.",)


FOREIGN = {
    "vietnamese": ["cách làm bánh mì tại nhà", "bánh mì tại nhà", "mua điện thoại giá rẻ"],
    "german": [
        "günstige laufschuhe kaufen",
        "wie repariere ich einen wasserhahn",
        "flüge nach rom",
    ],
    "spanish": ["zapatillas para correr", "como arreglar un grifo", "hoteles cerca de madrid"],
    "french": ["comment réparer un robinet", "vol pour paris", "recette de crêpes"],
    "dutch": ["goedkope hardloopschoenen", "hoe repareer ik een kraan", "vakantiehuis aan zee"],
    "polish": ["tanie buty do biegania", "jak naprawić kran", "noclegi nad morzem"],
    "turkish": ["ucuz koşu ayakkabısı", "musluk nasıl tamir edilir", "paris uçak bileti"],
    "russian": ["купить кроссовки", "как починить кран"],
    "chinese": ["跑步鞋推荐", "如何修理水龙头"],
    "japanese": ["ランニングシューズ おすすめ", "蛇口の修理方法"],
    "arabic": ["أحذية جري رخيصة", "كيف أصلح صنبور"],
    "thai": ["รองเท้าวิ่ง ราคาถูก"],
    "korean": ["러닝화 추천"],
    "hindi": ["सस्ते जूते"],
}


@pytest.mark.weights
@pytest.mark.parametrize("language", FOREIGN)
def test_a_language_that_the_model_does_not_know_is_left_to_tfidf(language):
    texts = FOREIGN[language]

    found = cluster(terms(texts), model=packaged())

    assert found.backend == "tfidf"
    assert f"{len(texts)} of {len(texts)} keywords are in a language" in found.why[0]


@pytest.mark.weights
def test_keywords_of_another_script_among_english_ones_are_measured_apart():
    texts = [*ENGLISH, "café near me", "купить кроссовки", "как починить кран", "蛇口の修理方法"]

    found = cluster(terms(texts), model=packaged())

    assert found.backend == "minilm+tfidf"
    assert found.why[0].startswith("3 of 8 keywords")
    measured = {texts[i]: group.backend for group in found.groups for i in group.members}
    assert measured["café near me"] == "minilm"
    assert measured["蛇口の修理方法"] == "tfidf"


@pytest.mark.weights
def test_a_language_that_was_named_is_believed():
    assert cluster(terms(ENGLISH, "de"), model=packaged()).backend == "tfidf"
    assert cluster(terms(ENGLISH, "en-GB"), model=packaged()).backend == "minilm"


@pytest.mark.weights
def test_words_that_the_model_must_spell_out_are_read_where_they_are_called_english():
    drugs = ["semaglutide", "metformin", "hydroxychloroquine", "levothyroxine", "gabapentin"]
    texts = [
        f"{drug} {word}" for drug in drugs for word in ("dosage", "interactions", "withdrawal")
    ]

    assert cluster(terms(texts), model=packaged()).backend == "tfidf"
    assert cluster(terms(texts, "en"), model=packaged()).backend == "minilm"
