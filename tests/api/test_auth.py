"""Coming in and going out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from igny8_core import settings as ours
from igny8_core.billing.models import CreditEntry
from igny8_core.core.errors import NotSignedIn
from igny8_core.core.models import Account, ApiToken, Membership, Site, User
from tests.world import PASSWORD, Api, a_user, error, errors

NEW = {"email": "New@Example.com", "password": PASSWORD, "account_name": "New"}


def login(api, email, password=PASSWORD, **more):
    return api.post("auth/login/", {"email": email, "password": password, **more})


def test_registration_makes_an_owner_a_default_site_and_credits(nobody, settings):
    settings.IGNY8_SIGNUP_CREDITS = 77
    body = nobody.post("auth/register/", NEW).json()
    assert set(body) == {"token", "user", "account"}
    assert body["user"]["email"] == "new@example.com"
    assert body["user"]["role"] == "owner"
    assert body["account"]["credits"] == 77
    account = Account.objects.get(pk=body["account"]["id"])
    assert Site.objects.for_account(account).get().is_default
    assert CreditEntry.objects.for_account(account).get().kind == "grant"
    assert Api(body["token"]).get("auth/me/").json() == {
        "user": body["user"],
        "account": body["account"],
    }


def test_a_known_address_is_refused_whatever_its_case(world, nobody):
    response = nobody.post("auth/register/", {**NEW, "email": "ALICE@example.com"})
    assert response.status_code == 400
    assert error(response)["attr"] == "email"


@pytest.mark.parametrize("password", ["short", "12345678901", "password123", "new@example.com"])
def test_django_s_password_rules_hold(password, nobody):
    response = nobody.post("auth/register/", {**NEW, "password": password})
    assert response.status_code == 400
    assert {one["attr"] for one in errors(response)} == {"password"}
    assert not User.objects.exists()


def test_registration_can_be_closed(nobody, settings):
    settings.IGNY8_OPEN_REGISTRATION = False
    response = nobody.post("auth/register/", NEW)
    assert response.status_code == 403
    assert error(response)["code"] == "registration_closed"


def test_the_121st_registration_of_a_minute_waits(nobody):
    for _ in range(120):
        assert nobody.post("auth/register/", {**NEW, "password": "x"}).status_code == 400
    response = nobody.post("auth/register/", NEW)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert error(response)["code"] == "throttled"


def test_login_gives_a_token_for_the_account_used_last(world, nobody):
    second = Membership.objects.create(
        account=world.charlie.account, user=world.alice.user, role="viewer"
    )
    body = login(nobody, "Alice@Example.com").json()
    assert set(body) == {"token", "user", "account", "accounts"}
    assert body["account"]["id"] == second.account_id
    assert {one["id"] for one in body["accounts"]} == {world.account.pk, second.account_id}
    chosen = login(nobody, "alice@example.com", account=world.account.pk).json()
    assert chosen["account"]["id"] == world.account.pk
    assert chosen["user"]["role"] == "owner"
    assert login(nobody, "alice@example.com").json()["account"]["id"] == world.account.pk


def test_a_foreign_account_and_an_unknown_one_are_the_same_400(world, nobody):
    answers = [
        login(nobody, "alice@example.com", account=account)
        for account in (world.charlie.account.pk, 10**12)
    ]
    assert {one.status_code for one in answers} == {400}
    assert {error(one)["attr"] for one in answers} == {"account"}
    assert answers[0].content == answers[1].content


def test_an_unknown_address_answers_like_a_wrong_password(world, nobody):
    unknown = login(nobody, "who@example.com")
    wrong = login(nobody, "alice@example.com", "wrong password")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content


def test_ten_wrong_passwords_are_enough_even_at_the_same_time(world, monkeypatch):
    evaluated = []

    def refuse(**given):
        evaluated.append(given)
        raise NotSignedIn("no")

    monkeypatch.setattr("igny8_core.api.auth.sign_in", refuse)

    def attempt(_):
        try:
            return login(Api(), "alice@example.com", "wrong").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(attempt, range(50)))
    assert len(evaluated) == 10
    assert statuses.count(429) == 40


def test_a_forwarded_address_does_not_help(world, nobody):
    for _ in range(10):
        login(nobody, "alice@example.com", "wrong")
    response = nobody.client.post(
        "/api/v1/auth/login/",
        {"email": "alice@example.com", "password": PASSWORD},
        content_type="application/json",
        headers={"x-forwarded-for": "10.0.0.9"},
    )
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= 900


def test_a_right_password_forgets_the_failures(world, nobody):
    for _ in range(3):
        for _ in range(9):
            assert login(nobody, "alice@example.com", "wrong").status_code == 401
        assert login(nobody, "alice@example.com").status_code == 200


def test_one_address_cannot_try_a_password_on_many_people(world, nobody, monkeypatch):
    monkeypatch.setattr("igny8_core.api.throttling.FAILED_SIGN_INS_OF_AN_ADDRESS", 5)
    for number in range(3):
        assert login(nobody, f"who{number}@example.com").status_code == 401
        assert login(nobody, "bob@example.com").status_code == 200  # counts for nothing
    assert [login(nobody, f"who{n}@example.com").status_code for n in (3, 4, 5)] == [401, 401, 429]
    response = login(nobody, "alice@example.com")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 900


def test_strangers_do_not_evict_a_counter(world, nobody):
    for _ in range(10):
        login(nobody, "alice@example.com", "wrong")
    for number in range(2_000):
        cache.set(f"stranger:{number}", 1)
    assert login(nobody, "alice@example.com").status_code == 429


def test_a_counter_that_was_evicted_starts_anew(world, nobody, monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *given, **more: False)  # gone before it goes up
    assert login(nobody, "alice@example.com", "wrong").status_code == 401
    assert login(nobody, "alice@example.com").status_code == 200


def test_logout_stops_this_token_alone(world):
    other = world.alice.token
    mine = login(Api(), "alice@example.com").json()["token"]
    assert Api(mine).post("auth/logout/").status_code == 204
    assert Api(mine).get("auth/me/").status_code == 401
    assert Api(other).get("auth/me/").status_code == 200


def test_a_token_is_shown_once_and_stored_as_a_digest(world):
    body = world.alice.api.post("auth/tokens/", {"name": "CI"}).json()
    assert body["token"].startswith(f"igk_{body['hint']}_")
    token = ApiToken.objects.for_account(world.account).get(pk=body["id"])
    assert body["token"] not in str(vars(token))
    assert "token" not in world.alice.api.get("auth/tokens/").json()["results"][0]
    assert Api(body["token"]).get("auth/me/").status_code == 200
    assert world.adam.api.delete(f"auth/tokens/{body['id']}/").status_code == 204
    assert Api(body["token"]).get("auth/me/").status_code == 401


def test_a_use_is_noted_at_most_once_a_minute(world):
    world.alice.api.get("auth/me/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        world.alice.api.get("auth/me/")
    assert not [query for query in queries.captured_queries if query["sql"].startswith("UPDATE")]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer \xff", "Token x", "Bearer a b"])
def test_a_wrong_header_is_a_401(header, nobody):
    response = nobody.get("auth/me/", headers={"authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_token_of_somebody_switched_off_is_a_401(world):
    api = world.bob.api
    User.objects.filter(pk=world.bob.user.pk).update(is_active=False)
    assert api.get("auth/me/").status_code == 401


def test_passwords_are_hashed_with_argon2(db, settings):
    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS
    assert identify_hasher(a_user().password).algorithm == "argon2"
