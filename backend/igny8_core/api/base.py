"""What every view of the API stands on.

A collection is an `AccountViewSet` with `model`, `serializer_class` and, where it has them,
`filterset_class`, `search_fields`, `ordering_fields`. Writes go to services, through four hooks:

    class ClusterViewSet(TrashViewSet):
        model = Cluster
        serializer_class = ClusterSerializer      # an AccountModelSerializer
        filterset_class = ClusterFilters          # a SiteFilters
        search_fields = ["name"]

        def create_object(self, values): return services.create_cluster(self.account, **values)
        def change_object(self, cluster, values): return services.change_cluster(cluster, **values)
        def delete_object(self, cluster): services.trash_cluster(cluster)
        def restore_object(self, cluster): return services.restore_cluster(cluster)

`roles = {"create": Role.ADMIN, "GET": Role.EDITOR}` (by action, else by method) says who may,
where it is not "viewers read, editors write".
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import F, Model, OrderBy, QuerySet
from django_filters.rest_framework.backends import DjangoFilterBackend
from django_filters.rest_framework.filterset import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import filters, mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from igny8_core.api.fields import IdFilter, as_id
from igny8_core.core.errors import NotInAccount
from igny8_core.core.models import Account, Membership, Role, User
from igny8_core.core.tenancy import AccountModel, TrashManager

Values = dict[str, Any]
MAX_SEARCH_TERMS = 20
FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}


class BodyMixin(APIView):
    """Reads the body through a serializer."""

    def read(self, serializer_class: type[BaseSerializer[Any]]) -> Values:
        """The body as this serializer reads it; raises ValidationError."""
        context = {"request": self.request, "view": self}
        serializer = serializer_class(data=self.request.data, context=context)
        serializer.is_valid(raise_exception=True)
        return cast("Values", serializer.validated_data)


class CallerMixin(BodyMixin):
    """Who is calling, by name; only where `HasRole` has let somebody through."""

    @property
    def membership(self) -> Membership:
        """The caller's place in the account they work in."""
        return cast("Membership", self.request.auth)

    @property
    def account(self) -> Account:
        """The account that everything of this request belongs to."""
        return self.membership.account

    @property
    def user(self) -> User:
        """The person."""
        return self.membership.user


class AccountView(CallerMixin):
    """A single view of the caller's account; `roles` as in `AccountViewSet`."""

    roles: ClassVar[Mapping[str, Role]] = {}


class PublicView(BodyMixin):
    """A view that needs no sign-in, so that a stale token is no hindrance."""

    authentication_classes = ()
    permission_classes = ()


class Ordering(filters.OrderingFilter):
    """`?ordering=`, made total by the id, so that pages never overlap."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        """Ordered as asked, else by id; what has no value comes below all that have one."""
        ordering = self.get_ordering(request, queryset, view) or []
        return queryset.order_by(*(_ordered(queryset.model, term) for term in ordering), "id")


def _ordered(model: type[Model], term: str) -> OrderBy | str:
    """The term, saying where nulls are; by themselves the databases differ in that."""
    name = term.removeprefix("-")
    fields = {field.name: field for field in model._meta.fields}
    if name in fields and not fields[name].null:
        return term
    column = F(name)
    return column.asc(nulls_first=True) if name == term else column.desc(nulls_last=True)


class Search(filters.SearchFilter):
    """`?search=`, bounded: every word is a condition, and SQLite takes no thousand of them."""

    def get_search_terms(self, request: Request) -> list[str]:
        """The words; a 400 for more than anybody types."""
        terms: list[str] = super().get_search_terms(request)
        if len(terms) > MAX_SEARCH_TERMS:
            raise ValidationError(
                {"search": f"Search for {MAX_SEARCH_TERMS} words at most."}, code="max_length"
            )
        return terms


class SiteFilters(FilterSet):
    """The filters of everything that belongs to a site; extend it by declared filters."""

    site = IdFilter()


class AccountViewSet(CallerMixin, viewsets.GenericViewSet[Any]):
    """The caller's rows of one model, and nothing else; list and retrieve are there to mix in."""

    model: ClassVar[type[AccountModel]]
    roles: ClassVar[Mapping[str, Role]] = {}
    ordering_fields: ClassVar[list[str]] = ["id", "created_at"]
    ordering: ClassVar[list[str]] = []
    filter_backends = (DjangoFilterBackend, Search, Ordering)

    def get_queryset(self) -> QuerySet[Any]:
        """The account's rows; extend it by select_related or annotations, never replace it."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.model.objects.for_account(self.account)

    def get_object(self) -> Any:
        """The row in the path; raises NotInAccount for another account's and for no id at all."""
        return self.pick(self.get_queryset())

    def pick(self, rows: QuerySet[Any]) -> Any:
        """Of these rows, the one whose id is in the path; raises NotInAccount."""
        found = rows.filter(pk=as_id(self.kwargs["pk"])).first()
        if found is None:
            raise NotInAccount
        return found


class CrudViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    AccountViewSet,
):
    """Create, list, retrieve, change by PATCH, delete."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def create_object(self, values: Values) -> Model:
        """Hook: the service that makes one."""
        raise NotImplementedError

    def change_object(self, instance: Any, values: Values) -> Model:
        """Hook: the service that changes one."""
        raise NotImplementedError

    def delete_object(self, instance: Any) -> None:
        """Hook: the service that deletes one, or puts it into the trash."""
        raise NotImplementedError

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        """DRF's hook, handed on with plain values."""
        serializer.instance = self.create_object(dict(serializer.validated_data))

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """DRF's hook, handed on with plain values."""
        serializer.instance = self.change_object(
            serializer.instance, dict(serializer.validated_data)
        )

    def perform_destroy(self, instance: Any) -> None:
        """DRF's hook, handed on."""
        self.delete_object(instance)


TRASHED = OpenApiParameter(
    "trashed", OpenApiTypes.BOOL, description="List the trash instead of the living."
)


class TrashViewSet(CrudViewSet):
    """A collection whose DELETE leads into the trash, and `restore/` back."""

    def restore_object(self, instance: Any) -> Model:
        """Hook: the service that brings one back; raises Conflict where its place is taken."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """The living; the trash for a list, or its export, that asks for it."""
        if self.action in {"list", "export"} and flag(self.request, "trashed"):
            return self.in_trash()
        return super().get_queryset()

    def in_trash(self) -> QuerySet[Any]:
        """What of this model lies in the account's trash."""
        return cast("TrashManager[Any]", self.model.objects).trashed(self.account)

    @extend_schema(parameters=[TRASHED])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page of the living, or of the trash."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def restore(self, request: Request, pk: str) -> Response:
        """Bring back from the trash."""
        restored = self.restore_object(self.pick(self.in_trash()))
        return Response(
            self.get_serializer(self.pick(self.get_queryset().filter(pk=restored.pk))).data
        )


def flag(request: Request, name: str) -> bool:
    """A query parameter that is true or false; a 400 for anything else, never a guess."""
    value = request.query_params.get(name, "").lower()
    if value not in FLAGS:
        raise ValidationError({name: serializers.ErrorDetail("Say true or false.", "invalid")})
    return FLAGS[value]
