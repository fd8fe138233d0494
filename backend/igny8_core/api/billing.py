"""Credits: the balance, the ledger, and what was used for what."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_date, parse_datetime
from django_filters.rest_framework.filters import ChoiceFilter
from django_filters.rest_framework.filterset import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.ai.spending import periods
from igny8_core.api.base import AccountView, AccountViewSet, Ordering, Search
from igny8_core.api.fields import TaskIdFilter, as_id
from igny8_core.api.pagination import PagedView
from igny8_core.api.rows import RowOrdering
from igny8_core.billing import ledger, queries
from igny8_core.billing.ceilings import CeilingsChange, ceilings_of, set_ceilings
from igny8_core.billing.models import CreditEntry, CreditUsageLog
from igny8_core.core.bulk import by_id
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Role
from igny8_core.core.spreadsheet import csv_lines


class BalanceSerializer(serializers.Serializer[Any]):
    """What can be spent, and what running work has set aside."""

    credits = serializers.IntegerField()
    reserved = serializers.IntegerField()


class CeilingsSerializer(serializers.Serializer[Any]):
    """USD as decimal strings, null where there is no ceiling; days and months are those of UTC.

    What is spent counts calls that are under way, or were lost, with the most they may cost.
    """

    daily_usd = serializers.DecimalField(12, 4, allow_null=True)
    monthly_usd = serializers.DecimalField(12, 4, allow_null=True)
    spent_today = serializers.DecimalField(18, 10)
    spent_this_month = serializers.DecimalField(18, 10)
    day_ends_at = serializers.DateTimeField()
    month_ends_at = serializers.DateTimeField()


class EntrySerializer(serializers.ModelSerializer[CreditEntry]):
    """A line of the ledger."""

    class Meta:
        model = CreditEntry
        fields = [
            "id",
            "kind",
            "amount",
            "reserved_change",
            "balance_after",
            "task_id",
            "item",
            "created_at",
        ]


class UsageSerializer(serializers.ModelSerializer[CreditUsageLog]):
    """What one item came to."""

    site = serializers.IntegerField(source="site_id", allow_null=True)
    user = serializers.IntegerField(source="user_id", allow_null=True)

    class Meta:
        model = CreditUsageLog
        fields = [
            "operation",
            "credits_used",
            "cost_usd",
            "unpriced_calls",
            "model",
            "tokens_input",
            "tokens_cached",
            "tokens_output",
            "task_id",
            "site",
            "user",
            "target_type",
            "target_id",
            "created_at",
        ]


class UsageSumSerializer(serializers.Serializer[Any]):
    """What the items of one day, month, site, user or function came to together."""

    group = serializers.CharField(allow_null=True)
    items = serializers.IntegerField()
    credits_used = serializers.IntegerField()
    cost_usd = serializers.DecimalField(18, 10, allow_null=True)
    unpriced = serializers.IntegerField(help_text="Calls whose cost is not known.")
    tokens_input = serializers.IntegerField()
    tokens_cached = serializers.IntegerField()
    tokens_output = serializers.IntegerField()


class BalanceView(AccountView):
    """The account's credits."""

    @extend_schema(operation_id="billing_balance", responses={200: BalanceSerializer})
    def get(self, request: Request) -> Response:
        """The balance."""
        return Response(BalanceSerializer(ledger.balance(self.account)).data)


class CeilingsView(AccountView):
    """What the account lets its providers charge in a day and a month, and what they have."""

    roles = {"PUT": Role.ADMIN}

    @extend_schema(operation_id="billing_ceilings_retrieve", responses={200: CeilingsSerializer})
    def get(self, request: Request) -> Response:
        """The ceilings, and what was spent so far."""
        return Response(CeilingsSerializer(self._shown()).data)

    @extend_schema(
        operation_id="billing_ceilings_update",
        request=CeilingsChange,
        responses={200: CeilingsSerializer},
    )
    def put(self, request: Request) -> Response:
        """Merge: what is left out keeps its value, null lifts a ceiling."""
        set_ceilings(self.account, request.data)
        return Response(CeilingsSerializer(self._shown()).data)

    def _shown(self) -> dict[str, Any]:
        day, month = periods(self.account.pk, ceilings_of(self.account))
        return {
            "daily_usd": day.ceiling,
            "monthly_usd": month.ceiling,
            "spent_today": day.spent,
            "spent_this_month": month.spent,
            "day_ends_at": day.ends,
            "month_ends_at": month.ends,
        }


