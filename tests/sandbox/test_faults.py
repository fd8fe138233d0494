import json
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from threading import Event, Thread  # noqa: TID251 - the test looks while a call waits
from uuid import uuid4

import httpx2
import openai
import pytest
from PIL import Image

from igny8_core.sandbox.damage import PICTURES, SLIPS
from igny8_core.sandbox.errors import ERRORS
from igny8_core.sandbox.faults import BadRule, Script, read_rule
from igny8_core.sandbox.ledger import Call

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "JSON {title, name}"}]}


def chat(http, function="", **more):
    heads = {"X-IGNY8-Function": function, "X-IGNY8-Task-Id": "t1"}
    return http.post("/v1/chat/completions", json=CHAT | more, headers=heads)


def content(answer):
    return answer.json()["choices"][0]["message"]["content"]


def fired(rule, number, **more):
    """Which of so many calls alike get the fault."""
    script = Script([rule])
    call = Call(kind="chat", path="/", **more)
    return [n for n in range(1, number + 1) if script.next(call)[1]]


def test_rules_choose_by_count():
    assert fired("500 nth=2", 5) == [2]
    assert fired("500 nth=2,4", 5) == [2, 4]
    assert fired("500 every=2", 5) == [2, 4]
    assert fired("500 first=2", 5) == [1, 2]
    assert fired("500 after=3", 5) == [4, 5]
    assert fired("500 after=3 every=2", 8) == [4, 6, 8]


def test_a_probability_is_the_same_at_each_run_and_about_right():
    drawn = fired("500 probability=0.1 seed=7", 2_000)
    assert drawn == fired("500 probability=0.1 seed=7", 2_000)
    assert drawn != fired("500 probability=0.1 seed=8", 2_000)
    assert 150 < len(drawn) < 250


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("500 function=generate_ideas", {"function": "auto_cluster"}),
        ("500 task_id=a", {"task_id": "b"}),
        ("500 model=gpt-4o", {"model": "gpt-4o-mini"}),
        ("500 key=mine", {"key": "yours"}),
        ("500 contains='two words'", {"prompt": "two other words"}),
        ("500 kind=images", {}),
    ],
)
def test_rules_choose_by_what_the_call_is(rule, other):
    assert fired(rule, 2, **other) == []
    own = {
        "function": "generate_ideas",
        "task_id": "a",
        "model": "gpt-4o",
        "key": "mine",
        "prompt": "here are two words",
    }
    assert fired(rule.replace("kind=images", "kind=chat"), 2, **own) == [1, 2]


def test_a_call_that_a_rule_is_not_about_is_not_counted(http):
    http.post("/__sandbox__/script", json="500 function=generate_ideas nth=2")
    functions = ["generate_ideas", "auto_cluster", "generate_ideas", "generate_ideas"]
    assert [chat(http, name).status_code for name in functions] == [200, 200, 500, 200]


def test_several_rules_act_together_and_the_earlier_wins():
    action, texts = Script(["429 retry_after=2", "503 delay=1"]).next(Call("chat", "/"))
    assert (action.status, action.retry_after, action.delay) == (429, "2", 1.0)
    assert texts == "429 retry_after=2; 503 delay=1"


