"""Keyword files over HTTP."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from pydantic import TypeAdapter, ValidationError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.api.base import CallerMixin, flag
from igny8_core.api.fields import AccountRelatedField
from igny8_core.api.uploads import refuse_large
from igny8_core.core.models import Site
from igny8_core.core.sites import default_site
from igny8_core.planner.imports import ImportResult, import_keywords, preview

_MAPPING = TypeAdapter(dict[str, str])


@extend_schema_field(OpenApiTypes.STR)
class MappingField(serializers.CharField):
    """The column of each field that is not to be guessed, as JSON."""

    def to_internal_value(self, data: Any) -> Any:
        """The mapping; a 400 for all else."""
        try:
            return _MAPPING.validate_json(super().to_internal_value(data))
        except ValidationError as e:
            raise serializers.ValidationError(
                'Say as JSON which column is which field: {"keyword": "Search term"}.'
            ) from e


class WaySerializer(serializers.Serializer[Any]):
    """What of an import may stand in the address, too."""

    mapping = MappingField(required=False, max_length=10_000)
    site = AccountRelatedField(model=Site, required=False)


class FileSerializer(WaySerializer):
    """A keyword file, how to read it, and whose keywords it holds."""

    file = serializers.FileField(max_length=1_000, allow_empty_file=True)


class RowErrorSerializer(serializers.Serializer[Any]):
    """A row that could not be read."""

    row = serializers.IntegerField()
    detail = serializers.CharField()


class RowSerializer(serializers.Serializer[Any]):
    """A keyword as the file was understood."""

    row = serializers.IntegerField()
    keyword = serializers.CharField()
    language = serializers.CharField()
    country = serializers.CharField()
    volume = serializers.IntegerField(allow_null=True)
    volume_max = serializers.IntegerField(allow_null=True)
    volume_source = serializers.CharField()
    difficulty = serializers.FloatField(allow_null=True)
    cpc = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    cpc_currency = serializers.CharField()
    intent = serializers.CharField(allow_null=True)
    intents = serializers.ListField(child=serializers.CharField())
    parent_topic = serializers.CharField()
    position = serializers.FloatField(allow_null=True)
    url = serializers.CharField()
    serp_urls = serializers.ListField(child=serializers.CharField())
    extra = serializers.DictField(child=serializers.CharField())


class ImportResultSerializer(serializers.Serializer[Any]):
    """What came of a file; `rows` in a preview alone."""

    import_id = serializers.IntegerField(allow_null=True)
    imported = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]
    format = serializers.CharField()
    evidence = serializers.DictField()
    rows = RowSerializer(many=True, required=False)


class ImportMixin(CallerMixin):
    """The route `import/` of keywords."""

    @extend_schema(
        request={"multipart/form-data": FileSerializer},
        responses=ImportResultSerializer,
        parameters=[
            OpenApiParameter("preview", bool),
            OpenApiParameter("atomic", bool),
            OpenApiParameter("mapping", str),
            OpenApiParameter("site", int),
        ],
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="import",
        parser_classes=[MultiPartParser],
        filter_backends=[],
        pagination_class=None,
    )
    def import_file(self, request: Request) -> Response:
        """Merge a keyword file into a site; `preview` stores nothing, `atomic` all or nothing."""
        only_look, atomic = flag(request, "preview"), flag(request, "atomic")
        refuse_large(request)
        given = self._in_query(request) | self.read(FileSerializer)
        site = given.get("site") or default_site(self.account)
        file, mapping = given["file"], given.get("mapping")
        how: dict[str, Any] = {"filename": file.name, "mapping": mapping, "atomic": atomic}
        if only_look:
            return Response(_answer(preview(site, file.file, **how)))
        result = import_keywords(site, file.file, user=self.user, **how)
        return Response(_answer(result, with_rows=False))

    def _in_query(self, request: Request) -> dict[str, Any]:
        """What stands in the address; what stands in the form, too, goes before it."""
        query = WaySerializer(data=request.query_params, context={"request": request, "view": self})
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


def _answer(result: ImportResult, *, with_rows: bool = True) -> dict[str, Any]:
    body = dict(ImportResultSerializer(result).data)
    if not with_rows:
        del body["rows"]
    return body
