import base64
from io import BytesIO

import openai
import pytest
from PIL import Image


def test_a_chat_completion_has_an_answer_usage_and_a_request_id(client):
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "Say {title} as JSON"}]
    )
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    assert completion._request_id.startswith("req_")


def test_the_same_request_gets_the_same_answer(ask):
    assert ask("As JSON {title, description}") == ask("As JSON {title, description}")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_low_limit_cuts_the_answer(client, name):
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "As JSON {title, description}"}],
        **{name: 5},
    )
    assert completion.choices[0].finish_reason == "length"
    assert completion.usage.completion_tokens == 5


def test_a_key_named_invalid_is_rejected(sandbox):
    with (
        openai.OpenAI(base_url=f"{sandbox.url}/v1", api_key="invalid", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        client.models.list()
    assert raised.value.code == "invalid_api_key"


def test_json_mode_without_the_word_json_is_refused_as_openai_does(client):
    with pytest.raises(openai.BadRequestError, match="must contain the word 'json'"):
        client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "hello"}],
            response_format={"type": "json_object"},
        )


def test_a_reasoning_model_takes_no_max_tokens_and_no_temperature(client):
    messages = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="gpt-6-luna", messages=messages, max_tokens=9)
    assert raised.value.code == "unsupported_parameter"
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="gpt-6-luna", messages=messages, temperature=0.2)
    assert raised.value.code == "unsupported_value"
    assert client.chat.completions.create(
        model="gpt-6-luna", messages=messages, temperature=0.2, reasoning_effort="none"
    )


def test_the_responses_api_answers_with_its_own_usage(client):
    response = client.responses.create(model="gpt-6-luna", input="As JSON {title}")
    assert "title" in response.output_text
    assert response.usage.input_tokens > 0
    cut = client.responses.create(model="gpt-6-luna", input="As JSON {title}", max_output_tokens=2)
    assert cut.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
def test_a_picture_has_the_size_and_format_asked_for(client, kind):
    made = client.images.generate(
        model="gpt-image-2", prompt="a harbour", size="1536x1024", output_format=kind
    )
    picture = Image.open(BytesIO(base64.b64decode(made.data[0].b64_json)))
    picture.load()
    assert (picture.size, picture.format) == ((1536, 1024), kind.upper())
    assert made.usage.output_tokens > made.usage.input_tokens


@pytest.mark.parametrize("size", ["1000x1000", "4096x1024", "3072x512", "big"])
def test_a_size_that_the_model_does_not_have_is_refused(client, size):
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.generate(model="gpt-image-2", prompt="a harbour", size=size)
    assert raised.value.param == "size"


def test_a_gpt_image_model_does_not_know_response_format(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.generate(model="gpt-image-2", prompt="x", response_format="url")
    assert raised.value.code == "unknown_parameter"


def test_dall_e_3_is_gone(client):
    with pytest.raises(openai.NotFoundError, match="has been deprecated") as raised:
        client.images.generate(model="dall-e-3", prompt="a harbour")
    assert raised.value.code == "model_not_found"


def test_an_unknown_image_model_gives_an_address_that_answers(client, http):
    made = client.images.generate(model="some-model", prompt="a harbour", size="512x512")
    answer = http.get(made.data[0].url)
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(answer.content)).size == (512, 512)


def test_models_are_listed_with_their_shutdown_dates(client):
    dates = {model.id: model.shutdown_date for model in client.models.list()}
    assert dates["gpt-4o-mini"] == "2027-01-14"
    assert dates["gpt-6-luna"] is None
    assert client.models.retrieve("gpt-4o").shutdown_date == "2027-01-14"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_embeddings_of_alike_texts_are_near(client):
    made = client.embeddings.create(
        model="text-embedding-3-small",
        input=["map of westeros", "westeros map", "online mba program"],
        dimensions=256,
    )
    near, same, far = (item.embedding for item in made.data)
    assert sum(a * b for a, b in zip(near, same, strict=True)) > 0.6
    assert sum(a * b for a, b in zip(near, far, strict=True)) < 0.4


def test_a_wrong_address_and_a_body_that_is_not_json_get_openai_errors(http):
    assert http.post("/v1/nothing", json={}).json()["error"]["type"] == "invalid_request_error"
    assert http.post("/v1/chat/completions", content=b"{").status_code == 400
    assert http.post("/v1/chat/completions", json={"model": "gpt-4o"}).status_code == 400
