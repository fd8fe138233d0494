import base64
from io import BytesIO
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from PIL import Image


def image(**more):
    task = {
        "taskType": "imageInference",
        "taskUUID": str(uuid4()),
        "model": "runware:97@1",
        "positivePrompt": "a harbour",
        "width": 512,
        "height": 256,
        "outputFormat": "WEBP",
        "includeCost": True,
    }
    return task | more


@pytest.mark.parametrize("path", ["/", "/v1"])
def test_a_task_is_answered_with_a_picture_under_an_address(http, path):
    task = image()
    data = http.post(path, json=[task]).json()["data"]
    assert data[0]["taskUUID"] == task["taskUUID"]
    assert data[0]["cost"] > 0
    assert Image.open(BytesIO(http.get(data[0]["imageURL"]).content)).size == (512, 256)


def test_a_picture_can_come_inside_the_answer(http):
    tasks = [image(outputType="base64Data", outputFormat="PNG"), image(outputType="dataURI")]
    plain, uri = http.post("/v1", json=tasks).json()["data"]
    assert Image.open(BytesIO(base64.b64decode(plain["imageBase64Data"]))).format == "PNG"
    assert uri["imageDataURI"].startswith("data:image/webp;base64,")


def test_several_results_are_several_pictures_with_one_bill(http, sandbox):
    data = http.post("/v1", json=[image(numberResults=3)]).json()["data"]
    assert len({item["imageURL"] for item in data}) == 3
    [entry] = sandbox.ledger.entries(billed=True)
    assert entry.cost == pytest.approx(sum(item["cost"] for item in data))


@pytest.mark.parametrize("task_uuid", [str(uuid5(NAMESPACE_URL, "x")), "task-1", 7])
@pytest.mark.parametrize("task_type", ["imageInference", "getResponse"])
def test_a_task_is_named_by_a_uuid_of_version_4(http, task_type, task_uuid):
    answer = http.post("/v1", json=[image(taskType=task_type, taskUUID=task_uuid)])
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("invalidTaskUUID", "taskUUID")


@pytest.mark.parametrize("width", [100, 500, 64, 2112, "512", None])
def test_a_width_that_is_not_allowed_is_that_tasks_error(http, width):
    answer = http.post("/v1", json=[image(width=width)])
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("invalidWidth", "width")


def test_one_bad_task_does_not_fail_the_others(http, sandbox):
    good, bad = image(), image(height=77)
    answer = http.post("/v1", json=[bad, good])
    assert answer.status_code == 200
    assert [item["taskUUID"] for item in answer.json()["data"]] == [good["taskUUID"]]
    assert [item["taskUUID"] for item in answer.json()["errors"]] == [bad["taskUUID"]]
    assert [entry.billed for entry in sandbox.ledger.entries()] == [False, True]


def test_a_task_sent_again_is_not_billed_twice_and_can_be_fetched(http, sandbox):
    task = image()
    first = http.post("/v1", json=[task]).json()["data"]
    again = http.post("/v1", json=[task]).json()
    assert again["errors"][0]["code"] == "conflictTaskUUID"
    fetch = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
    told = http.post("/v1", json=[fetch]).json()["data"]
    assert told == [first[0] | {"status": "success"}]
    assert len(sandbox.ledger.entries(billed=True)) == 1


def test_a_task_that_was_reset_after_billing_can_be_fetched(http, sandbox):
    sandbox.script.add("reset_after first=1")
    task = image()
    with pytest.raises(Exception, match="reset"):
        http.post("/v1", json=[task])
    fetch = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
    assert http.post("/v1", json=[fetch]).json()["data"][0]["imageURL"]
    assert len(sandbox.ledger.entries(billed=True)) == 1


def test_an_id_that_was_refused_may_be_used_again(http):
    task = image(width=77)
    http.post("/v1", json=[task])
    assert http.post("/v1", json=[task | {"width": 512}]).json()["data"]


def test_an_unknown_id_has_no_response(http):
    fetch = {"taskType": "getResponse", "taskUUID": str(uuid4())}
    assert http.post("/v1", json=[fetch]).json()["errors"][0]["code"] == "invalidTaskUUID"


def test_an_asynchronous_task_is_fetched_later(http):
    task = image(deliveryMethod="async")
    assert "imageURL" not in http.post("/v1", json=[task]).json()["data"][0]
    fetch = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
    assert "imageURL" in http.post("/v1", json=[fetch]).json()["data"][0]


def test_text_comes_with_runwares_usage(http):
    task = {
        "taskType": "textInference",
        "taskUUID": str(uuid4()),
        "model": "openai:gpt@6-luna",
        "messages": [{"role": "user", "content": "As JSON {title}"}],
    }
    [data] = http.post("/v1", json=[task]).json()["data"]
    assert "title" in data["text"]
    assert data["usage"]["totalTokens"] > data["usage"]["promptTokens"]
    assert "cost" not in data


def test_text_also_comes_by_the_openai_shaped_path(client):
    completion = client.chat.completions.create(
        model="openai:gpt@6-luna", messages=[{"role": "user", "content": "As JSON {title}"}]
    )
    assert "title" in completion.choices[0].message.content


def test_authentication_may_be_the_first_task(http):
    auth = {"taskType": "authentication", "apiKey": "mine"}
    data = http.post("/v1", json=[auth, image()]).json()["data"]
    assert [item["taskType"] for item in data] == ["authentication", "imageInference"]
    refused = http.post("/v1", json=[auth | {"apiKey": "invalid"}, image()])
    assert refused.status_code == 401
    assert {error["code"] for error in refused.json()["errors"]} == {"invalidApiKey"}


def test_an_error_beside_the_data_names_another_task(http, sandbox):
    sandbox.script.add("mixed")
    task = image()
    answer = http.post("/v1", json=[task]).json()
    assert answer["data"][0]["taskUUID"] == task["taskUUID"]
    assert answer["errors"][0]["taskUUID"] != task["taskUUID"]


def test_data_can_come_in_another_order_and_flagged(http, sandbox):
    sandbox.script.add(["shuffled", "nsfw"])
    tasks = [image(), image()]
    data = http.post("/v1", json=tasks).json()["data"]
    assert [item["taskUUID"] for item in data] == [task["taskUUID"] for task in tasks[::-1]]
    assert all(item["NSFWContent"] for item in data)


def test_an_error_by_script_is_worded_as_runware_does(http, sandbox):
    sandbox.script.add("insufficient_quota")
    answer = http.post("/v1", json=[image()])
    assert answer.json()["errors"][0]["code"] == "insufficientCredits"
