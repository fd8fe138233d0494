"""The people every test knows, what they call the API with, and factories as plain functions.

Alice owns an account; adam is its admin, bob an editor, vera a viewer. Charlie owns another one.
"""

import json
from dataclasses import dataclass, field
from itertools import count

from django.test import Client

from igny8_core.ai.models import AITaskLog
from igny8_core.core import tokens
from igny8_core.core.accounts import create_account
from igny8_core.core.models import Account, Membership, Role, Site, User

PASSWORD = "correct horse battery"
_numbers = count(1)


@dataclass
class Person:
    """A user at work in one account, with a client that carries their token."""

    membership: Membership
    _token: str = field(default="", repr=False)

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def account(self) -> Account:
        return self.membership.account

    @property
    def token(self) -> str:
        self._token = self._token or tokens.issue_token(self.membership, name="tests").secret
        return self._token

    @property
    def api(self) -> "Api":
        return Api(self.token)


class Api:
    """Django's test client that speaks JSON below /api/v1/; without a token it is nobody."""

    def __init__(self, token: str = "") -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = Client(headers=headers, raise_request_exception=False)

    def get(self, path, query=None, **extra):
        return self.client.get(url(path), query, **extra)

    def post(self, path, body=None, **extra):
        return self.send("POST", path, body, **extra)

    def put(self, path, body=None, **extra):
        return self.send("PUT", path, body, **extra)

    def patch(self, path, body=None, **extra):
        return self.send("PATCH", path, body, **extra)

    def delete(self, path, **extra):
        return self.client.delete(url(path), **extra)

    def send(self, method, path, body=None, **extra):
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        extra.setdefault("content_type", "application/json")
        return self.client.generic(method, url(path), raw, **extra)


@dataclass
class World:
    """Everybody."""

    alice: Person
    adam: Person
    bob: Person
    vera: Person
    charlie: Person

    @property
    def account(self) -> Account:
        return self.alice.account

    @property
    def site(self) -> Site:
        return Site.objects.for_account(self.account).get(is_default=True)

    def member(self, role: str) -> Person:
        people = (self.alice, self.adam, self.bob, self.vera)
        return next(person for person in people if person.membership.role == role)


def make_world() -> World:
    """Both accounts with their people."""
    alice = an_owner("alice@example.com", account_name="Alice's")
    return World(
        alice=alice,
        adam=a_member(alice.account, "adam@example.com", Role.ADMIN),
        bob=a_member(alice.account, "bob@example.com", Role.EDITOR),
        vera=a_member(alice.account, "vera@example.com", Role.VIEWER),
        charlie=an_owner("charlie@example.net", account_name="Charlie's"),
    )


def a_user(email: str = "", password: str = PASSWORD) -> User:
    return User.objects.create_user(email or f"user{next(_numbers)}@example.org", password)


def an_owner(email: str = "", *, account_name: str = "Somebody's") -> Person:
    return Person(create_account(name=account_name, owner=a_user(email)))


def a_member(account: Account, email: str = "", role: str = Role.EDITOR) -> Person:
    return Person(Membership.objects.create(account=account, user=a_user(email), role=role))


def a_site(account: Account, **values) -> Site:
    values.setdefault("name", f"Site {next(_numbers)}")
    return Site.objects.create(account=account, **values)


def url(path: str) -> str:
    return path if path.startswith("/") else f"/api/v1/{path}"


def errors(response) -> list[dict]:
    """The errors of an answer, once its body has the contract's shape."""
    body = response.json()
    assert set(body) == {"type", "errors"}, body
    assert body["type"] in {"validation_error", "client_error", "server_error"}
    assert all({"code", "detail", "attr"} <= set(error) for error in body["errors"]), body
    return body["errors"]


def error(response) -> dict:
    """The only error of an answer."""
    (only,) = errors(response)
    return only


def a_run(account: Account, **values) -> AITaskLog:
    values.setdefault("function_name", "generate_ideas")
    return AITaskLog.objects.create(account=account, **values)
