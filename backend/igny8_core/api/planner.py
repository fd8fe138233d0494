"""The planner's routes: keywords, clusters, ideas."""

from decimal import Decimal
from math import isfinite
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework.backends import DjangoFilterBackend
from django_filters.rest_framework.filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from igny8_core.api.actions import body_of, ids_in, runs_function, start_run
from igny8_core.api.base import Ordering, Search, SiteFilters, Values
from igny8_core.api.clustering import ClustererSerializer
from igny8_core.api.exports import ExportViewSet
from igny8_core.api.fields import IdFilter
from igny8_core.api.imports import ImportMixin
from igny8_core.api.overlaps import OverlapMixin, OverlapSerializer
from igny8_core.api.pages import PageViewSet
from igny8_core.api.site_objects import (
    OutlineField,
    SiteObjectSerializer,
    TextsField,
)
from igny8_core.core.spreadsheet import Table
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner import clusters, export, ideas, keywords
from igny8_core.planner.intake import MAX_VOLUME, fold
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.writer.queueing import queue_ideas

_FREE_OR_NOT = [("new", "new"), ("clustered", "clustered")]


def finite(value: float) -> None:
    """Refuse what JSON cannot say."""
    if not isfinite(value):
        raise ValidationError("Must be a number.", code="invalid")


class KeywordSerializer(SiteObjectSerializer):
    """A keyword as callers see and set it; unknown numbers are null."""

    volume = serializers.IntegerField(
        min_value=0, max_value=MAX_VOLUME, required=False, allow_null=True
    )
    difficulty = serializers.FloatField(
        min_value=0, max_value=100, required=False, allow_null=True, validators=[finite]
    )
    cpc = serializers.DecimalField(
        max_digits=12, decimal_places=4, min_value=Decimal(), required=False, allow_null=True
    )
    cpc_currency = serializers.RegexField("^[A-Z]{3}$", required=False, allow_blank=True)
    status = serializers.ChoiceField(_FREE_OR_NOT, read_only=True)

    class Meta:
        model = Keyword
        fields = [
            *("id", "site", "keyword", "language", "country", "volume", "difficulty", "cpc"),
            *("cpc_currency", "intent", "status", "cluster", "assigned_by", "similarity"),
            "created_at",
        ]
        read_only_fields = ["assigned_by", "similarity"]


class KeywordFilters(SiteFilters):
    """`status` is `clustered` for keywords that have a cluster."""

    cluster = IdFilter()
    status = ChoiceFilter(  # type: ignore[no-untyped-call]
        choices=_FREE_OR_NOT, method="with_status"
    )

    class Meta:
        model = Keyword
        fields = {
            **{name: ["exact"] for name in ("language", "country", "intent", "assigned_by")},
            **{name: ["exact", "gte", "lte"] for name in ("volume", "difficulty")},
        }

    def with_status(self, rows: QuerySet[Keyword], name: str, value: str) -> QuerySet[Keyword]:
        """Those with a cluster, or those without."""
        return rows.filter(cluster__isnull=value == "new")


class FoldedSearch(Search):
    """`?search=` in texts that are stored folded: nothing is folded anew for each row."""

    def get_search_terms(self, request: Request) -> list[str]:
        """The words, folded."""
        return [folded for term in super().get_search_terms(request) if (folded := fold(term))]

    def construct_search(self, field_name: str, queryset: QuerySet[Any]) -> str:
        """Anywhere in the text, sign by sign."""
        return f"{field_name}__contains"


class KeywordOrdering(Ordering):
    """By `keyword` is by its folded form: the alphabet without regard to case."""

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> list[str] | None:
        """The terms as columns."""
        terms = super().get_ordering(request, queryset, view) or []
        return [term.replace("keyword", "folded") for term in terms]


class KeywordViewSet(ImportMixin, ExportViewSet):
    """Keywords of the account."""

    model = Keyword
    serializer_class = KeywordSerializer
    filterset_class = KeywordFilters
    exported_as = "keywords"
    filter_backends = (DjangoFilterBackend, FoldedSearch, KeywordOrdering)
    search_fields = ["folded"]
    ordering_fields = ["id", "created_at", "keyword", "volume", "difficulty", "cpc", "cluster"]

    def create_object(self, values: Values) -> Keyword:
        return keywords.create_keyword(self.account, **values)

    def change_object(self, instance: Keyword, values: Values) -> Keyword:
        return keywords.change_keyword(instance, **values)

    def delete_object(self, instance: Keyword) -> None:
        keywords.trash_keyword(instance)

    def restore_object(self, instance: Keyword) -> Keyword:
        return keywords.restore_keyword(instance)

    def table_of(self, rows: QuerySet[Keyword]) -> Table:
        return export.keyword_table(rows)

    @extend_schema(parameters=[ClustererSerializer])
    @runs_function
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def auto_cluster(self, request: Request) -> Response:
        """Group keywords into clusters."""
        return start_run(request, "auto_cluster")


