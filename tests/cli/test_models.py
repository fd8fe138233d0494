"""`igny8 models refresh`, and what the doctor says of the models in use."""

import datetime
import json

import pytest

from igny8_core.ai import catalogue, registry
from igny8_core.sandbox import Sandbox
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_image_config, set_integration
from tests.cli.processes import free_port

FUNCTIONS = ["generate_content", "generate_ideas"]


@pytest.fixture(scope="module")
def stand_in():
    with Sandbox() as running:
        yield running


@pytest.fixture
def provider(stand_in, settings, monkeypatch, tmp_path):
    """OpenAI's address is the stand-in's, as if an operator had set it."""
    stand_in.script.clear()
    settings.DATA_DIR = tmp_path
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-ours", f"{stand_in.url}/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", settings.OPENAI_BASE_URL)
    catalogue.forget()
    yield stand_in
    stand_in.script.clear()
    catalogue.forget()


def listing(provider, **dates):
    rows = [{"id": name.replace("_", "-"), "shutdown_date": date} for name, date in dates.items()]
    provider.script.add({"kind": "models", "raw": json.dumps({"data": rows})})


def test_the_dates_of_a_provider_are_kept_and_what_is_new_is_said(provider, says):
    listing(provider, gpt_4o="2027-03-01", o3=None, gpt_4_1="2027-01-14", somebodys="2027-01-01")
    status, text = says("models", "refresh")
    assert status == 0, text
    assert "OpenAI (127.0.0.1): 4 models, 3 with a shutdown date." in text
    assert "gpt-4o: ends on 2027-03-01, not 2027-01-14\n" in text
    assert "o3: ends on no known day, not 2026-12-11; that date holds: OpenAI" in text
    assert "not in the catalogue: gpt-4-1, somebodys" in text
    assert "Runware: played by the sandbox; set RUNWARE_API_KEY" in text
    assert catalogue.find("gpt-4o").shutdown == datetime.date(2027, 3, 1)
    assert catalogue.find("gpt-4o").successor == "gpt-6-luna"
    assert "GET /models of 127.0.0.1 on " in catalogue.find("gpt-4o").shutdown_source
    assert str(catalogue.find("o3").shutdown) == "2026-12-11"


def test_a_date_that_was_learnt_can_be_taken_back(provider, says):
    listing(provider, gpt_6_luna="2028-01-01")
    says("models", "refresh")
    provider.script.clear()
    listing(provider, gpt_6_luna=None)
    assert "gpt-6-luna: ends on no known day, not 2028-01-01\n" in says("models", "refresh")[1]
    assert catalogue.find("gpt-6-luna").shutdown is None


def test_a_snapshot_that_ends_on_a_day_of_its_own_is_told_and_not_kept(provider, says):
    listing(provider, gpt_4o_2024_08_06="2026-12-15", gpt_4o_2024_11_20="2027-01-14")
    text = says("models", "refresh")[1]
    assert "gpt-4o-2024-08-06: ends on 2026-12-15, not 2027-01-14 as gpt-4o, whose other" in text
    assert "gpt-4o-2024-11-20" not in text
    assert "Nothing new." in text
    assert str(catalogue.find("gpt-4o").shutdown) == "2027-01-14"


def test_asking_again_finds_nothing_new_and_keeps_what_was_learnt(provider, says):
    listing(provider, gpt_4o="2027-03-01")
    says("models", "refresh")
    status, text = says("models", "refresh")
    assert (status, "Nothing new." in text) == (0, True)
    provider.script.clear()
    listing(provider, gpt_6_luna="2028-01-01")
    text = says("models", "refresh")[1]
    assert "gpt-6-luna: ends on 2028-01-01, not open-ended; nothing follows it: name a" in text
    assert str(catalogue.find("gpt-4o").shutdown) == "2027-03-01"


def test_what_the_stand_in_lists_agrees_with_the_catalogue(provider, says):
    status, text = says("models", "refresh")
    assert status == 0
    assert "Nothing new." in text, text


def test_the_operator_s_own_date_holds(provider, says, settings, tmp_path):
    settings.IGNY8_CATALOGUE = tmp_path / "mine.json"
    rows = [{"id": "gpt-4o", "shutdown": "2030-01-01"}]
    settings.IGNY8_CATALOGUE.write_text(json.dumps({"models": rows}))
    catalogue.forget()
    listing(provider, gpt_4o="2027-03-01")
    text = says("models", "refresh")[1]
    assert "your own file says otherwise, and holds" in text
    assert str(catalogue.find("gpt-4o").shutdown) == "2030-01-01"
    assert not catalogue.learnt_file().exists()


