"""The catalogue: what is known of models, what an operator adds, and who follows the dead."""

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from igny8_core.ai import catalogue, registry
from igny8_core.ai.ai_core import AICore
from igny8_core.ai.assignments import assignments_of
from igny8_core.ai.catalogue import Model, Price, Rules, WrongCatalogue
from igny8_core.ai.catalogue.reading import rows_of
from igny8_core.ai.cost import Usage, cost_of
from igny8_core.ai.providers.rules import ruled
from igny8_core.system.services import set_integration
from tests.ai.runs import a_request, a_task, ended

A_MODEL = {"id": "mine", "provider": "openai", "modality": "text", "source": "our own server"}
A_PRICE = {"from": "2026-01-01", "input": "1", "output": "2", "source": "our own server"}


# --- what it holds -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", catalogue.all_models(), ids=lambda model: model.id)
def test_every_model_is_alive_or_has_a_living_successor(model):
    assert model.source
    assert model.shutdown is None or model.shutdown_source
    for day in (catalogue.today(), datetime.date(2027, 12, 31)):
        following = model
        while following.status_on(day) == "retired":
            following = catalogue.find(following.successor)
            assert following is not None, f"{model.id} leads nowhere on {day}"
    for price in model.prices:
        assert price.source
        assert price.cached is None or price.cached < price.input
        assert price.cache_write is None or price.cache_write >= price.input
    assert catalogue.shown(model)["status"] in {"active", "deprecated", "retired"}


def test_a_snapshot_is_known_by_the_model_it_is_one_of():
    assert catalogue.find("gpt-4o-2024-11-20") is catalogue.find("gpt-4o")
    assert catalogue.find("a-model-nobody-knows") is None


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        # By the table of gpt-image-1: medium as a rule, high at most.
        ("gpt-image-1", "1536x1024", (1568, 6208)),
        ("gpt-image-1", "1024x1024", (1056, 4160)),
        # By OpenAI's calculator for gpt-image-2. At 1536x1024 high: 96 patches along the longer
        # side, 96 x 1024 / 1536 = 64 along the other; 96 x 64 x (2,000,000 + 1,572,864)
        # / 4,000,000 = 5,487.9, rounded up.
        ("gpt-image-2", "1536x1024", (1372, 5488)),
        # 96 x 96 x 3,048,576 / 4,000,000 = 7,023.9.
        ("gpt-image-2", "1024x1024", (1756, 7024)),
        # 96 x 55 x 3,835,008 / 4,000,000 = 5,062.2.
        ("gpt-image-2", "1792x1024", (1243, 5063)),
        ("gpt-image-2.6-sunburst", "1536x1024", (1372, 5488)),
        ("gpt-image-1", "1x1", None),
        ("gpt-image-1-mini", "1024x1024", None),
        ("dall-e-3", "1024x1024", None),
        ("runware:97@1", "1536x1024", None),
        ("a-model-nobody-knows", "1536x1024", None),
    ],
)
def test_how_many_tokens_a_picture_takes_as_a_rule_and_at_most(model, size, tokens):
    assert catalogue.picture_tokens(model, size) == tokens


# --- what an operator adds ---------------------------------------------------------------------


def test_an_operator_adds_a_model_with_its_price(operator):
    operator({**A_MODEL, "max_output": 900, "prices": [A_PRICE]})
    model = catalogue.find("mine")
    assert (model.max_output, model.price_on(datetime.date(2026, 5, 1)).output) == (900, 2)
    assert catalogue.find("gpt-4o") is not None


def test_a_row_of_a_known_model_changes_what_it_names_and_leaves_the_rest(operator):
    before = catalogue.find("gpt-4o")
    dearer = {**A_PRICE, "from": "2026-12-01", "input": "9"}
    operator({"id": "gpt-4o", "rules": {"sampling": False}, "prices": [dearer]})
    after = catalogue.find("gpt-4o")
    assert (after.context, after.successor) == (before.context, before.successor)
    assert (after.rules.sampling, after.rules.json_schema) == (False, True)
    assert after.price_on(datetime.date(2026, 11, 30)) == before.prices[0]
    assert after.price_on(datetime.date(2026, 12, 1)).input == 9


def test_a_price_of_the_same_date_replaces_ours_and_null_resets(operator):
    operator({"id": "gpt-4o", "shutdown": None, "prices": [{**A_PRICE, "from": "2024-10-01"}]})
    assert [price.input for price in catalogue.find("gpt-4o").prices] == [1]
    assert catalogue.find("gpt-4o").status_on(datetime.date(2030, 1, 1)) == "active"