class EntryFilters(FilterSet):
    """Which lines."""

    kind = ChoiceFilter(choices=CreditEntry.Kind.choices)  # type: ignore[no-untyped-call]
    task_id = TaskIdFilter()


class TransactionViewSet(mixins.ListModelMixin, AccountViewSet):
    """The ledger, the newest line first."""

    model = CreditEntry
    serializer_class = EntrySerializer
    filterset_class = EntryFilters
    search_fields = ["kind", "task_id"]
    ordering_fields = ["id", "kind", "amount", "created_at"]
    ordering = ["-id"]


class UsageView(PagedView, AccountView):
    """What was used for what: row by row, or summed."""

    filter_backends = (Search, Ordering)
    search_fields = ["operation", "model", "target_type", "user__email", "site__name"]
    error_statuses = {"404"}

    @property
    def ordering_fields(self) -> list[str]:
        """The fields of the sums, or those of the rows that are stored."""
        sums, rows = UsageSumSerializer(), UsageSerializer()
        return list(sums.fields if self.request.query_params.get("group_by") else rows.fields)

    @property
    def ordering(self) -> list[str]:
        """The newest row first; sums by their group."""
        return ["group"] if self.request.query_params.get("group_by") else ["-id"]

    @extend_schema(
        operation_id="billing_usage",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.STR, description="A date or time, inclusive."),
            OpenApiParameter(
                "to", OpenApiTypes.STR, description="A date, inclusive, or a time, exclusive."
            ),
            OpenApiParameter("user", OpenApiTypes.INT),
            OpenApiParameter("function", OpenApiTypes.STR),
            OpenApiParameter("site", OpenApiTypes.INT),
            OpenApiParameter("group_by", enum=list(queries.GROUPS)),
            OpenApiParameter("format", enum=["json", "csv"]),
            OpenApiParameter("page", OpenApiTypes.INT),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses={
            200: PolymorphicProxySerializer(
                component_name="UsageOrSum",
                serializers=[UsageSerializer, UsageSumSerializer],
                resource_type_field_name=None,
                many=True,
            ),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The usage rows, or their sums by `group_by`."""
        rows = queries.usage_of(self.account, _asked(request))
        rows = Search().filter_queryset(request, rows, self)
        group = _choice(request, "group_by", ["", *queries.GROUPS])
        serializer_class = UsageSumSerializer if group else UsageSerializer
        order = RowOrdering() if group else Ordering()
        asked: Any = queries.usage_by(rows, group) if group else rows
        asked = order.filter_queryset(request, asked, self)
        if _choice(request, "format", ["", "json", "csv"]) == "csv":
            return _csv(asked if group else by_id(rows), serializer_class)
        return self.paged(asked, serializer_class)


def _asked(request: Request) -> queries.UsageFilter:
    query = request.query_params
    return queries.UsageFilter(
        since=_moment(query.get("from", ""), "from"),
        until=_moment(query.get("to", ""), "to", days_after=1),
        user_id=_id_or_nobody(query.get("user", "")),
        function=query.get("function") or None,
        site_id=_id_or_nobody(query.get("site", "")),
    )


def _moment(text: str, attr: str, *, days_after: int = 0) -> datetime | None:
    """A time in UTC unless it says otherwise; a date is its midnight, `days_after` later."""
    if not text:
        return None
    try:
        moment, day = parse_datetime(text), parse_date(text)
        if day is not None:
            return datetime.combine(day, time(), UTC) + timedelta(days=days_after)
        if moment is not None:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidPayload("Write a date such as 2026-11-23.", attr=attr)


def _id_or_nobody(text: str) -> int | None:
    """The id; 0, which nothing has, for what cannot be one."""
    return (as_id(text) or 0) if text else None


def _choice(request: Request, name: str, choices: Iterable[str]) -> str:
    value = request.query_params.get(name, "")
    if value not in choices:
        raise InvalidPayload(
            f"Choose one of {', '.join(filter(None, choices))}.", code="invalid_choice", attr=name
        )
    return value


def _csv(
    rows: Iterable[Any], serializer_class: type[serializers.Serializer[Any]]
) -> StreamingHttpResponse:
    """For programs, so without Excel's mark in front."""
    shape = serializer_class()
    cells = (list(shape.to_representation(row).values()) for row in rows)
    return StreamingHttpResponse(
        csv_lines(list(shape.fields), cells, bom=False),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="usage.csv"'},
    )
