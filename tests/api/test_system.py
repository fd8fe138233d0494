"""Prompts, integrations and image settings through the door."""

import datetime
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from igny8_core.ai import catalogue
from igny8_core.ai.providers.transport import probe_timeouts
from igny8_core.sandbox import Sandbox
from igny8_core.system.models import AIPromptVersion, IntegrationSettings
from tests.world import error, errors

KEY = "sk-live-0123456789abcd"
PROMPT = "system/prompts/clustering/"
OPENAI = "system/integrations/openai/"
RUNWARE = "system/integrations/runware/"
IMAGES = "system/settings/images/"


@pytest.fixture
def adam(world):
    return world.adam.api


def put(api, path, **values):
    return api.put(path, values)


# --- prompts ----------------------------------------------------------------------------------
def test_a_prompt_is_the_default_until_the_account_writes_its_own(adam):
    default = adam.get(PROMPT).json()
    assert (default["source"], default["version"]) == ("default", 0)
    assert default["prompt_type"] == "clustering"
    assert "[IGNY8_KEYWORDS]" in default["placeholders"]
    own = put(adam, PROMPT, prompt=" Group [IGNY8_KEYWORDS] \n").json()
    assert (own["source"], own["version"]) == ("account", 1)
    assert own["prompt"] == " Group [IGNY8_KEYWORDS] \n"
    assert adam.get(PROMPT).json() == own


def test_every_write_is_a_new_version_and_delete_returns_to_the_default(adam, world):
    for text in ("one", "two", "two"):
        put(adam, PROMPT, prompt=text)
    assert adam.delete(PROMPT).status_code == 204
    assert adam.get(PROMPT).json()["source"] == "default"
    assert put(adam, PROMPT, prompt="three").json()["version"] == 5
    versions = AIPromptVersion.objects.for_account(world.account).order_by("version")
    assert [one.text for one in versions] == ["one", "two", "two", "", "three"]
    assert {one.author_id for one in versions} == {world.adam.user.pk}


def test_every_unknown_placeholder_is_named(adam):
    response = put(adam, PROMPT, prompt="[IGNY8_FOO] [IGNY8_KEYWORDS] [IGNY8_BAR] [IGNY8_FOO]")
    assert response.status_code == 400
    found = error(response)
    assert found["attr"] == "prompt"
    assert "[IGNY8_FOO], [IGNY8_BAR]" in found["detail"]
    assert adam.get(PROMPT).json()["version"] == 0


@pytest.mark.parametrize("prompt", ["", " \n", "x" * 20_001, None, True, ["x"], "a\0"])
def test_what_is_no_prompt_is_a_400_on_prompt(prompt, adam):
    response = put(adam, PROMPT, prompt=prompt)
    assert response.status_code == 400
    assert error(response)["attr"] == "prompt"


def test_an_unknown_type_is_a_404(adam):
    for name in ("nothing", "clustering%00", "x" * 300):
        assert adam.get(f"system/prompts/{name}/").status_code == 404


def test_prompts_are_the_account_s_own(adam, world):
    put(adam, PROMPT, prompt="ours")
    assert world.charlie.api.get(PROMPT).json()["source"] == "default"


# --- integrations -----------------------------------------------------------------------------
def test_an_integration_nobody_set_reads_as_defaults(adam):
    assert adam.get(OPENAI).json() == {
        "integration_type": "openai",
        "api_key": None,
        "base_url": "",
        "is_active": True,
        "config": {
            "model": None,
            "max_tokens": None,
            "temperature": None,
            "response_format": None,
            "functions": {},
        },
    }
    assert adam.get("system/integrations/stripe/").status_code == 404


def test_a_key_is_sealed_and_read_back_masked(adam, world):
    body = put(adam, OPENAI, api_key=KEY).json()
    assert body["api_key"] == "sk-...abcd"
    row = IntegrationSettings.objects.for_account(world.account).get()
    assert KEY.encode() not in bytes(row.sealed_key)
    assert row.api_key == KEY
    assert KEY not in adam.get(OPENAI).content.decode()


