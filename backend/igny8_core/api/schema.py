"""The OpenAPI description: every operation with the errors it can answer, in the one shape."""

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

#: Beside what the view itself declares.
ALWAYS = {"401", "403", "429"}
WITH_BODY = {"400", "409", "413", "415"}


class ProblemSerializer(serializers.Serializer[Any]):
    """One error."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ProblemsSerializer(serializers.Serializer[Any]):
    """The body of every answer that is not a success."""

    type = serializers.ChoiceField(["validation_error", "client_error", "server_error"])
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]


class Schema(AutoSchema):
    """Adds the error answers that need no word in a view."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        declared: set[str] = getattr(self.view, "error_statuses", set())
        for status in sorted((self._error_statuses() | declared) - bodies.keys()):
            bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                ProblemsSerializer, status
            )
        return dict(sorted(bodies.items()))

    def _error_statuses(self) -> set[str]:
        statuses = {"400", *ALWAYS}
        if not self.view.permission_classes:
            statuses -= {"401", "403"}
        if "{" in self.path or self._is_list_view():
            statuses.add("404")
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses |= WITH_BODY
        if self.method == "DELETE":
            statuses.add("409")
        return statuses


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes TokenAuthentication."""

    target_class = "igny8_core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "igk_…"}


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes BrowserSession."""

    target_class = "igny8_core.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Django's session cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def only_documented(endpoints: list[tuple[Any, ...]], **kwargs: Any) -> list[tuple[Any, ...]]:
    """The routes under /api/v1/; the same ones under /v1/ are a convenience."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
