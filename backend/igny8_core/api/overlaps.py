"""What a cluster, idea or task would compete with, shown where a request asks for it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import BaseSerializer

from igny8_core.api.base import TRASHED, TrashViewSet, flag
from igny8_core.api.pagination import Pages
from igny8_core.core.tenancy import SiteModel
from igny8_core.planner.overlap import Verdict
from igny8_core.writer.overlaps import overlaps_of

KINDS = ("cluster", "task", "content", "page")
#: As many as are compared in one request.
MOST_COMPARED = 100
OVERLAP = OpenApiParameter(
    "overlap",
    OpenApiTypes.BOOL,
    description="Compare each with what its site has already; a page of a list then has "
    f"at most {MOST_COMPARED} of them.",
)


class OtherSerializer(serializers.Serializer[Any]):
    """The thing that a verdict is about."""

    type = serializers.ChoiceField(KINDS)
    id = serializers.IntegerField()
    name = serializers.CharField()


class OverlapSerializer(serializers.Serializer[Any]):
    """Whether it is new, and what it collides with if not."""

    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict])
    other = OtherSerializer(allow_null=True)
    score = serializers.FloatField(help_text="0 to 1: the weight of the common words.")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="The common words, the most telling first."
    )


@extend_schema_view(
    list=extend_schema(parameters=[OVERLAP, TRASHED]), retrieve=extend_schema(parameters=[OVERLAP])
)
class OverlapMixin(TrashViewSet):
    """`?overlap=true` on a list or an object adds `overlap` to what is shown."""

    model: ClassVar[type[SiteModel]]
    #: The serializer with `overlap = OverlapSerializer(required=False)` beside the other fields.
    shown_class: ClassVar[type[BaseSerializer[Any]]]

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """The one with room for a verdict, where there may be one."""
        if self.action in {"list", "retrieve"}:
            return self.shown_class
        return super().get_serializer_class()

    def paginate_queryset(self, queryset: QuerySet[Any] | Sequence[Any]) -> Any:
        """The page, each row with its verdict; a 400 for a page too long to be compared."""
        if self.action == "list" and flag(self.request, "overlap"):
            self._refuse_long_page()
        page = super().paginate_queryset(queryset)
        if self.action == "list" and page:
            self._compare(page)
        return page

    def get_object(self) -> Any:
        """The object, with its verdict where it is shown."""
        found = super().get_object()
        if self.action == "retrieve":
            self._compare([found])
        return found

    def _refuse_long_page(self) -> None:
        pages = self.paginator
        if isinstance(pages, Pages) and (pages.get_page_size(self.request) or 0) > MOST_COMPARED:
            problem = (
                f"With overlap=true a page has at most {MOST_COMPARED} objects: ask for "
                f"page_size={MOST_COMPARED} or less, and for the next page."
            )
            raise ValidationError({"page_size": ErrorDetail(problem, "max_value")})

    def _compare(self, rows: Sequence[Any]) -> None:
        if flag(self.request, "overlap"):
            verdicts = overlaps_of(self.account, self.model, [row.pk for row in rows])
            for row in rows:
                if row.pk in verdicts:
                    row.overlap = verdicts[row.pk]
