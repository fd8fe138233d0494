"""auth, team, sites."""

from igny8_core.core import team, tokens
from igny8_core.core.models import Role
from tests.api.cases import Case
from tests.world import PASSWORD, a_member, a_site

VIEWER, EDITOR, ADMIN, OWNER = Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER


def a_new_account(world):
    return {"email": "new@example.com", "password": PASSWORD, "account_name": "New"}


def alices_login(world):
    return {"email": world.alice.user.email, "password": PASSWORD}


def an_open_invite(world):
    secret = team.invite(world.alice.membership, email="guest@example.com", role=VIEWER).secret
    return {"token": secret, "password": PASSWORD}


def an_invite(world):
    issued = team.invite(world.alice.membership, email="guest@example.com", role=VIEWER)
    return {"pk": issued.invite.pk}


def a_token(world):
    return {"pk": tokens.issue_token(world.alice.membership, name="other").token.pk}


def another_member(world):
    return {"pk": a_member(world.account).membership.pk}


def another_site(world):
    return {"pk": a_site(world.account).pk}


CASES = {
    ("POST", "auth/register/"): Case(None, 201, body=a_new_account),
    ("POST", "auth/login/"): Case(None, 200, body=alices_login),
    ("POST", "auth/logout/"): Case(VIEWER, 204),
    ("GET", "auth/me/"): Case(VIEWER),
    ("GET", "auth/tokens/"): Case(ADMIN),
    ("POST", "auth/tokens/"): Case(ADMIN, 201, body=lambda world: {"name": "CI"}),
    ("DELETE", "auth/tokens/{pk}/"): Case(ADMIN, 204, ids=a_token),
    ("GET", "team/members/"): Case(VIEWER),
    ("PATCH", "team/members/{pk}/"): Case(
        ADMIN, ids=another_member, body=lambda world: {"role": "viewer"}
    ),
    ("DELETE", "team/members/{pk}/"): Case(ADMIN, 204, ids=another_member),
    ("GET", "team/invites/"): Case(ADMIN),
    ("POST", "team/invites/"): Case(
        ADMIN, 201, body=lambda world: {"email": "dora@example.com", "role": "viewer"}
    ),
    ("DELETE", "team/invites/{pk}/"): Case(ADMIN, 204, ids=an_invite),
    ("POST", "team/invites/accept/"): Case(None, 201, body=an_open_invite),
    ("GET", "sites/"): Case(VIEWER),
    ("POST", "sites/"): Case(ADMIN, 201, body=lambda world: {"name": "Shop"}),
    ("GET", "sites/{pk}/"): Case(VIEWER, ids=another_site),
    ("PATCH", "sites/{pk}/"): Case(ADMIN, ids=another_site, body=lambda world: {"name": "Shop"}),
    ("DELETE", "sites/{pk}/"): Case(ADMIN, 204, ids=another_site),
}
