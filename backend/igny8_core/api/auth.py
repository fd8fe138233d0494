"""Coming in and going out: registration, sign-in, tokens."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.api.authentication import bearer
from igny8_core.api.base import AccountView, AccountViewSet, PublicView, Values
from igny8_core.api.fields import IdField, as_id
from igny8_core.api.throttling import count_registration, sign_in_attempt
from igny8_core.billing.ledger import balance
from igny8_core.billing.signup import register
from igny8_core.core import tokens
from igny8_core.core.models import ApiToken, Membership, Role
from igny8_core.core.signin import memberships_of, sign_in


class PasswordField(serializers.CharField):
    """A password: never trimmed, never longer than hashing may take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "max_length": 1024, **kwargs})


class RegistrationSerializer(serializers.Serializer[Any]):
    """What a new account takes."""

    email = serializers.EmailField(max_length=254)
    password = PasswordField(write_only=True)
    account_name = serializers.CharField(max_length=255)


class LoginSerializer(serializers.Serializer[Any]):
    """What signing in takes."""

    email = serializers.CharField(max_length=254)
    password = PasswordField(write_only=True)
    account = IdField(required=False, allow_null=True)


class CallerUserSerializer(serializers.Serializer[Any]):
    """The person, with their role in the account."""

    id = serializers.IntegerField(source="user_id")
    email = serializers.EmailField(source="user.email")
    role = serializers.ChoiceField(Role.choices)


class CallerAccountSerializer(serializers.Serializer[Any]):
    """The account, with what it can spend."""

    id = serializers.IntegerField(source="account_id")
    name = serializers.CharField(source="account.name")
    credits = serializers.SerializerMethodField()

    def get_credits(self, membership: Membership) -> int:
        """What can be spent."""
        return balance(membership.account).credits


class CallerSerializer(serializers.Serializer[Any]):
    """Who is calling, and for which account."""

    user = CallerUserSerializer(source="*")
    account = CallerAccountSerializer(source="*")


class SignedInSerializer(CallerSerializer):
    """A caller with the token that was just made for them."""

    token = serializers.CharField()


class AccountChoiceSerializer(serializers.Serializer[Any]):
    """One of the accounts a person may work in."""

    id = serializers.IntegerField(source="account_id")
    name = serializers.CharField(source="account.name")
    role = serializers.ChoiceField(Role.choices)


class LoggedInSerializer(SignedInSerializer):
    """A sign-in, with every account there is to choose from."""

    accounts = AccountChoiceSerializer(many=True)


def signed_in(membership: Membership, **more: Any) -> Values:
    """The body of a successful sign-in, with a fresh token."""
    secret = tokens.issue_token(membership, name="Sign-in").secret
    return {"token": secret, **CallerSerializer(membership).data, **more}


class RegisterView(PublicView):
    """A new account with its owner."""

    @extend_schema(
        operation_id="auth_register",
        request=RegistrationSerializer,
        responses={201: SignedInSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register."""
        values = self.read(RegistrationSerializer)
        count_registration(request)
        return Response(signed_in(register(**values)), status.HTTP_201_CREATED)


class LoginView(PublicView):
    """A token for an address and a password."""

    error_statuses = {"401", "403"}

    @extend_schema(
        operation_id="auth_login", request=LoginSerializer, responses={200: LoggedInSerializer}
    )
    def post(self, request: Request) -> Response:
        """Sign in."""
        values = self.read(LoginSerializer)
        with sign_in_attempt(request, values["email"]):
            membership = sign_in(
                email=values["email"],
                password=values["password"],
                account_id=values.get("account"),
            )
        accounts = AccountChoiceSerializer(memberships_of(membership.user), many=True).data
        return Response(signed_in(membership, accounts=accounts))


class LogoutView(AccountView):
    """The token of the request stops working."""

    roles = {"POST": Role.VIEWER}

    @extend_schema(operation_id="auth_logout", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out."""
        tokens.revoke_secret(bearer(request) or "")
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(AccountView):
    """Who the token stands for."""

    @extend_schema(operation_id="auth_me", responses={200: CallerSerializer})
    def get(self, request: Request) -> Response:
        """The caller."""
        return Response(CallerSerializer(self.membership).data)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret."""

    user = serializers.EmailField(source="membership.user.email", read_only=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "hint", "user", "created_at", "used_at"]
        read_only_fields = ["hint", "created_at", "used_at"]


class IssuedTokenSerializer(TokenSerializer):
    """A token with the secret that is shown this once."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]


class TokenViewSet(mixins.ListModelMixin, AccountViewSet):
    """The account's tokens, for admins."""

    model = ApiToken
    serializer_class = TokenSerializer
    search_fields = ["name", "hint", "membership__user__email"]
    filterset_fields = ["name"]
    ordering_fields = ["id", "name", "created_at", "used_at"]
    roles = {"GET": Role.ADMIN, "POST": Role.ADMIN, "DELETE": Role.ADMIN}

    def get_queryset(self) -> QuerySet[ApiToken]:
        return super().get_queryset().select_related("membership__user")

    @extend_schema(request=TokenSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        """A token for the caller; its secret is in this answer alone."""
        issued = tokens.issue_token(self.membership, name=self.read(TokenSerializer)["name"])
        body = {**TokenSerializer(issued.token).data, "token": issued.secret}
        return Response(body, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """The token stops working at once."""
        tokens.revoke_token(self.account, as_id(pk) or 0)
        return Response(status=status.HTTP_204_NO_CONTENT)