def test_sending_the_mask_back_keeps_the_key_and_null_forgets_it(adam, world):
    put(adam, OPENAI, api_key=KEY)
    assert put(adam, OPENAI, api_key="sk-...abcd").status_code == 200
    assert IntegrationSettings.objects.for_account(world.account).get().api_key == KEY
    assert error(put(adam, OPENAI, api_key="sk-...wxyz"))["attr"] == "api_key"
    assert put(adam, OPENAI, api_key=None).json()["api_key"] is None


def test_put_merges_and_null_resets(adam):
    put(adam, OPENAI, api_key=KEY, config={"model": "gpt-4o", "temperature": 1})
    body = put(adam, OPENAI, config={"functions": {"generate_ideas": {"max_tokens": 500}}}).json()
    assert body["api_key"] == "sk-...abcd"
    assert body["config"]["model"] == "gpt-4o"
    assert body["config"]["functions"]["generate_ideas"]["max_tokens"] == 500
    put(adam, OPENAI, config={"functions": {"generate_ideas": {"model": "o3"}}})
    config = put(adam, OPENAI, config={"model": None}).json()["config"]
    assert config["model"] is None
    assert config["temperature"] == 1
    assert config["functions"]["generate_ideas"]["max_tokens"] == 500
    assert config["functions"]["generate_ideas"]["model"] == "o3"
    config = put(adam, OPENAI, config={"functions": {"generate_ideas": None}}).json()["config"]
    assert config["functions"] == {}
    assert put(adam, OPENAI, config=None, is_active=None).json()["config"]["temperature"] is None


