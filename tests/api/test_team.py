"""Members and invitations: who may give what to whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from igny8_core.core.models import Invite, Membership, User
from tests.world import PASSWORD, Api, a_member, a_user, error


def change(by, whom, role):
    return by.api.patch(f"team/members/{whom.membership.pk}/", {"role": role})


def remove(by, whom):
    return by.api.delete(f"team/members/{whom.membership.pk}/")


def invite(by, email="guest@example.com", role="editor"):
    return by.api.post("team/invites/", {"email": email, "role": role})


def accept(token, password=PASSWORD):
    return Api().post("team/invites/accept/", {"token": token, "password": password})


def test_the_last_owner_cannot_leave_or_be_demoted(world):
    for response in (change(world.alice, world.alice, "admin"), remove(world.alice, world.alice)):
        assert response.status_code == 409
        assert error(response)["code"] == "last_owner"
    assert change(world.alice, world.bob, "owner").status_code == 200
    assert change(world.alice, world.alice, "viewer").status_code == 200


def test_only_owners_give_take_or_change_owner(world):
    assert change(world.adam, world.bob, "owner").status_code == 403
    assert change(world.adam, world.alice, "viewer").status_code == 403
    assert remove(world.adam, world.alice).status_code == 403
    assert invite(world.adam, role="owner").status_code == 403
    assert change(world.adam, world.bob, "admin").status_code == 200
    assert Membership.unscoped.get(pk=world.alice.membership.pk).role == "owner"


def test_a_removed_member_s_token_stops_working(world):
    api = world.bob.api
    assert remove(world.alice, world.bob).status_code == 204
    assert api.get("sites/").status_code == 401


@pytest.mark.parametrize("role", ["god", "", None, 1, ["owner"]])
def test_an_unknown_role_is_a_400(role, world):
    response = change(world.alice, world.bob, role)
    assert response.status_code == 400
    assert error(response)["attr"] == "role"


def test_a_new_person_joins_by_an_invitation_once(world):
    token = invite(world.adam).json()["token"]
    body = accept(token, "a fine new password").json()
    assert body["user"]["email"] == "guest@example.com"
    assert body["user"]["role"] == "editor"
    assert body["account"]["id"] == world.account.pk
    assert Api(body["token"]).get("sites/").status_code == 200
    again = accept(token, "a fine new password")
    assert again.status_code == 400
    assert error(again)["attr"] == "token"


def test_a_known_person_joins_with_their_own_password_which_stays(world):
    user = a_user("guest@example.com", "their own password")
    token = invite(world.adam, "Guest@example.com").json()["token"]
    response = accept(token, "another password")
    assert response.status_code == 400
    assert error(response)["attr"] == "password"
    assert accept(token, "their own password").status_code == 201
    assert User.objects.get(pk=user.pk).check_password("their own password")


def test_guessing_by_invitation_is_throttled_like_a_sign_in(world):
    a_user("guest@example.com")
    token = invite(world.adam).json()["token"]
    statuses = [accept(token, f"guess number {n}").status_code for n in range(11)]
    assert statuses == [400] * 10 + [429]
    login = {"email": "guest@example.com", "password": PASSWORD}
    assert Api().post("auth/login/", login).status_code == 429


def test_a_weak_password_does_not_use_up_the_invitation(world):
    token = invite(world.adam).json()["token"]
    assert error(accept(token, "short"))["attr"] == "password"
    assert accept(token).status_code == 201


def test_an_invitation_lasts_seven_days_and_is_stored_hashed(world):
    body = invite(world.adam).json()
    stored = Invite.unscoped.get(pk=body["id"])
    assert stored.expires_at - stored.created_at > timedelta(days=6, hours=23)
    assert body["token"] not in str(vars(stored))
    Invite.unscoped.update(expires_at=timezone.now())
    assert accept(body["token"]).status_code == 400


def test_a_member_is_not_invited_again(world):
    response = invite(world.adam, "BOB@example.com")
    assert response.status_code == 409
    assert error(response)["code"] == "already_member"


def test_members_are_read_in_few_queries(world, django_assert_max_num_queries):
    api = world.vera.api
    api.get("team/members/")
    for _ in range(20):
        a_member(world.account)
    with django_assert_max_num_queries(3):
        assert api.get("team/members/").json()["count"] == 24
