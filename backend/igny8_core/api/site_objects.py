"""What planner and writer objects have in common on their way in and out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from igny8_core.api.fields import AccountModelSerializer, AccountRelatedField
from igny8_core.core.models import Site
from igny8_core.planner.outlines import MAX_PARTS, TOP_LEVEL


class SiteObjectSerializer(AccountModelSerializer):
    """An object of one site, which a service finds where it is not given."""

    site = AccountRelatedField(model=Site, required=False)


class TextsField(serializers.ListField):
    """A list of short texts."""

    child = serializers.CharField(max_length=255)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 200, **kwargs})


class OutlinePartSerializer(serializers.Serializer[Any]):
    """One heading of an outline."""

    level = serializers.IntegerField(min_value=1, max_value=6, default=TOP_LEVEL)
    heading = serializers.CharField(max_length=500)
    notes = serializers.CharField(max_length=5_000, allow_blank=True, default="")


@extend_schema_field(OutlinePartSerializer(many=True))
class OutlineField(serializers.ListField):
    """Headings with level and notes; a text in the list is a heading."""

    child = OutlinePartSerializer()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": MAX_PARTS, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """The parts, checked."""
        if isinstance(data, list):
            data = [{"heading": part} if isinstance(part, str) else part for part in data]
        return [dict(part) for part in super().to_internal_value(data)]

    def run_child_validation(self, data: Any) -> Any:
        """Each part whole, also where the request changes only some fields of the object."""
        parts: list[Any] = []
        errors: dict[str, Any] = {}
        for index, part in enumerate(data):
            checked = OutlinePartSerializer(data=part)
            if checked.is_valid():
                parts.append(checked.validated_data)
            else:
                errors[str(index)] = checked.errors
        if errors:
            raise serializers.ValidationError(errors)
        return parts

    def to_representation(self, data: Any) -> Any:
        """The parts as they are stored."""
        return data