def test_an_endpoint_without_dates_is_said_to_have_none(provider, says):
    provider.script.add({"kind": "models", "raw": '{"data": [{"id": "llama"}]}'})
    status, text = says("models", "refresh")
    assert status == 0
    assert "OpenAI (127.0.0.1): tells no shutdown dates." in text


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("kind=models status=401", "OpenAI rejected the API key"),
        ({"kind": "models", "raw": '{"data": 7}'}, "OpenAI: "),
        ({"kind": "models", "raw": '{"data": [{"id": "a", "shutdown_date": "soon"}]}'}, "OpenAI: "),
    ],
)
def test_a_provider_that_cannot_be_read_is_named_and_changes_nothing(provider, says, rule, said):
    provider.script.add(rule)
    status, text = says("models", "refresh")
    assert (status, said in text) == (1, True), text
    assert not catalogue.learnt_file().exists()


def test_a_provider_that_is_not_there_is_named(provider, says, settings):
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{free_port()}/v1"
    status, text = says("models", "refresh")
    assert status == 1
    assert "OpenAI cannot be reached" in text


def test_runware_tells_no_dates(provider, says, settings, monkeypatch):
    settings.RUNWARE_API_KEY = "key"
    monkeypatch.setenv("RUNWARE_API_KEY", "key")
    assert "Runware (api.runware.ai): tells no shutdown dates." in says("models", "refresh")[1]


# --- the doctor --------------------------------------------------------------------------------


def test_the_doctor_warns_of_what_ends_soon_and_counts_who_asks_it(world, says, monkeypatch):
    monkeypatch.setattr(catalogue, "today", lambda: datetime.date(2026, 12, 1))
    for account in (world.account, world.charlie.account):
        config = {"model": "gpt-4.1", "functions": {"generate_content": {"model": "gpt-6-luna"}}}
        openai = IntegrationSettings.Type.OPENAI
        set_integration(account, openai, {"config": config}, functions=FUNCTIONS)
    set_image_config(world.account, {"model": "gpt-image-1-mini"})
    status, text = says("doctor")
    assert status == 0, text
    lines = [line.split(None, 2) for line in text.splitlines() if " model " in line]
    told = {rest.split()[0]: (mark, rest) for mark, _, rest in lines}
    assert told["gpt-4.1"] == (
        "!",
        "gpt-4.1 (set by 2 accounts): ends on 2027-01-14, in 44 days, gpt-6-luna follows",
    )
    assert told["gpt-4o"][1].startswith("gpt-4o (a default): ends on 2027-01-14, in 44 days")
    assert told["gpt-6-luna"] == ("ok", "gpt-6-luna (set by 2 accounts)")
    assert told["gpt-image-1-mini"] == (
        "!",
        "gpt-image-1-mini (set by 1 account): ended on 2026-12-01, gpt-image-2.6-flare follows",
    )


def test_the_doctor_names_second_choices_and_what_a_function_wants_itself(world, says, monkeypatch):
    wanting = registry.get_function("generate_ideas")
    monkeypatch.setattr(wanting, "get_model", lambda function: "gpt-3.5-turbo")
    config = {"fallback": {"model": "gpt-4"}}
    openai = IntegrationSettings.Type.OPENAI
    set_integration(world.account, openai, {"config": config}, functions=FUNCTIONS)
    set_image_config(world.account, {"fallback": {"model": "gpt-image-1"}})
    text = says("doctor")[1]
    assert "gpt-3.5-turbo (a default): ended on 2026-10-23, gpt-5.6-terra follows" in text
    assert "gpt-4 (set by 1 account): ended on 2026-10-23" in text
    assert "gpt-image-1 (set by 1 account): ended on 2026-10-23" in text


def test_the_doctor_wants_another_model_where_nothing_follows(world, says, settings, tmp_path):
    settings.IGNY8_CATALOGUE = tmp_path / "mine.json"
    row = {"id": "mine", "provider": "openai", "modality": "text", "source": "us"}
    rows = [{**row, "shutdown": "2026-01-01"}]
    settings.IGNY8_CATALOGUE.write_text(json.dumps({"models": rows}))
    catalogue.forget()
    config = {"config": {"model": "mine"}}
    set_integration(world.account, IntegrationSettings.Type.OPENAI, config, functions=FUNCTIONS)
    status, text = says("doctor")
    catalogue.forget()
    assert status == 1
    assert "mine (set by 1 account): ended on 2026-01-01; no price of mine is known" in text
    assert "Nothing takes its place: choose another model." in text
