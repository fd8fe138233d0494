"""The pages that a site has already: a collection, and files of them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.api.base import SiteFilters, TrashViewSet, Values, flag
from igny8_core.api.fields import AccountRelatedField
from igny8_core.api.imports import RowErrorSerializer
from igny8_core.api.site_objects import SiteObjectSerializer
from igny8_core.api.uploads import refuse_large
from igny8_core.core.models import Site
from igny8_core.core.sites import default_site
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner import pages
from igny8_core.planner.models import Page


class PageSerializer(SiteObjectSerializer):
    """A page as callers see and set it."""

    class Meta:
        model = Page
        fields = ["id", "site", "url", "title", "keyword", "created_at"]


class PageFileSerializer(serializers.Serializer[Any]):
    """A sitemap (XML, gzipped, or several in a zip), Search Console's pages export or a CSV."""

    file = serializers.FileField(max_length=1_000, allow_empty_file=True)
    site = AccountRelatedField(model=Site, required=False)


class PageRowSerializer(serializers.Serializer[Any]):
    """A page as the file was understood."""

    row = serializers.IntegerField()
    url = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    keyword = serializers.CharField(allow_blank=True)


class PagesResultSerializer(serializers.Serializer[Any]):
    """What came of a file; `rows` in a preview alone."""

    imported = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]
    format = serializers.ChoiceField(["sitemap", "table"])
    rows = PageRowSerializer(many=True, required=False)


class PageViewSet(TrashViewSet):
    """Pages of the account's sites."""

    model = Page
    serializer_class = PageSerializer
    filterset_class = SiteFilters
    search_fields = ["url", "title", "keyword"]
    ordering_fields = ["id", "created_at", "url", "title"]

    def create_object(self, values: Values) -> Page:
        return pages.create_page(self.account, **values)

    def change_object(self, instance: Page, values: Values) -> Page:
        return pages.change_page(instance, **values)

    def delete_object(self, instance: Page) -> None:
        put_in_trash(instance)

    def restore_object(self, instance: Page) -> Page:
        return take_from_trash(instance)

    @extend_schema(
        request={"multipart/form-data": PageFileSerializer},
        responses=PagesResultSerializer,
        parameters=[OpenApiParameter("preview", bool)],
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
        """Add the pages that a file names to a site; `preview` stores nothing."""
        only_look = flag(request, "preview")
        refuse_large(request)
        given = self.read(PageFileSerializer)
        site = given.get("site") or default_site(self.account)
        take = pages.preview_pages if only_look else pages.import_pages
        body = dict(PagesResultSerializer(take(site, given["file"].read())).data)
        if not only_look:
            del body["rows"]
        return Response(body)
