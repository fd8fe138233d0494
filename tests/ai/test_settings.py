"""Registry and settings: which function, which model, for how many credits."""

import os
import subprocess
import sys

import pytest

from igny8_core.ai import registry
from igny8_core.ai.base import BaseAIFunction
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
    assert get_model_config("generate_ideas")["response_format"] == "json_schema"
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


# --- credits -----------------------------------------------------------------------------------


def test_credits_are_whole_and_set_by_the_operator(settings):
    clustering, content = AutoClusterFunction(), registry.get_function_instance("generate_content")
    assert [credits_for(clustering, n, {}) for n in (1, 100, 101, 10_000)] == [1, 1, 2, 100]
    assert credits_for(clustering, 10_000, {"mode": "offline"}) == 0
    assert credits_for(content, 50, {}) == 500
    settings.IGNY8_CREDITS = {"generate_content": 3, "auto_cluster": 2}
    assert price_of(content) == 3
    assert credits_for(clustering, 250, {}) == 6