def test_what_a_provider_has_told_lies_below_what_the_operator_says(operator, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    learnt = [{"id": "gpt-6-luna", "shutdown": "2028-01-01", "successor": "gpt-6.1-terra"}]
    catalogue.learnt_file().write_text(json.dumps({"models": learnt}))
    operator({"id": "gpt-6-luna", "shutdown": "2029-01-01"})
    model = catalogue.find("gpt-6-luna")
    assert (str(model.shutdown), model.successor) == ("2029-01-01", "gpt-6.1-terra")


@pytest.mark.parametrize(
    ("rows", "where", "cure"),
    [
        (["{"], "mine.json is not JSON", ""),
        (["[]"], 'mine.json: write {"models": [{"id": ...}, ...]}', ""),
        (['{"models": [1]}'], 'mine.json: write {"models"', ""),
        ([A_MODEL, {"provider": "openai"}], "row 2 (no id): id: a row names its model", "Add it"),
        ([A_MODEL, A_MODEL], "row 2 (mine): stands in this file twice", "Make one row"),
        ([{"id": "mine"}], "row 1 (mine): provider: Field required", "Add it"),
        ([{**A_MODEL, "colour": 1}], "row 1 (mine): colour: Extra inputs", "Take it out"),
        ([{**A_MODEL, "shutdown": "soon"}], "row 1 (mine): shutdown: ", "Correct it"),
        ([{**A_MODEL, "provider": "acme"}], "row 1 (mine): provider: ", "Correct it"),
        ([{**A_MODEL, "context": -1}], "row 1 (mine): context: ", "Correct it"),
        ([{**A_MODEL, "prices": 7}], "row 1 (mine): prices: ", "Correct it"),
        ([{**A_MODEL, "rules": 7}], "row 1 (mine): rules: ", "Correct it"),
        (
            [{**A_MODEL, "prices": [{**A_PRICE, "input": "-1"}]}],
            "row 1 (mine): prices.0.input: ",
            "Correct it",
        ),
        (
            [{**A_MODEL, "prices": [{**A_PRICE, "output": None}]}],
            "row 1 (mine): prices.0: Value error, a price names input and output, or pictures",
            "Correct it",
        ),
        (
            [{**A_MODEL, "prices": [A_PRICE, {**A_PRICE, "input": "9"}]}],
            "row 1 (mine): prices: Value error, two prices hold from 2026-01-01 on",
            "Correct it",
        ),
        (
            [{"id": "gpt-4o", "prices": [{"from": "2026-12-01", "input": "9"}]}],
            "row 1 (gpt-4o): prices.1.source: Field required",
            "Add it",
        ),
        (
            [{**A_MODEL, "pictures": {"usual": "fine", "most": "fine", "axes": {"low": 16}}}],
            "row 1 (mine): pictures: Value error, usual and most",
            "Correct it",
        ),
        ([{**A_MODEL, "successor": "nobody"}], "row 1 (mine): successor: nobody", "Add its row"),
        ([{**A_MODEL, "successor": "mine"}], "row 1 (mine): successor: it leads", "have none"),
        (
            [{**A_MODEL, "successor": "gpt-image-2"}],
            "row 1 (mine): successor: gpt-image-2 is another provider's, or makes",
            "Name one of the same kind",
        ),
        (
            [{**A_MODEL, "aliases": ["gpt-4o"]}],
            "row 1 (mine): aliases: gpt-4o is gpt-4o already",
            "Take one of them out",
        ),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_cure(operator, rows, where, cure):
    operator(*rows)
    with pytest.raises(WrongCatalogue) as refused:
        catalogue.all_models()
    assert where in str(refused.value)
    assert cure in str(refused.value)


def test_successors_that_lead_in_a_circle_are_refused(operator):
    operator({**A_MODEL, "successor": "yours"}, {**A_MODEL, "id": "yours", "successor": "mine"})
    with pytest.raises(WrongCatalogue, match=r"it leads to (mine|yours) again"):
        catalogue.all_models()


def test_the_example_of_the_documents_is_one_that_can_be_read(operator):
    page = Path(__file__).parents[2] / "docs" / "models.md"
    operator(re.search(r"```json\n(.*?)```", page.read_text(), re.DOTALL)[1])
    assert cost_of("llama-4-70b", Usage(1000, 1000)).total == 0
    luna = catalogue.find("gpt-6-luna")
    assert [str(price.input) for price in luna.prices] == ["0.10", "0.12"]


def test_every_field_of_a_row_stands_in_the_documents():
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    fields = {*Model.model_fields, *Rules.model_fields, *Price.model_fields} - {"since"}
    assert [name for name in sorted(fields) if f"`{name}`" not in page] == []


def test_our_own_files_can_be_read_on_their_own():
    for file in catalogue.sources()[:2]:
        assert all(row["source"] for row in rows_of(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"models": [{"id": "mine"}]}', "row 1 (mine): provider: Field required. Add it."),
        (None, "IGNY8_CATALOGUE cannot be read: write the path of a file"),
    ],
)
def test_a_wrong_file_ends_every_command_at_its_start(text, said, tmp_path):
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text)
    env = {**os.environ, "IGNY8_CATALOGUE": str(file), "IGNY8_DATA_DIR": str(tmp_path / "var")}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "igny8_core.cli.main", "doctor"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith("igny8: settings: ")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


# --- who follows the dead ----------------------------------------------------------------------


def test_a_model_that_is_gone_is_replaced_and_it_is_said():
    assert catalogue.living("dall-e-3") == (
        "gpt-image-2.6-sunburst",
        "dall-e-3 was shut down on 2026-05-12; gpt-image-2.6-sunburst is asked instead.",
    )
    assert catalogue.living("gpt-6-luna") == ("gpt-6-luna", "")
    assert catalogue.living("somebody/elses-model") == ("somebody/elses-model", "")


def test_a_chain_of_dead_models_is_followed_to_the_living_one(operator, on):
    gone = {**A_MODEL, "shutdown": "2026-02-01"}
    operator(
        {**gone, "id": "first", "successor": "second", "aliases": ["first-2025"]},
        {**gone, "id": "second", "successor": "third"},
        {**A_MODEL, "id": "third", "shutdown": "2026-06-01"},
    )
    on("2026-03-01")
    assert catalogue.living("first-2025")[0] == "third"
    on("2026-01-31")
    assert catalogue.living("first-2025") == ("first-2025", "")
    on("2026-06-01")
    assert catalogue.living("first-2025") == (
        "third",
        "first-2025 was shut down on 2026-02-01, and so was third, which followed it, on "
        "2026-06-01: choose another.",
    )
    assert catalogue.notice_of("first") == catalogue.living("first")[1]
    assert catalogue.living("third") == ("third", catalogue.notice_of("third"))
    assert catalogue.notice_of("third") == (
        "third was shut down on 2026-06-01 and nothing follows it: choose another."
    )


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-10-15", ""),  # 91 days
        ("2026-10-16", "gpt-4o will be shut down on 2027-01-14, in 90 days; gpt-6-luna is asked"),
        ("2027-01-13", "gpt-4o will be shut down on 2027-01-14, tomorrow; gpt-6-luna is asked"),
        ("2027-01-14", "gpt-4o was shut down on 2027-01-14; gpt-6-luna is asked instead."),
    ],
)
def test_users_are_told_of_a_shutdown_from_ninety_days_before_it(on, day, said):
    on(day)
    assert catalogue.notice_of("gpt-4o").startswith(said)
    assert bool(catalogue.notice_of("gpt-4o")) is bool(said)