@pytest.mark.parametrize(
    ("values", "attr"),
    [
        ({"apikey": KEY}, "apikey"),
        ({"config": {"modle": "x"}}, "config.modle"),
        ({"config": {"modle": None}}, "config.modle"),
        ({"config": {"functions": {"generate_ideas": {"modle": "x"}}}}, None),
        ({"config": {"functions": {"nothing": {}}}}, "config.functions.nothing"),
        ({"config": {"temperature": 3}}, "config.temperature"),
        ({"config": {"max_tokens": "5"}}, "config.max_tokens"),
        ({"config": {"max_tokens": 10**30}}, "config.max_tokens"),
        ({"config": []}, "config"),
        ({"is_active": "yes"}, "is_active"),
        ({"api_key": "with space"}, "api_key"),
        ({"api_key": "x" * 501}, "api_key"),
        ({"base_url": "https://api.openai.com/v1"}, "base_url"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(values, attr, adam, world):
    response = put(adam, OPENAI, **values)
    assert response.status_code == 400
    assert errors(response)[0]["attr"] == (attr or "config.functions.generate_ideas.modle")
    assert not IntegrationSettings.objects.for_account(world.account).exists()


@pytest.mark.parametrize(
    ("path", "config", "attr", "cure"),
    [
        (RUNWARE, {"interface": "responses"}, "interface", "Leave this out (null), or"),
        (
            RUNWARE,
            {"embedding_model": "bge-m3"},
            "embedding_model",
            "runware is not asked for embeddings. Leave this out (null), or set it under openai.",
        ),
        (
            RUNWARE,
            {"functions": {"generate_ideas": {"max_tokens": 500}}},
            "functions.generate_ideas.model",
            "Name the model of runware that generate_ideas asks, here or in config.model.",
        ),
        *(
            (
                path,
                {"functions": {"generate_images": {"model": "gpt-image-2"}}},
                "functions.generate_images",
                "Set its provider and model there (system/settings/images/).",
            )
            for path in (OPENAI, RUNWARE)
        ),
    ],
)
def test_an_option_that_would_have_no_effect_is_refused(path, config, attr, cure, adam, world):
    response = put(adam, path, config=config)
    assert response.status_code == 400
    assert error(response)["attr"] == f"config.{attr}"
    assert cure in error(response)["detail"]
    assert not IntegrationSettings.objects.for_account(world.account).exists()


def test_functions_under_runware_may_share_a_model(adam):
    config = {"model": "openai:gpt@6-luna", "functions": {"generate_ideas": {}}}
    assert put(adam, RUNWARE, config=config).status_code == 200
    response = put(adam, RUNWARE, config={"model": None})
    assert error(response)["attr"] == "config.functions.generate_ideas.model"
    nothing = {"model": None, "interface": None, "functions": {"generate_ideas": None}}
    assert put(adam, RUNWARE, config=nothing).status_code == 200


def test_a_function_runs_at_one_provider_only(adam):
    ideas = {"functions": {"generate_ideas": {"model": "openai:gpt@6-luna"}}}
    assert put(adam, RUNWARE, config=ideas).status_code == 200
    response = put(adam, OPENAI, config=ideas)
    assert error(response)["attr"] == "config.functions.generate_ideas"
    put(adam, RUNWARE, config={"functions": None})
    assert put(adam, OPENAI, config=ideas).status_code == 200


def test_a_base_url_goes_with_a_key_of_one_s_own(adam):
    body = put(adam, OPENAI, api_key=KEY, base_url="https://api.openai.com/v1").json()
    assert body["base_url"] == "https://api.openai.com/v1"
    response = put(adam, OPENAI, api_key=None)
    assert error(response)["attr"] == "base_url"
    assert put(adam, OPENAI, api_key=None, base_url=None).status_code == 200


def test_an_integration_can_be_deleted(adam):
    put(adam, OPENAI, api_key=KEY)
    assert adam.delete(OPENAI).status_code == 204
    assert adam.get(OPENAI).json()["api_key"] is None


def test_a_test_without_a_key_says_what_is_missing(adam):
    body = adam.post(f"{OPENAI}test/").json()
    assert set(body) == {"ok", "detail", "latency_ms"}
    assert body["ok"] is False
    assert body["detail"] == (
        "No OpenAI key. Add one in Settings > Integrations, or set OPENAI_API_KEY."
    )


@pytest.mark.parametrize("kind", ["models", "runware"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401", "does not accept the API key"),
        ("insufficient_quota", "has no quota left"),
        ("429", "the rate limit is reached"),
        ("404", "no API at this address"),
        ("500", "trouble of its own"),
        ("400", "does not take the request"),
        ("reset_before", "did not answer in time"),
    ],
)
def test_a_test_says_what_is_wrong_and_what_to_look_at(kind, fault, said, adam, settings):
    provider = "runware" if kind == "runware" else "openai"
    with Sandbox(faults=[f"kind={kind} {fault}"]) as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        body = adam.post(f"system/integrations/{provider}/test/").json()
    assert body["ok"] is False
    assert said in body["detail"]
    assert body["detail"].startswith(("The sandbox", "What answers"))
    assert not {"{", "Retry", "its model"} & set(body["detail"].split())


class Page(BaseHTTPRequestHandler):
    """A web page, whatever it is asked for."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Welcome</title>")

    do_POST = do_GET

    def log_message(self, *given):
        pass


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_test_takes_no_web_page_for_a_provider(provider, adam, settings):
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.handle_request).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        setattr(settings, f"{provider.upper()}_BASE_URL", url)
        body = adam.post(f"system/integrations/{provider}/test/").json()
    assert body["ok"] is False
    assert "perhaps a web page. Check base_url" in body["detail"]


def test_a_test_says_that_all_is_well(adam, settings):
    with Sandbox() as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        for provider in ("openai", "runware"):
            body = adam.post(f"system/integrations/{provider}/test/").json()
            assert (body["ok"], body["detail"]) == (
                True,
                "The sandbox answers and accepts the key.",
            )


def test_a_test_of_what_is_switched_off_tries_its_own_key_and_says_so(adam, settings):
    off = "This integration is switched off: no run uses it until is_active is true."
    with Sandbox() as others, Sandbox(faults=["kind=models 401"]) as own:
        settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = f"{others.url}/v1", "key"
        settings.IGNY8_PROVIDER_HOSTS = [own.url]
        put(adam, OPENAI, api_key=KEY, base_url=f"{own.url}/v1", is_active=False)
        body = adam.post(f"{OPENAI}test/").json()
        assert body["ok"] is False
        assert "does not accept the API key" in body["detail"]
        assert body["detail"].endswith(off)
        own.script.clear()
        body = adam.post(f"{OPENAI}test/").json()
        assert (body["ok"], body["detail"].endswith(f"accepts the key. {off}")) == (True, True)
        assert others.ledger.entries() == []


@pytest.mark.parametrize(("provider", "kind"), [("openai", "models"), ("runware", "runware")])
def test_a_test_ends_in_time_however_slowly_the_provider_drips(provider, kind, adam, settings):
    with Sandbox(faults=[f"kind={kind} drip=0.5"]) as sandbox:
        settings.IGNY8_SANDBOX_URL = sandbox.url
        started = time.monotonic()
        body = adam.post(f"system/integrations/{provider}/test/").json()
        assert time.monotonic() - started < 10
    assert body["ok"] is False
    assert body["detail"] == "The sandbox did not answer in time, or broke off. Try again."
    assert 4_000 < body["latency_ms"] < 10_000


def test_the_parts_of_a_test_stay_below_10_seconds_together():
    parts = probe_timeouts().as_dict()
    assert parts["pool"] + 2 * parts["connect"] + parts["write"] + 2 * parts["read"] < 10


# --- image settings ---------------------------------------------------------------------------
DEFAULTS = {
    "provider": "openai",
    "model": "dall-e-3",
    "image_type": "realistic",
    "max_in_article_images": 2,
    "image_format": "webp",
    "desktop": True,
    "mobile": True,
}


def test_image_settings_have_defaults_and_merge(world):
    api = world.bob.api
    assert api.get(IMAGES).json() == DEFAULTS
    changed = put(api, IMAGES, image_type="cartoon", mobile=False).json()
    assert changed == {**DEFAULTS, "image_type": "cartoon", "mobile": False}
    assert put(api, IMAGES, mobile=None).json()["mobile"] is True


def test_another_provider_brings_its_own_default_model(world):
    api = world.bob.api
    put(api, IMAGES, model="gpt-image-2.6-flare")
    assert put(api, IMAGES, provider="runware").json()["model"] == "runware:97@1"
    assert put(api, IMAGES, model="rundiffusion:130@100").json()["model"] == "rundiffusion:130@100"
    assert put(api, IMAGES, model="").json()["model"] == "runware:97@1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider", "midjourney"),
        ("image_type", 1),
        ("max_in_article_images", -1),
        ("max_in_article_images", True),
        ("image_format", "gif"),
        ("desktop", "yes"),
        ("modle", "x"),
    ],
)
def test_a_wrong_image_setting_is_named(name, value, world):
    response = put(world.bob.api, IMAGES, **{name: value})
    assert response.status_code == 400
    assert error(response)["attr"] == name
    assert world.bob.api.get(IMAGES).json() == DEFAULTS


def test_the_catalogue_tells_each_account_of_its_own_functions_alone(world, monkeypatch):
    monkeypatch.setattr(catalogue, "today", lambda: datetime.date(2026, 12, 1))
    config = {"config": {"functions": {"generate_ideas": {"model": "gpt-4.1-2025-04-14"}}}}
    assert world.alice.api.put("system/integrations/openai/", config).status_code == 200
    ours, theirs = (_models(person) for person in (world.vera, world.charlie))
    assert ours["gpt-4.1"]["used_by"] == ["generate_ideas"]
    assert theirs["gpt-4.1"]["used_by"] == []
    assert "generate_ideas" in theirs["gpt-4o-mini"]["used_by"]
    assert ours["gpt-4.1"]["days_left"] == 44
    assert ours["gpt-4.1"]["notice"] == (
        "gpt-4.1 will be shut down on 2027-01-14, in 44 days; gpt-6-luna is asked then."
    )
    assert ours["gpt-6-luna"]["notice"] is None
    functions = {one["name"]: one for one in world.vera.api.get("ai/functions/").json()["results"]}
    assert functions["generate_ideas"]["model"] == "gpt-4.1-2025-04-14"
    assert "in 44 days" in functions["generate_ideas"]["notice"]


def test_what_a_model_costs_and_what_is_unknown_of_it_is_shown(world):
    models = _models(world.vera)
    price = models["gpt-6-luna"]["price"]
    assert (price["input"], price["cached"], price["cache_write"]) == ("0.10", "0.01", "0.125")
    assert price["long_context"] == {"above": 272000, "input_times": "2", "output_times": "1.5"}
    assert price["source"].endswith("models/gpt-6-luna")
    assert models["gpt-6-sol"]["price"]["cache_write"] is None
    assert models["runware:97@1"]["price"] is None
    assert models["gpt-6.1-sol"]["rules"]["reasoning_effort"] == "low"


def _models(person):
    found = person.api.get("ai/models/", {"page_size": 500}).json()["results"]
    return {one["id"]: one for one in found}
