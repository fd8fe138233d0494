"""The account's sites."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from igny8_core.api.base import CrudViewSet, Values
from igny8_core.api.fields import AccountModelSerializer
from igny8_core.core import sites
from igny8_core.core.models import Role, Site


@extend_schema_field(sites.Guidelines)  # type: ignore[arg-type] # pydantic by extension
class GuidelinesField(serializers.JSONField):
    """How the site wants to be written for; the service checks it, unknown keys included."""


class SiteSerializer(AccountModelSerializer):
    """A site as callers see and set it."""

    guidelines = GuidelinesField(required=False)

    class Meta:
        model = Site
        fields = [
            "id",
            "name",
            "domain",
            "language",
            "country",
            "guidelines",
            "is_default",
            "created_at",
        ]


class SiteViewSet(CrudViewSet):
    """Sites: everybody reads them, admins change them."""

    model = Site
    serializer_class = SiteSerializer
    roles = {"POST": Role.ADMIN, "PATCH": Role.ADMIN, "DELETE": Role.ADMIN}
    search_fields = ["name", "domain"]
    filterset_fields = ["domain", "language", "country", "is_default"]
    ordering_fields = ["id", "name", "created_at"]

    def create_object(self, values: Values) -> Site:
        return sites.create_site(self.account, **values)

    def change_object(self, instance: Site, values: Values) -> Site:
        return sites.change_site(instance, **values)

    def delete_object(self, instance: Site) -> None:
        sites.delete_site(instance)
