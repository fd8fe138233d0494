"""Registry, settings, catalogue and cost: which function, which model, at which price."""

import datetime
import os
import subprocess
import sys
from decimal import Decimal as D

import pytest
from pydantic import ValidationError

from igny8_core.ai import catalogue, registry
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.cost import Usage, cost_of
from igny8_core.ai.functions.auto_cluster import AutoClusterFunction
from igny8_core.ai.functions.generate_image_prompts import GenerateImagePromptsFunction
from igny8_core.ai.pricing import credits_for, price_of
from igny8_core.ai.settings import (
    MODEL_CONFIG,
    get_max_tokens,
    get_model,
    get_model_config,
    get_temperature,
)
from igny8_core.core.errors import InvalidPayload, NotInAccount
from igny8_core.system.models import IntegrationSettings
from igny8_core.system.services import set_integration

FIVE = [
    "auto_cluster",
    "generate_content",
    "generate_ideas",
    "generate_image_prompts",
    "generate_images",
]


# --- the registry ------------------------------------------------------------------------------


def test_the_five_are_found_by_their_file_names():
    assert registry.list_functions() == FIVE
    for name in FIVE:
        function = registry.get_function_instance(name)
        assert isinstance(function, BaseAIFunction)
        assert function.get_name() == name
        assert type(function).__module__.endswith(f".{name}")
        assert set(function.get_metadata()) == {"display_name", "description", "phases"}
        assert len(function.get_metadata()["phases"]) == 6


