"""Members and invitations."""

from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.api.auth import PasswordField, SignedInSerializer, signed_in
from igny8_core.api.base import AccountViewSet, PublicView
from igny8_core.api.fields import as_id
from igny8_core.api.throttling import sign_in_attempt
from igny8_core.core import team
from igny8_core.core.models import Invite, Membership, Role


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member; only the role can be set."""

    user = serializers.IntegerField(source="user_id", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = Membership
        fields = ["id", "user", "email", "role", "created_at"]
        read_only_fields = ["created_at"]


class MemberViewSet(mixins.ListModelMixin, AccountViewSet):
    """The account's members: everybody reads them, admins and owners change them."""

    model = Membership
    serializer_class = MemberSerializer
    search_fields = ["user__email", "role"]
    filterset_fields = ["role"]
    ordering_fields = ["id", "email", "role", "created_at"]
    roles = {"PATCH": Role.ADMIN, "DELETE": Role.ADMIN}

    def get_queryset(self) -> QuerySet[Membership]:
        rows: QuerySet[Membership] = super().get_queryset().select_related("user")
        # Under its own name, to be ordered by.
        return rows.annotate(email=F("user__email"))

    @extend_schema(request=MemberSerializer, responses={200: MemberSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give the member another role."""
        member = self.get_object()
        role = Role(self.read(MemberSerializer)["role"])
        return Response(MemberSerializer(team.change_role(self.membership, member.pk, role)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take the member out; their tokens stop working at once."""
        team.remove_member(self.membership, as_id(pk) or 0)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InviteSerializer(serializers.ModelSerializer[Invite]):
    """An invitation without its secret."""

    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = Invite
        fields = ["id", "email", "role", "created_at", "expires_at"]
        read_only_fields = ["created_at", "expires_at"]


class IssuedInviteSerializer(InviteSerializer):
    """An invitation with the secret that is shown this once."""

    token = serializers.CharField(read_only=True)

    class Meta(InviteSerializer.Meta):
        fields = [*InviteSerializer.Meta.fields, "token"]


class AcceptSerializer(serializers.Serializer[Any]):
    """What accepting takes."""

    token = serializers.CharField(max_length=200, write_only=True)
    password = PasswordField(write_only=True)


class InviteViewSet(mixins.ListModelMixin, AccountViewSet):
    """Open invitations, for admins."""

    model = Invite
    serializer_class = InviteSerializer
    search_fields = ["email", "role"]
    filterset_fields = ["email", "role"]
    ordering_fields = ["id", "email", "role", "created_at", "expires_at"]
    roles = {"GET": Role.ADMIN, "POST": Role.ADMIN, "DELETE": Role.ADMIN}

    def get_queryset(self) -> QuerySet[Invite]:
        return super().get_queryset().filter(accepted_at=None)

    @extend_schema(request=InviteSerializer, responses={201: IssuedInviteSerializer})
    def create(self, request: Request) -> Response:
        """Invite an address; the secret is in this answer alone."""
        values = self.read(InviteSerializer)
        issued = team.invite(self.membership, email=values["email"], role=Role(values["role"]))
        body = {**InviteSerializer(issued.invite).data, "token": issued.secret}
        return Response(body, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """The invitation opens nothing any more."""
        team.delete_invite(self.account, as_id(pk) or 0)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AcceptView(PublicView):
    """Joining by an invitation, without a sign-in."""

    @extend_schema(
        operation_id="team_invites_accept",
        request=AcceptSerializer,
        responses={201: SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Accept an invitation."""
        values = self.read(AcceptSerializer)
        invite = team.invite_of(values["token"])
        with sign_in_attempt(request, invite.email):
            membership = team.accept(invite, password=values["password"])
        return Response(signed_in(membership), status.HTTP_201_CREATED)