@pytest.mark.parametrize(
    "rule",
    [
        "unknown=1",
        "nth=x",
        "malformed=none_such",
        "reset=sometimes",
        "content='open",
        7,
        {"status": "many"},
        "made_up_word",
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(rule, http):
    with pytest.raises(BadRule):
        read_rule(rule)
    assert http.post("/__sandbox__/script", json=["500", rule]).status_code == 400
    assert http.get("/__sandbox__/script").json() == {"rules": []}


def test_rules_are_set_read_and_cleared_over_http(http):
    http.post("/__sandbox__/script", json=[{"status": 429, "first": 1}, "refusal nth=2"])
    assert [chat(http).status_code for _ in range(2)] == [429, 200]
    rules = http.get("/__sandbox__/script").json()["rules"]
    assert [(rule["seen"], rule["fired"]) for rule in rules] == [(2, 1), (2, 1)]
    http.delete("/__sandbox__/script")
    assert http.get("/__sandbox__/script").json() == {"rules": []}


@pytest.mark.parametrize("name", ERRORS)
def test_every_named_error_has_the_providers_body_and_is_not_billed(name, http, sandbox):
    sandbox.script.add(name)
    answer = chat(http)
    assert answer.status_code == ERRORS[name].status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.json()["error"]["code"] == ERRORS[name].code
    assert sandbox.ledger.entries(billed=True) == []


@pytest.mark.parametrize("status", [400, 401, 403, 408, 409, 429, 500, 502, 503, 504, 520, 529])
def test_a_bare_status_is_an_error_of_that_status(status, http, sandbox):
    sandbox.script.add(str(status))
    assert chat(http).status_code == status


def test_parts_of_an_error_can_be_named(http, sandbox):
    sandbox.script.add("429 code=made_up type=odd message='Not now' param=model")
    error = chat(http).json()["error"]
    assert error == {"code": "made_up", "type": "odd", "message": "Not now", "param": "model"}


def test_errors_carry_headers_about_waiting(http, sandbox):
    sandbox.script.add(
        "429 retry_after=2 retry_after_ms=1500 reset_requests=2s reset_tokens=6m0s"
        " should_retry=false"
    )
    heads = chat(http).headers
    assert heads["retry-after"] == "2"
    assert heads["retry-after-ms"] == "1500"
    assert heads["x-ratelimit-reset-requests"] == "2s"
    assert heads["x-ratelimit-reset-tokens"] == "6m0s"
    assert heads["x-should-retry"] == "false"


def test_retry_after_may_be_a_date_or_garbage(http, sandbox):
    sandbox.script.add(["429 retry_after=date:60 nth=1", "429 retry_after=soon nth=2"])
    ahead = parsedate_to_datetime(chat(http).headers["retry-after"]).timestamp() - time.time()
    assert 50 < ahead < 61
    assert chat(http).headers["retry-after"] == "soon"


def test_a_delay_comes_before_the_bill(sandbox, http):
    sandbox.script.add("delay=0.3")
    begun = time.monotonic()
    answered = Event()
    caller = Thread(target=lambda: (chat(http), answered.set()))
    caller.start()
    while not (entries := sandbox.ledger.entries()) and not answered.is_set():
        pass
    assert (entries[0].state, entries[0].billed) == ("arrived", False)
    caller.join()
    assert time.monotonic() - begun >= 0.3
    assert entries[0].billed


@pytest.mark.parametrize(("rule", "billed"), [("reset_before", False), ("reset_after", True)])
def test_a_connection_is_reset_before_or_after_billing(rule, billed, http, sandbox):
    sandbox.script.add(f"{rule} first=1")
    with pytest.raises(httpx2.ReadError, match="reset"):
        chat(http)
    [entry] = sandbox.ledger.entries()
    assert (entry.billed, entry.status, entry.state) == (billed, None, "dropped")
    assert chat(http).status_code == 200


@pytest.mark.parametrize(("rule", "billed"), [("hang", True), ("hang=before", False)])
def test_a_hang_ends_when_the_client_leaves(rule, billed, http, sandbox):
    sandbox.script.add(rule)
    with pytest.raises(httpx2.ReadTimeout):
        http.post("/v1/chat/completions", json=CHAT, timeout=0.1)
    assert sandbox.ledger.entries()[0].billed is billed
    until = time.monotonic() + 5
    while sandbox.ledger.entries(state="arrived", billed=False) and time.monotonic() < until:
        pass
    while not sandbox.ledger.entries(state="dropped") and time.monotonic() < until:
        pass
    assert sandbox.ledger.entries()[0].state == "dropped"


def test_a_drip_sends_byte_by_byte(http, sandbox):
    sandbox.script.add("raw=abc drip=0.01")
    with http.stream("POST", "/v1/chat/completions", json=CHAT) as answer:
        assert [len(part) for part in answer.iter_raw()] == [1, 1, 1]
    sandbox.script.clear()
    sandbox.script.add("drip")
    with pytest.raises(httpx2.ReadTimeout):
        http.post("/v1/chat/completions", json=CHAT, timeout=0.1)


def test_a_cut_body_is_shorter_than_announced_and_billed(http, sandbox):
    sandbox.script.add("cut=0.5")
    with pytest.raises(httpx2.RemoteProtocolError):
        chat(http)
    assert sandbox.ledger.entries()[0].billed


def test_a_truncated_answer_ends_with_finish_reason_length(http, sandbox):
    sandbox.script.add("truncate=0.5")
    answer = chat(http)
    assert answer.json()["choices"][0]["finish_reason"] == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(content(answer))


@pytest.mark.parametrize("slip", sorted(SLIPS.keys() - {"huge"}))
def test_every_slip_changes_the_answer(slip, http, sandbox):
    good = content(chat(http))
    sandbox.script.add(f"malformed={slip}")
    bad = content(chat(http))
    assert bad != good
    if slip not in ("duplicate_keys", "nan", "nested_string", "wrapped", "deep"):
        with pytest.raises((json.JSONDecodeError, RecursionError)):
            json.loads(bad)


def test_a_huge_answer_is_fifty_megabytes():
    assert len(SLIPS["huge"]('{"a": 1}')) > 50_000_000


def test_a_nested_string_holds_the_answer(http, sandbox):
    sandbox.script.add("malformed=nested_string")
    assert set(json.loads(json.loads(content(chat(http))))) == {"title", "name"}


def test_a_refusal_has_no_content(http, sandbox):
    sandbox.script.add(["refusal nth=1", "refusal='Not that' nth=2"])
    messages = [chat(http).json()["choices"][0]["message"] for _ in range(2)]
    assert [message["content"] for message in messages] == [None, None]
    assert messages[1]["refusal"] == "Not that"


def test_a_content_filter_says_so(http, sandbox):
    sandbox.script.add("content_filter")
    assert chat(http).json()["choices"][0]["finish_reason"] == "content_filter"


def test_names_are_invented_left_out_and_repeated(http, sandbox):
    keywords = [f"{a} {b}" for a in ("map", "mba", "tax") for b in ("one", "two", "three", "four")]
    prompt = f"Keywords:\n{json.dumps(keywords)}"
    messages = [{"role": "user", "content": prompt}]

    def named():
        clusters = json.loads(content(chat(http, "auto_cluster", messages=messages)))["clusters"]
        return [keyword for cluster in clusters for keyword in cluster["keywords"]]

    assert sorted(named()) == sorted(keywords)
    sandbox.script.add("invented=2 missing=3 repeated=1")
    names = named()
    assert len(set(names) - set(keywords)) == 2
    assert len(set(keywords) - set(names)) == 3
    assert len(names) in (len(set(names)), len(set(names)) + 1)


@pytest.mark.parametrize(
    ("raw", "text"),
    [("html", "<html>"), ("empty", ""), ("null", "null"), ("list", "[]"), ("'{\"a\": 1}'", '{"a"')],
)
def test_a_raw_body_comes_with_200_and_is_billed(raw, text, http, sandbox):
    sandbox.script.add(f"raw={raw}")
    answer = chat(http)
    assert answer.status_code == 200
    assert answer.text.startswith(text)
    assert sandbox.ledger.entries()[0].billed


def test_a_raw_body_may_have_another_status_and_type(http, sandbox):
    sandbox.script.add("raw='gateway down' status=502 content_type=text/plain")
    answer = chat(http)
    assert (answer.status_code, answer.text) == (502, "gateway down")
    assert answer.headers["content-type"] == "text/plain"
    assert not sandbox.ledger.entries()[0].billed


@pytest.mark.parametrize(
    ("usage", "value"), [("strings", "9"), ("negative", -9), ("zero", 0), ("huge", 10**15)]
)
def test_usage_can_be_odd_while_the_log_keeps_the_true_one(usage, value, http, sandbox):
    sandbox.script.add(f"usage={usage}")
    shown = chat(http).json()["usage"]["prompt_tokens"]
    assert type(shown) is type(value)
    assert shown == value or usage in ("strings", "negative")
    assert sandbox.ledger.entries()[0].usage["prompt_tokens"] > 0


def test_usage_can_be_left_out_or_null(http, sandbox):
    sandbox.script.add(["usage=missing nth=1", "usage=null nth=2"])
    assert "usage" not in chat(http).json()
    assert chat(http).json()["usage"] is None


def test_content_can_be_scripted_literally(http):
    http.post("/__sandbox__/script", json=[{"content": {"ideas": []}, "nth": 1}, "content='Hi!'"])
    assert json.loads(content(chat(http))) == {"ideas": []}
    assert content(chat(http)) == "Hi!"


def test_billing_can_be_said_otherwise(http, sandbox):
    sandbox.script.add(["500 billed=true nth=1", "billed=false nth=2"])
    assert [chat(http).status_code for _ in range(2)] == [500, 200]
    assert [entry.billed for entry in sandbox.ledger.entries()] == [True, False]


@pytest.fixture
def address(http):
    task = {
        "taskType": "imageInference",
        "taskUUID": str(uuid4()),
        "positivePrompt": "x",
        "width": 128,
        "height": 128,
    }
    return http.post("/v1", json=[task]).json()["data"][0]["imageURL"]


def test_a_pictures_address_can_be_gone_or_lead_elsewhere(http, sandbox, address):
    sandbox.script.add(["picture=404 nth=1", "picture=redirect nth=2"])
    assert http.get(address).status_code == 404
    answer = http.get(address)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://169.254.169.254/")
    assert http.get(address).status_code == 200


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_can_be_something_else(name, http, sandbox, address):
    sandbox.script.add(f"picture={name}")
    answer = http.get(address)
    assert (answer.content, answer.headers["content-type"]) == PICTURES[name]()


def test_a_bomb_is_small_and_has_too_many_pixels(tmp_path):
    file = tmp_path / "bomb.png"
    file.write_bytes(PICTURES["bomb"]()[0])
    assert file.stat().st_size < 200_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(file)


def test_a_huge_picture_announces_its_size_and_goes_on(http, sandbox, address):
    sandbox.script.add("picture=huge")
    with http.stream("GET", address) as answer:
        assert answer.headers["content-length"] == str(2**30)
        parts = answer.iter_raw()
        assert sum(len(next(parts)) for _ in range(50)) > 100_000


def test_a_slow_picture_is_a_delay(http, sandbox, address):
    sandbox.script.add("kind=picture delay=30")
    with pytest.raises(httpx2.ReadTimeout):
        http.get(address, timeout=0.1)


def test_a_picture_inside_an_answer_can_be_something_else(client, sandbox):
    sandbox.script.add("kind=images picture=text")
    made = client.images.generate(model="gpt-image-2", prompt="x")
    assert made.data[0].b64_json == "bm90IGEgcGljdHVyZQ=="


def test_a_key_can_be_revoked_in_the_middle(client, sandbox):
    sandbox.script.add("invalid_api_key key=x after=2")
    messages = CHAT["messages"]
    for _ in range(2):
        client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    with pytest.raises(openai.AuthenticationError):
        client.chat.completions.create(model="gpt-4o-mini", messages=messages)


@pytest.mark.parametrize("rule", ["kind=models 500", "kind=models reset_before"])
def test_the_list_of_models_can_fail_too(rule, http, sandbox):
    sandbox.script.add(f"{rule} first=1")
    with suppress(httpx2.ReadError):
        assert http.get("/v1/models").status_code == 500
    assert http.get("/v1/models").status_code == 200
    assert sandbox.ledger.report({})["in_flight"] == 0