def test_a_server_that_serves_a_dead_name_is_asked_for_it(
    account, toy, sandbox, settings, operator
):
    # The stand-in, as any server that an operator names.
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = f"{sandbox.url}/v1", "key"
    config = {"config": {"model": "gpt-3.5-turbo", "fallback": {"model": "gpt-4"}}}
    set_integration(account, "openai", config, functions=[])
    core, function = AICore(account), registry.get_function_instance("toy")
    plan = core.plan(function)
    assert (plan.model, plan.notice) == ("gpt-3.5-turbo", "")
    assert core.second(plan).model == "gpt-4"
    assert assignments_of(account)["toy"].notice == ""
    assert assignments_of(account)["toy"].model == "gpt-3.5-turbo"
    operator({"id": "gpt-3.5-turbo", "shutdown": "2026-10-23"})
    assert core.plan(function).model == "gpt-5.6-terra"
    assert "gpt-3.5-turbo was shut down" in assignments_of(account)["toy"].notice
    operator({"id": "gpt-3.5-turbo"})
    for home in ("https://api.openai.com/v1/", "https://eu.api.openai.com/v1"):
        settings.OPENAI_BASE_URL = home
        assert core.plan(function).model == "gpt-5.6-terra"
    settings.OPENAI_BASE_URL = "https://notapi.openai.com.example/v1"
    assert core.plan(function).model == "gpt-3.5-turbo"


def test_the_successor_is_asked_by_its_own_rules_and_the_run_says_so(account, sandbox, on):
    on("2027-01-14")
    run = ended("generate_content", [a_task(account)])
    assert (run.state, run.model) == ("SUCCESS", "gpt-6-luna")
    preparing = run.request_steps[0]
    assert "gpt-4o was shut down on 2027-01-14; gpt-6-luna is asked" in preparing["message"]
    # The stand-in refuses max_tokens of a reasoning model, and a temperature beside an effort.
    assert [entry.status for entry in sandbox.ledger.entries()] == [200]


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-6.1-sol", "gpt-6-astra", "gpt-5"])
def test_a_model_that_reasons_is_asked_right_at_the_first_try(
    account, sandbox, toy, model, monkeypatch, on
):
    on("2026-12-01")
    monkeypatch.setattr(toy, "get_model", lambda self: model)
    run = ended("toy", [a_task(account)])
    assert (run.state, run.model) == ("SUCCESS", model)
    assert [entry.status for entry in sandbox.ledger.entries()] == [200]


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("gpt-4o", {"max_tokens": 50, "temperature": 0.2}),
        ("somebody/elses-model", {"max_tokens": 50, "temperature": 0.2}),
        (
            "gpt-6-luna",
            {"max_completion_tokens": 50, "reasoning_effort": "none", "temperature": 0.2},
        ),
        ("gpt-6.1-sol", {"max_completion_tokens": 50, "reasoning_effort": "low"}),
        ("gpt-5", {"max_completion_tokens": 50}),
    ],
)
def test_each_model_is_asked_as_it_wants_to_be(model, asked):
    assert ruled(a_request(model)) == asked
