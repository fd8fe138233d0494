"""AI functions, models and runs."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.ai import catalogue, registry, tasks
from igny8_core.ai.assignments import Assignment, assignments_of, users_of
from igny8_core.ai.models import AITaskItem, AITaskLog, RunState
from igny8_core.ai.pricing import price_of
from igny8_core.ai.progress import progress_payload, usd
from igny8_core.ai.quoted import quote_errors
from igny8_core.api.actions import (
    IDEMPOTENCY_KEY,
    TaskIdSerializer,
    accepted,
    retried,
    runs_function,
    start_run,
)
from igny8_core.api.base import AccountView, AccountViewSet, SiteFilters
from igny8_core.api.clustering import ClustererSerializer
from igny8_core.api.fields import IdFilter
from igny8_core.api.rows import RowsView
from igny8_core.api.schema import ProblemsSerializer
from igny8_core.api.throttling import count_action
from igny8_core.core.errors import NotInAccount
from igny8_core.core.models import Account


class ModelSerializer(serializers.Serializer[Any]):
    """One model of the catalogue."""

    id = serializers.CharField()
    provider = serializers.CharField()
    modality = serializers.CharField()
    status = serializers.CharField()
    shutdown_date = serializers.DateField(allow_null=True)
    days_left = serializers.IntegerField(allow_null=True)
    successor = serializers.CharField(allow_null=True)
    notice = serializers.CharField(allow_null=True)
    used_by = serializers.ListField(child=serializers.CharField())
    context = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    max_output = serializers.IntegerField(allow_null=True)
    reasoning = serializers.BooleanField()
    rules = serializers.DictField()
    price = serializers.JSONField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]


class QuoteErrorSerializer(serializers.Serializer[Any]):
    """How far off the account's quotes were over its last runs: (actual - expected) / expected."""

    median = serializers.DecimalField(max_digits=14, decimal_places=4)
    runs = serializers.IntegerField()


class FunctionSerializer(serializers.Serializer[Any]):
    """One registered AI function, and how it is called for the account.

    `model` is the one that answers today; `notice` says where it stands in for another one, or
    will be shut down within 90 days.
    """

    name = serializers.CharField()
    display_name = serializers.CharField()
    description = serializers.CharField()
    phases = serializers.DictField(child=serializers.CharField())
    max_items = serializers.IntegerField(allow_null=True)
    prompt_type = serializers.CharField()
    credits = serializers.IntegerField()
    provider = serializers.CharField()
    model = serializers.CharField()
    notice = serializers.CharField(allow_null=True)
    quote_error = QuoteErrorSerializer(allow_null=True)


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a run is."""

    state = serializers.ChoiceField(RunState.choices)
    task_id = serializers.UUIDField()
    meta = serializers.DictField()


@extend_schema_field({"type": "string", "nullable": True})
class UsdField(serializers.Field[Any, Any, Any, Any]):
    """USD as a decimal string; null where a call has no known price."""

    def __init__(self) -> None:
        super().__init__(read_only=True, source="*")

    def to_representation(self, value: AITaskLog | AITaskItem) -> str | None:
        """The cost of a run or an item."""
        return usd(value)


class ItemSerializer(serializers.ModelSerializer[AITaskItem]):
    """One item of a run; `id` is that of the object it works on."""

    id = serializers.IntegerField(source="target_id")
    cost = UsdField()
    tokens = serializers.IntegerField()

    class Meta:
        model = AITaskItem
        fields = ["id", "state", "attempts", "error", "cost", "tokens"]


class RunSerializer(serializers.ModelSerializer[AITaskLog]):
    """A run with its items."""

    task_id = serializers.UUIDField(source="id")
    site = serializers.IntegerField(source="site_id", allow_null=True)
    requested_by = serializers.IntegerField(source="requested_by_id", allow_null=True)
    cost = UsdField()
    items = ItemSerializer(many=True)

    class Meta:
        model = AITaskLog
        fields = [
            "task_id",
            "function_name",
            "site",
            "requested_by",
            "state",
            "phase",
            "percentage",
            "message",
            "cost",
            "tokens",
            "items",
            "error",
            "payload",
            "result",
            "request_steps",
            "response_steps",
            "prompt_version",
            "model",
            "created_at",
            "started_at",
            "finished_at",
        ]


class RunFilters(SiteFilters):
    """Which runs."""

    function_name = filters.CharFilter()  # type: ignore[no-untyped-call]
    model = filters.CharFilter()  # type: ignore[no-untyped-call]
    requested_by = IdFilter()
    state = filters.ChoiceFilter(choices=RunState.choices)  # type: ignore[no-untyped-call]


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, AccountViewSet):
    """The account's runs, the newest first."""

    model = AITaskLog
    serializer_class = RunSerializer
    filterset_class = RunFilters
    search_fields = ["function_name", "message", "model", "state", "phase"]
    ordering_fields = [
        *("created_at", "started_at", "finished_at", "function_name", "state", "percentage"),
        *("cost", "tokens"),
    ]
    ordering = ["-created_at"]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[AITaskLog]:
        return super().get_queryset().prefetch_related("items")

    def pick(self, rows: QuerySet[Any]) -> AITaskLog:
        return run_of(self.account, self.kwargs["pk"])

    @extend_schema(
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: TaskIdSerializer, 402: ProblemsSerializer, 422: ProblemsSerializer},
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: UUID) -> Response:
        """A new run over the items that did not succeed."""
        count_action(self.account)
        run = tasks.retry(self.get_object(), user=self.user, **retried(request))
        return accepted(run.pk)