def test_listing_functions_imports_none_of_them():
    code = (
        "import sys, django; django.setup(); from igny8_core.ai.registry import list_functions; "
        "assert len(list_functions()) >= 5; "
        "sys.exit(any('ai.functions.g' in name for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=_paths(), timeout=60)


def _paths():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_old_name_of_image_prompts_still_works():
    assert registry.get_function("extract_image_prompts") is GenerateImagePromptsFunction
    assert "extract_image_prompts" not in registry.list_functions()


@pytest.mark.parametrize("name", ["", "nothing", "_subjects", "__init__", "../tasks", "x" * 500])
def test_an_unknown_function_is_named_and_not_there(name):
    with pytest.raises(NotInAccount) as refused:
        registry.get_function(name)
    assert refused.value.code == "unknown_function"
    assert len(refused.value.detail) < 120


def test_a_lazy_function_is_loaded_at_its_first_use(monkeypatch):
    monkeypatch.setattr(registry, "_classes", dict(registry._classes))
    monkeypatch.setattr(registry, "_lazy", {})
    loads = []
    registry.register_lazy_function("late", lambda: loads.append(1) or AutoClusterFunction)
    assert "late" in registry.list_functions()
    assert loads == []
    assert registry.get_function("late") is registry.get_function("late") is AutoClusterFunction
    assert loads == [1]


# --- settings ----------------------------------------------------------------------------------


def integrate(account, integration_type, **config):
    set_integration(account, integration_type, {"config": config}, functions=FIVE)


def test_without_an_account_the_defaults_hold():
    assert get_model("generate_content") == "gpt-4o"
    assert get_model("generate_ideas") == "gpt-4o-mini"
    assert get_model("generate_images") == "dall-e-3"
    assert get_model("a_function_of_ours") == "gpt-4o-mini"
    assert get_max_tokens("auto_cluster") == 8192
    assert get_temperature("auto_cluster") == 0.2
    assert get_model_config("generate_ideas")["response_format"] == "json_object"
    assert set(MODEL_CONFIG) == {"default", *FIVE}


def test_the_function_s_own_options_win_over_its_wish_over_the_account_s_over_ours(
    account, monkeypatch
):
    openai = IntegrationSettings.Type.OPENAI

    def models():
        return get_model("generate_ideas", account), get_model("generate_content", account)

    assert models() == ("gpt-4o-mini", "gpt-4o")
    integrate(account, openai, model="general", max_tokens=100, temperature=0.1)
    assert models() == ("general", "general")
    wish = registry.get_function("generate_ideas")
    monkeypatch.setattr(wish, "get_model", lambda self: "wished")
    assert models() == ("wished", "general")
    assert get_model("generate_ideas") == "wished"
    integrate(account, openai, functions={"generate_ideas": {"model": "own", "max_tokens": 50}})
    assert models() == ("own", "general")
    assert get_max_tokens("generate_ideas", account) == 50
    assert get_max_tokens("generate_content", account) == 100
    assert get_temperature("generate_ideas", account) == 0.1


def test_a_function_named_under_runware_runs_there_with_its_options(account):
    integrate(account, IntegrationSettings.Type.OPENAI, model="general")
    integrate(
        account, IntegrationSettings.Type.RUNWARE, functions={"generate_ideas": {"model": "air"}}
    )
    ideas = get_model_config("generate_ideas", account)
    assert (ideas["provider"], ideas["model"]) == ("runware", "air")
    content = get_model_config("generate_content", account)
    assert (content["provider"], content["model"]) == ("openai", "general")
    with pytest.raises(InvalidPayload):
        integrate(
            account, IntegrationSettings.Type.OPENAI, functions={"generate_ideas": {"model": "x"}}
        )


def test_an_integration_that_is_switched_off_is_as_if_there_were_none(account):
    integrate(account, IntegrationSettings.Type.OPENAI, model="general")
    set_integration(account, IntegrationSettings.Type.OPENAI, {"is_active": False}, functions=FIVE)
    assert get_model("generate_ideas", account) == "gpt-4o-mini"


# --- the catalogue -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", catalogue.all_models(), ids=lambda model: model.id)
def test_every_model_is_alive_or_has_a_living_successor(model):
    assert model.source
    for day in (catalogue.today(), datetime.date(2027, 12, 31)):
        following = model
        while following.status_on(day) == "retired":
            following = catalogue.find(following.successor)
            assert following is not None, f"{model.id} leads nowhere on {day}"
        assert following.modality == model.modality
        assert following.provider == model.provider
    for price in model.prices:
        assert price.input > 0 < price.output
        assert price.cached is None or price.cached < price.input
    assert model.as_dict()["status"] in {"active", "deprecated", "retired"}


def test_the_default_models_are_alive_or_replaced_and_it_is_said():
    assert catalogue.living("gpt-4o") == ("gpt-4o", "")
    name, notice = catalogue.living("dall-e-3")
    assert name == "gpt-image-2.6-sunburst"
    assert "dall-e-3 was shut down on 2026-05-12" in notice
    assert catalogue.living("somebody/elses-model") == ("somebody/elses-model", "")


@pytest.mark.parametrize("successors", [{"a": "b", "b": "a"}, {"a": "a"}, {"a": "missing"}])
def test_successors_that_lead_in_a_circle_or_nowhere_are_refused(successors):
    rows = [
        {"id": name, "provider": "openai", "modality": "text", "source": "x", "successor": after}
        for name, after in successors.items()
    ]
    sound = catalogue._catalogue().model_dump()
    with pytest.raises(ValidationError, match="has no successor in the end"):
        catalogue._Catalogue.model_validate({**sound, "models": rows})


def test_the_tokens_of_a_picture_are_told_by_size_for_models_paid_by_tokens():
    assert catalogue.picture_tokens("gpt-image-2.6-sunburst", "1536x1024") == (1568, 6208)
    assert catalogue.picture_tokens("gpt-image-2.6-sunburst", "1x1") is None
    assert catalogue.picture_tokens("runware:97@1", "1536x1024") is None
    assert catalogue.picture_tokens("a-model-nobody-knows", "1536x1024") is None


# --- cost --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "usage", "usd"),
    [
        # Worked by hand from facts.md: an article of 1,500 in and 3,000 out.
        ("gpt-4o", Usage(1500, 3000), D("0.03375")),
        ("gpt-6-luna", Usage(1500, 3000), D("0.00165")),
        ("gpt-4o-mini", Usage(1_000_000, 1_000_000), D("0.75")),
        # 1,000 in, 600 of them cached: 400 x 2.50 + 600 x 1.25 + 100 x 10.00, per million.
        ("gpt-4o", Usage(1000, 100, cached=600), D("0.00275")),
        # 1,000 in, 200 cached, 300 written: 500 x .10 + 200 x .01 + 300 x .125 + 10 x .50.
        ("gpt-6-luna", Usage(1000, 10, cached=200, cache_write=300), D("0.0000945")),
        ("gpt-4.1-mini", Usage(3, 1), D("0.0000028")),
        ("gpt-4o", Usage(10, 0, cached=20), D("0.000025")),
        ("a-model-nobody-knows", Usage(1500, 3000), None),
        ("dall-e-3", Usage(10, 10), None),
        ("gpt-4o", Usage(), None),
    ],
)
def test_what_a_call_costs(model, usage, usd):
    assert cost_of(model, usage) == usd


def test_the_provider_s_own_figure_wins():
    assert cost_of("gpt-4o", Usage(1500, 3000), stated=D("0.002")) == D("0.002")
    assert cost_of("runware:97@1", Usage(), stated=D("0")) == 0


def test_credits_are_whole_and_set_by_the_operator(settings):
    clustering, content = AutoClusterFunction(), registry.get_function_instance("generate_content")
    assert [credits_for(clustering, n, {}) for n in (1, 100, 101, 10_000)] == [1, 1, 2, 100]
    assert credits_for(clustering, 10_000, {"mode": "offline"}) == 0
    assert credits_for(content, 50, {}) == 500
    settings.IGNY8_CREDITS = {"generate_content": 3, "auto_cluster": 2}
    assert price_of(content) == 3
    assert credits_for(clustering, 250, {}) == 6