class ClusterSerializer(SiteObjectSerializer):
    """A cluster as callers see and set it."""

    keywords_count = serializers.IntegerField(read_only=True)
    volume = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Cluster
        fields = [
            *("id", "site", "name", "description", "head_keyword", "intent", "keywords_count"),
            *("volume", "locked", "status"),
        ]


class ShownClusterSerializer(ClusterSerializer):
    """With the verdict on it, where it was asked for."""

    overlap = OverlapSerializer(required=False)

    class Meta(ClusterSerializer.Meta):
        fields = [*ClusterSerializer.Meta.fields, "overlap"]


class ClusterFilters(SiteFilters):
    """By what a cluster is."""

    class Meta:
        model = Cluster
        fields = ["intent", "locked", "status"]


class ClusterViewSet(OverlapMixin, ExportViewSet):
    """Clusters of the account."""

    model = Cluster
    serializer_class = ClusterSerializer
    shown_class = ShownClusterSerializer
    filterset_class = ClusterFilters
    exported_as = "clusters"
    search_fields = ["name", "folded", "head_keyword"]
    ordering_fields = ["id", "created_at", "name", "keywords_count", "volume"]

    def get_queryset(self) -> QuerySet[Cluster]:
        return clusters.counted(super().get_queryset())

    def create_object(self, values: Values) -> Cluster:
        return self._counted(clusters.create_cluster(self.account, **values))

    def change_object(self, instance: Cluster, values: Values) -> Cluster:
        return self._counted(clusters.change_cluster(instance, **values))

    def delete_object(self, instance: Cluster) -> None:
        clusters.trash_cluster(instance)

    def restore_object(self, instance: Cluster) -> Cluster:
        return take_from_trash(instance)

    def table_of(self, rows: QuerySet[Cluster]) -> Table:
        return export.cluster_table(rows)

    @runs_function
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def auto_generate_ideas(self, request: Request) -> Response:
        """Find ideas for clusters."""
        return start_run(request, "generate_ideas")

    def _counted(self, cluster: Cluster) -> Cluster:
        found: Cluster = self.get_queryset().get(pk=cluster.pk)
        return found


class IdeaSerializer(SiteObjectSerializer):
    """An idea as callers see and set it."""

    outline = OutlineField()
    target_keywords = TextsField()
    estimated_word_count = serializers.IntegerField(
        min_value=0, max_value=ideas.MAX_WORDS, required=False, allow_null=True
    )

    class Meta:
        model = ContentIdeas
        fields = [
            *("id", "site", "title", "description", "outline", "content_type"),
            *("content_structure", "target_keywords", "cluster", "estimated_word_count", "status"),
        ]


class ShownIdeaSerializer(IdeaSerializer):
    """With the verdict on it, where it was asked for."""

    overlap = OverlapSerializer(required=False)

    class Meta(IdeaSerializer.Meta):
        fields = [*IdeaSerializer.Meta.fields, "overlap"]


class IdeaFilters(SiteFilters):
    """By what an idea is and what it is for."""

    cluster = IdFilter()

    class Meta:
        model = ContentIdeas
        fields = ["status", "content_type", "content_structure"]


class IdeasToQueueSerializer(serializers.Serializer[Any]):
    """The ideas that are to become tasks."""

    ids = serializers.ListField(child=serializers.IntegerField())


class QueuedSerializer(serializers.Serializer[Any]):
    """The tasks of the ideas, in their order."""

    tasks = serializers.ListField(child=serializers.IntegerField())


class ContentIdeasViewSet(OverlapMixin, ExportViewSet):
    """Ideas of the account."""

    model = ContentIdeas
    serializer_class = IdeaSerializer
    shown_class = ShownIdeaSerializer
    filterset_class = IdeaFilters
    exported_as = "ideas"
    search_fields = ["title", "folded", "description"]
    ordering_fields = ["id", "created_at", "title", "estimated_word_count"]

    def create_object(self, values: Values) -> ContentIdeas:
        return ideas.create_idea(self.account, **values)

    def change_object(self, instance: ContentIdeas, values: Values) -> ContentIdeas:
        return ideas.change_idea(instance, **values)

    def delete_object(self, instance: ContentIdeas) -> None:
        put_in_trash(instance)

    def restore_object(self, instance: ContentIdeas) -> ContentIdeas:
        return take_from_trash(instance)

    def table_of(self, rows: QuerySet[ContentIdeas]) -> Table:
        return export.idea_table(rows)

    @extend_schema(request=IdeasToQueueSerializer, responses={201: QueuedSerializer})
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def queue(self, request: Request) -> Response:
        """Make one writing task per idea, once."""
        tasks = queue_ideas(self.account, ids_in(body_of(request)))
        return Response({"tasks": tasks}, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("keywords", KeywordViewSet, basename="keyword")
router.register("clusters", ClusterViewSet, basename="cluster")
router.register("ideas", ContentIdeasViewSet, basename="idea")
router.register("pages", PageViewSet, basename="page")
