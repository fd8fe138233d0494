"""Every route and method, as everybody: nobody, each role, a stranger, and with senseless ids."""

import re
import uuid
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.urls import URLResolver, get_resolver

from igny8_core.core.models import Role
from tests.api.cases import all_cases
from tests.world import Api, errors

CASES = all_cases()
OWNED = [key for key, case in CASES.items() if case.owned and "{" in key[1]]
WITH_BODY = [key for key in CASES if key[0] in {"POST", "PUT", "PATCH"}]
RELATED = [(key, name) for key, case in CASES.items() for name in case.foreign]
SENSELESS = [10**30, 2**63, 0, -1, "%00", "abc", "1.5", "1%20", "%F0%9F%98%80"]
#: Answered by Django views or libraries; they carry nothing of an account.
OTHERS = {"", "healthz", "readyz", "api/v1/schema/", "api/docs/", "media/{path}"}


def routes(patterns=None, prefix=""):
    """(method, path) of everything the installation answers."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + _template(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif path in OTHERS:
            yield "GET", path
        else:
            for method in _methods(pattern.callback):
                yield method.upper(), path


def _template(pattern):
    pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern.strip("^$"))
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)


def _methods(view):
    names = set(view.cls.http_method_names) - {"head", "options"}
    actions = getattr(view, "actions", None)
    return (
        names & actions.keys() if actions else {name for name in names if hasattr(view.cls, name)}
    )


@contextmanager
def undone():
    """Whatever happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def call(api, key, world, ids=None, body=None):
    method, path = key
    case = CASES[key]
    path = path.format(**(case.ids(world) if ids is None else ids))
    if method == "GET":
        return api.get(path)
    return api.send(method, path, case.body(world) if body is None else body)


def test_every_route_has_a_case():
    ours = {(method, path[7:]) for method, path in routes() if path.startswith("api/v1/")}
    ours = {(method, path) for method, path in ours if f"api/v1/{path}" not in OTHERS}
    assert ours - CASES.keys() == set()
    assert CASES.keys() - ours == set()


def test_the_same_routes_answer_under_v1_and_nothing_else_does():
    every = {(method, path) for method, path in routes() if path not in OTHERS}
    under_api = {(method, path[7:]) for method, path in every if path.startswith("api/v1/")}
    under_v1 = {(method, path[3:]) for method, path in every if path.startswith("v1/")}
    assert under_api == under_v1
    assert len(every) == 2 * len(under_api)


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_it_opens_to_each_role_that_may_and_to_no_other(key, world):
    case = CASES[key]
    if case.role is None:
        assert call(Api(), key, world).status_code == case.status
        return
    with undone():
        assert call(Api(), key, world).status_code == 401
    with undone():
        assert call(Api("igk_wrong"), key, world).status_code == 401
    for role in Role:
        with undone():
            response = call(world.member(role).api, key, world)
        expected = case.status if role.covers(case.role) else 403
        assert response.status_code == expected, (role, response.content)
        if expected >= 400:
            assert errors(response)


@pytest.mark.parametrize("key", OWNED, ids=" ".join)
def test_a_strangers_id_answers_like_an_unknown_one(key, world):
    ids = CASES[key].ids(world)
    unknown = {
        name: uuid.uuid4() if isinstance(value, uuid.UUID) else 10**12
        for name, value in ids.items()
    }
    body = CASES[key].body(world)
    foreign = call(world.charlie.api, key, world, ids, body)
    nothing = call(world.charlie.api, key, world, unknown, body)
    assert foreign.status_code == nothing.status_code == 404
    assert foreign.content == nothing.content
    assert dict(foreign.headers) == dict(nothing.headers)


@pytest.mark.parametrize("key", OWNED, ids=" ".join)
def test_a_senseless_id_is_a_404(key, world):
    names = CASES[key].ids(world)
    body = CASES[key].body(world)
    for senseless in SENSELESS:
        for name in names:
            response = call(world.alice.api, key, world, {**names, name: senseless}, body)
            assert response.status_code == 404, senseless
            assert errors(response)[0]["code"] == "not_found"


@pytest.mark.parametrize(("key", "name"), RELATED, ids=str)
def test_a_strangers_object_in_a_body_is_a_400_on_its_field(key, name, world):
    case = CASES[key]
    ids, body = case.ids(world), case.body(world)
    foreign = case.foreign[name](world)
    answers = []
    for value in (foreign, [10**12] if isinstance(foreign, list) else 10**12):
        response = call(world.alice.api, key, world, ids, {**body, name: value})
        assert response.status_code == 400
        (error,) = errors(response)
        assert error["attr"] == name
        answers.append((error["code"], re.sub(r"\d+", "N", error["detail"])))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("key", WITH_BODY, ids=" ".join)
def test_a_senseless_body_is_never_a_server_error(key, world):
    ids = CASES[key].ids(world)
    path = key[1].format(**ids)
    for raw in (
        b"{",
        b"[]",
        b"7",
        b'"x"',
        b"null",
        b'{"a":' * 3000,
        b'{"name":"\\ud800"}',
        b"\xff",
    ):
        with undone():
            response = world.alice.api.send(key[0], path, raw)
        assert response.status_code < 500, (raw[:20], response.content)
    with undone():
        response = world.alice.api.send(key[0], path, b"x=1", content_type="text/plain")
    assert response.status_code < 500


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_head_and_options_are_harmless(key, world):
    path = key[1].format(**CASES[key].ids(world))
    for method in ("HEAD", "OPTIONS", "TRACE"):
        response = world.alice.api.send(method, path)
        assert response.status_code in {200, 204, 404, 405}, (method, response.content)
