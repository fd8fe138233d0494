"""Every error has the contract's shape, whichever layer it comes from."""

import json

import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError
from django.test import Client

from igny8_core.core import sites
from igny8_core.core.errors import InsufficientCredits
from tests.world import Api, error, errors


def test_an_unknown_address_is_a_404_in_shape(nobody):
    for path in ("nothing/here/", "/v1/nothing/", "/nothing"):
        response = nobody.get(path)
        assert response.status_code == 404
        assert error(response) == {"code": "not_found", "detail": "Not found.", "attr": None}


def test_answers_are_never_cached(world, nobody):
    for response in (nobody.get("x/"), nobody.get("auth/me/"), world.alice.api.get("/v1/auth/me/")):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"name":', 400),
        (b"\xff\xfe", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": Infinity}', 400),
        (b'{"name": "' + b"x" * (10 * 1024 * 1024) + b'"}', 413),
        (b"[" * 100_000, 400),
        (b'{"guidelines": ' + b"[" * 60 + b"]" * 60 + b"}", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"", 400),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_a_broken_body_is_a_4xx(raw, status, world):
    response = world.alice.api.send("POST", "sites/", raw)
    assert response.status_code == status, response.content[:300]
    assert errors(response)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff tail"])
@pytest.mark.parametrize("field", ["name", "guidelines"])
def test_characters_that_are_none_are_named(text, field, world):
    body = {"name": "Shop", field: text if field == "name" else {"tone": text}}
    response = world.alice.api.post("sites/", body)
    assert response.status_code == 400
    assert error(response)["attr"] == field


@pytest.mark.parametrize("unseen", ["\u200b", " \u2060\t", "\ufeff\xad"])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("sites/", "name"),
        ("planner/keywords/", "keyword"),
        ("planner/clusters/", "name"),
        ("planner/ideas/", "title"),
        ("writer/tasks/", "title"),
        ("writer/content/", "title"),
    ],
)
def test_a_name_that_nobody_sees_is_no_name(path, field, unseen, world):
    response = world.alice.api.post(path, {field: unseen})
    assert response.status_code == 400, response.content[:300]
    assert error(response)["attr"] == field


def test_another_content_type_is_a_415(world):
    response = world.alice.api.send("POST", "sites/", b"name=x", content_type="text/plain")
    assert response.status_code == 415
    assert error(response)["code"] == "unsupported_media_type"


def test_another_method_is_a_405(world):
    response = world.alice.api.send("PUT", "sites/", {})
    assert response.status_code == 405
    assert error(response)["code"] == "method_not_allowed"


def test_a_strange_host_is_a_400(nobody):
    response = nobody.client.get("/api/v1/auth/me/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert errors(response)


@pytest.mark.parametrize(
    ("raised", "status", "kind"),
    [
        (OperationalError("database is locked"), 503, "server_error"),
        (InternalError("terminating connection"), 503, "server_error"),
        (DataError("out of range"), 400, "validation_error"),
        (OverflowError("int too large"), 400, "validation_error"),
        (IntegrityError("UNIQUE"), 409, "client_error"),
        (InsufficientCredits("no", needed=5, available=2), 402, "client_error"),
        (RuntimeError("secret /path"), 500, "server_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_what_a_service_raises_has_its_status(raised, status, kind, world, monkeypatch):
    def fail(*args, **values):
        raise raised

    monkeypatch.setattr(sites, "create_site", fail)
    response = world.alice.api.post("sites/", {"name": "Shop"})
    assert response.status_code == status
    assert response.json()["type"] == kind
    assert "secret" not in response.content.decode()
    if status == 503:
        assert response["Retry-After"]
    if status == 402:
        assert error(response)["needed"] == 5
        assert error(response)["available"] == 2


def test_several_wrong_fields_are_all_named(world):
    response = Api().post("auth/register/", {"email": "no", "password": ["x"]})
    assert {one["attr"] for one in errors(response)} == {"email", "password", "account_name"}
    assert json.loads(response.content)["type"] == "validation_error"


def test_whatever_is_asked_for_json_comes(world):
    client = Client(headers={"authorization": f"Bearer {world.alice.token}", "accept": "text/html"})
    response = client.get("/api/v1/auth/me/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


def test_a_browser_session_needs_the_csrf_token(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice.user)
    assert client.get("/api/v1/auth/me/").json()["user"]["email"] == "alice@example.com"
    response = client.post("/api/v1/sites/", {"name": "x"}, content_type="application/json")
    assert response.status_code == 403
    assert errors(response)