class ProgressView(AccountView):
    """What to poll while a run goes on."""

    @extend_schema(operation_id="system_task_progress", responses={200: ProgressSerializer})
    def get(self, request: Request, task_id: UUID) -> Response:
        """The run's progress."""
        return Response(progress_payload(run_of(self.account, task_id)))


class CancelView(AccountView):
    """Stopping a run."""

    @extend_schema(
        operation_id="system_task_progress_cancel",
        request=None,
        responses={200: ProgressSerializer},
    )
    def post(self, request: Request, task_id: UUID) -> Response:
        """What has not begun stops; what is in flight is finished, saved and charged."""
        return Response(progress_payload(tasks.cancel(run_of(self.account, task_id))))


class CatalogueView(RowsView, AccountView):
    """The models that are known."""

    search_fields = ["id", "provider", "status", "successor", "source"]
    filter_fields = ["provider", "modality", "status"]
    ordering_fields = [
        *("id", "provider", "modality", "status", "shutdown_date", "days_left", "context"),
        "max_output",
    ]

    @extend_schema(operation_id="ai_models_list", responses={200: ModelSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """The catalogue, retired models included, and which of the account's functions ask each."""
        users = users_of(assignments_of(self.account))
        models = [
            {**catalogue.shown(model), "used_by": users.get(model.id, [])}
            for model in catalogue.all_models()
        ]
        return self.paged(self.narrowed(models), ModelSerializer)


class FunctionsView(RowsView, AccountView):
    """The AI functions there are."""

    search_fields = ["name", "display_name", "description", "prompt_type"]
    filter_fields = ["name", "prompt_type"]
    ordering_fields = ["name", "display_name", "max_items", "prompt_type", "credits"]

    @extend_schema(operation_id="ai_functions_list", responses={200: FunctionSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """What is registered, and how it is called for the account."""
        errors = quote_errors(self.account)
        functions = [
            {**_described(name), **_called(one), "quote_error": errors.get(name)}
            for name, one in assignments_of(self.account).items()
        ]
        return self.paged(self.narrowed(functions), FunctionSerializer)


class RunFunctionView(AccountView):
    """Any registered function, by its name."""

    @extend_schema(parameters=[ClustererSerializer])
    @runs_function
    def post(self, request: Request, name: str) -> Response:
        """Run it; what is said of the clusterer concerns `auto_cluster` alone."""
        return start_run(request, registry.get_function_instance(name).get_name())


def run_of(account: Account, task_id: UUID) -> AITaskLog:
    """A run of the account; raises NotInAccount."""
    run = AITaskLog.objects.for_account(account).filter(pk=task_id).first()
    if run is None:
        raise NotInAccount
    return run


def _described(name: str) -> dict[str, Any]:
    function = registry.get_function_instance(name)
    metadata = function.get_metadata()
    return {
        "name": name,
        "display_name": metadata["display_name"],
        "description": metadata["description"],
        "phases": metadata["phases"],
        "max_items": function.get_max_items(),
        "prompt_type": function.prompt_name,
        "credits": price_of(function),
    }


def _called(assignment: Assignment) -> dict[str, str | None]:
    return {
        "provider": assignment.provider,
        "model": assignment.model,
        "notice": assignment.notice or None,
    }
