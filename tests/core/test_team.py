"""The rules of a team hold when two act at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from igny8_core.core import team
from igny8_core.core.errors import IgnyError
from igny8_core.core.models import Membership, Role
from tests.world import PASSWORD, a_member, make_world


def together(*actions):
    """Run the actions at the same time; what each came to: None, or its error's code."""

    def run(action):
        try:
            action()
        except IgnyError as error:
            return error.code
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_leave_one():
    world = make_world()
    second = a_member(world.account, role=Role.OWNER).membership
    first = world.alice.membership
    codes = together(
        lambda: team.change_role(first, second.pk, Role.VIEWER),
        lambda: team.change_role(second, first.pk, Role.VIEWER),
    )
    assert codes.count(None) == 1
    owners = Membership.objects.for_account(world.account).filter(role=Role.OWNER)
    assert owners.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_lets_one_in_however_often_it_is_used_at_once():
    world = make_world()
    secret = team.invite(world.alice.membership, email="g@example.com", role=Role.VIEWER).secret
    invites = [team.invite_of(secret) for _ in range(4)]
    codes = together(
        *(lambda invite=invite: team.accept(invite, password=PASSWORD) for invite in invites)
    )
    assert codes.count(None) == 1
    members = Membership.objects.for_account(world.account).filter(user__email="g@example.com")
    assert members.count() == 1
