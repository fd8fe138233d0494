"""What a role may do: a view says it, by action or method; without a word, writing is editing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from igny8_core.core.models import Membership, Role

if TYPE_CHECKING:
    # DRF's views read this module's name from the settings while they are being imported.
    from rest_framework.views import APIView


class HasRole(BasePermission):
    """The caller is a member whose role covers what the view asks for."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """False for nobody at all (401 by DRF) and for too small a role (403)."""
        if not isinstance(request.auth, Membership):
            return False
        return Role(request.auth.role).covers(required_role(request, view))


def required_role(request: Request, view: "APIView") -> Role:
    """The view's `roles` by action, by method, else viewer to read and editor to write."""
    roles = cast("Mapping[str, Role]", getattr(view, "roles", {}))
    method = request.method or ""
    default = Role.VIEWER if method in SAFE_METHODS else Role.EDITOR
    method = "GET" if method in {"HEAD", "OPTIONS"} else method
    return roles.get(getattr(view, "action", None) or "") or roles.get(method) or default
