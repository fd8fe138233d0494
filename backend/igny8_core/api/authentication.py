"""Who is calling: the membership behind a bearer token, or behind a browser's session.

`request.user` is the User, `request.auth` the Membership (with `.account`, `.user`, `.role`).
"""

from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from igny8_core.core.models import Membership, User
from igny8_core.core.signin import memberships_of
from igny8_core.core.tokens import membership_of_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, Membership] | None:
        """The caller; None without the header, AuthenticationFailed for a token that is wrong."""
        secret = bearer(request)
        if secret is None:
            return None
        membership = membership_of_token(secret)
        if membership is None:
            raise AuthenticationFailed("This token is not valid.")
        return membership.user, membership

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class BrowserSession(SessionAuthentication):
    """A signed-in browser, with Django's CSRF check; the session names the membership."""

    def authenticate(self, request: Request) -> tuple[User, Membership] | None:
        """The caller; None where the session belongs to nobody or to no account."""
        session = super().authenticate(request)
        if session is None:
            return None
        memberships = memberships_of(session[0])
        chosen = request.session.get("membership")
        membership = (memberships.filter(pk=chosen) if chosen else memberships).first()
        return None if membership is None else (membership.user, membership)


def bearer(request: Request) -> str | None:
    """The secret in the Authorization header; None where it carries no bearer token."""
    scheme, _, secret = get_authorization_header(request).partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    return secret.strip().decode("latin-1")
