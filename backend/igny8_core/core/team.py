"""The people of an account: members, their roles, and invitations.

Three rules hold everywhere: only owners give, take or change the role of an owner; nobody gives
a role above their own; an account always has an owner.
"""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from igny8_core.core.errors import Conflict, Forbidden, InvalidPayload, NotInAccount
from igny8_core.core.locks import lock_account
from igny8_core.core.models import (
    INVITE_LIFETIME,
    Account,
    Invite,
    Membership,
    Role,
    User,
    fold_email,
)
from igny8_core.core.passwords import new_user
from igny8_core.core.signin import user_with
from igny8_core.core.tokens import digest_of


@dataclass(frozen=True)
class IssuedInvite:
    """A new invitation with the secret that is never shown again."""

    invite: Invite
    secret: str


def members_of(account: Account) -> QuerySet[Membership]:
    """The account's members with their users."""
    return Membership.objects.for_account(account).select_related("user").order_by("id")


def open_invites(account: Account) -> QuerySet[Invite]:
    """The invitations nobody has used."""
    return Invite.objects.for_account(account).filter(accepted_at=None).order_by("id")


@transaction.atomic
def change_role(actor: Membership, member_id: int, role: Role) -> Membership:
    """Give a member another role; raises Forbidden, NotInAccount, or Conflict `last_owner`."""
    actor, member = _both(actor, member_id)
    _may_touch(actor, member.role)
    _may_touch(actor, role)
    if role != Role.OWNER:
        _keep_an_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    return member


@transaction.atomic
def remove_member(actor: Membership, member_id: int) -> None:
    """Take a member and their tokens out; raises as `change_role`."""
    actor, member = _both(actor, member_id)
    _may_touch(actor, member.role)
    _keep_an_owner(member)
    member.delete()


def invite(actor: Membership, *, email: str, role: Role) -> IssuedInvite:
    """An invitation for one address; raises Forbidden, or Conflict for a member."""
    _may_touch(actor, role)
    email = fold_email(email)
    if members_of(actor.account).filter(user__email=email).exists():
        raise Conflict("This person is a member already.", code="already_member", attr="email")
    secret = f"igi_{secrets.token_urlsafe(32)}"
    created = Invite.objects.create(
        account=actor.account,
        email=email,
        role=role,
        digest=digest_of(secret),
        invited_by=actor.user,
        expires_at=timezone.now() + INVITE_LIFETIME,
    )
    return IssuedInvite(created, secret)


def delete_invite(account: Account, invite_id: int) -> None:
    """The invitation opens nothing any more; raises NotInAccount."""
    deleted, _ = open_invites(account).filter(id=invite_id).delete()
    if not deleted:
        raise NotInAccount


def invite_of(secret: str) -> Invite:
    """The invitation this secret opens; raises InvalidPayload on `token`."""
    found = (
        Invite.unscoped.select_related("account")
        .filter(digest=digest_of(secret), accepted_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if found is None:
        raise _no_invite()
    return found


def accept(invite: Invite, *, password: str) -> Membership:
    """Join by an invitation, as the user of its address or as a new one.

    Raises InvalidPayload on `password` where it is not the user's own, or too weak for a new one.
    """
    if User.objects.filter(email=invite.email).exists():
        user = user_with(invite.email, password)
        if user is None:
            raise InvalidPayload("This is not the password of this address.", attr="password")
    else:
        user = new_user(invite.email, password)
    return _join(invite, user)


@transaction.atomic
def _join(invite: Invite, user: User) -> Membership:
    now = timezone.now()
    # Whoever sets accepted_at has it: of two at once, one joins.
    unused = Invite.unscoped.filter(pk=invite.pk, accepted_at=None, expires_at__gt=now)
    if not unused.update(accepted_at=now):
        raise _no_invite()
    if user.pk is None:
        user.save()
    if members_of(invite.account).filter(user=user).exists():
        raise Conflict("You are a member already.", code="already_member")
    return Membership.objects.create(account=invite.account, user=user, role=invite.role)


def _both(actor: Membership, member_id: int) -> tuple[Membership, Membership]:
    """Actor and member as they are now, and until the transaction ends."""
    lock_account(actor.account_id)
    members = Membership.objects.for_account(actor.account_id).select_related("user")
    found = members.in_bulk([actor.pk, member_id])
    if member_id not in found:
        raise NotInAccount
    if actor.pk not in found:
        raise Forbidden("You are no longer a member of this account.")
    return found[actor.pk], found[member_id]


def _may_touch(actor: Membership, role: str) -> None:
    """Admins and owners change members; nobody reaches above their own role."""
    own = Role(actor.role)
    if not (own.covers(Role.ADMIN) and own.covers(role)):
        raise Forbidden(f"Your role, {own.value}, does not reach as far as {Role(role).value}.")


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.for_account(member.account_id).filter(role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise Conflict(
            "This is the last owner; make somebody else an owner first.", code="last_owner"
        )


def _no_invite() -> InvalidPayload:
    return InvalidPayload("This invitation is unknown, used or out of date.", attr="token")
