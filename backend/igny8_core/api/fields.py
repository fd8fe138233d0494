"""Ids that come from outside: only the caller's own living objects exist."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet
from django_filters.filters import Filter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from igny8_core.core.models import Account, Membership, User
from igny8_core.core.tenancy import AccountModel
from igny8_core.core.texts import is_blank

MAX_ID = 2**63 - 1


def as_id(value: Any) -> int | None:
    """The id that a path, a filter or a field carries; None where it cannot be one."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= MAX_ID else None


class IdField(serializers.IntegerField):
    """An id in a body that is looked up later, by a service."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_ID, **kwargs})


class AccountRelatedField(serializers.PrimaryKeyRelatedField[Any]):
    """A related object of the caller's account; another account's answers like an unknown one."""

    def __init__(self, *, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        if not kwargs.get("read_only"):
            # Read by the schema only; the empty one, so that a slip lets nothing through.
            kwargs["queryset"] = model._default_manager.none()
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """The rows there are for this caller."""
        account = caller_of(self.context).account
        if issubclass(self.model, AccountModel):
            return self.model.objects.for_account(account)
        if self.model is User:
            return members_of(account)
        raise TypeError(f"{self.model.__name__} belongs to no account.")

    def to_internal_value(self, data: Any) -> Any:
        """The object; a 400 for what is no id (2.0 and true are none)."""
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if isinstance(data, str) and as_id(data) is None and not data.lstrip("-").isdigit():
            self.fail("incorrect_type", data_type="str")
        found = self.get_queryset().filter(pk=as_id(data)).first()
        if found is None:
            self.fail("does_not_exist", pk_value=data)
        return found


def _something_to_see(text: str) -> None:
    if is_blank(text):
        raise serializers.ValidationError("This field may not be blank.", code="blank")


class AccountModelSerializer(serializers.ModelSerializer[Any]):
    """A ModelSerializer whose related fields are the caller's own and whose rules are services'.

    DRF would look up relations and uniqueness through `_default_manager`, across all accounts.
    """

    def build_relational_field(
        self, field_name: str, relation_info: Any
    ) -> tuple[type[serializers.Field[Any, Any, Any, Any]], dict[str, Any]]:
        """Every relation scoped to the caller's account."""
        _, kwargs = super().build_relational_field(field_name, relation_info)
        kwargs.pop("queryset", None)
        return AccountRelatedField, {**kwargs, "model": relation_info.related_model}

    def build_standard_field(
        self, field_name: str, model_field: Any
    ) -> tuple[type[serializers.Field[Any, Any, Any, Any]], dict[str, Any]]:
        """A text that may not be blank has something in it that a person would see."""
        kind, kwargs = super().build_standard_field(field_name, model_field)
        if issubclass(kind, serializers.CharField) and not model_field.blank:
            kwargs["validators"] = [*kwargs.get("validators", []), _something_to_see]
        return kind, kwargs

    def get_validators(self) -> list[Any]:
        """None of DRF's: uniqueness is checked by services and held by the database."""
        return []


class _KeyFilter(Filter):
    """Rows whose `field_name` refers to this one; what cannot be its key matches nothing."""

    field_class: type[forms.Field] = forms.CharField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """All where no value is given, none where it cannot be a key."""
        if value in ("", None):
            return queryset
        key = self.key_of(value)
        if key is None:
            return queryset.none()
        return queryset.filter(**{self.field_name: key})

    def key_of(self, text: str) -> int | UUID | None:
        """The key that a query's text means, if any."""
        raise NotImplementedError


@extend_schema_field(OpenApiTypes.INT)
class IdFilter(_KeyFilter):
    """Rows whose `field_name` is this id; what is no id of the account's matches nothing."""

    def key_of(self, text: str) -> int | None:
        """A number above 0."""
        return as_id(text)


@extend_schema_field(OpenApiTypes.UUID)
class TaskIdFilter(_KeyFilter):
    """Rows of one run; what is no run's id matches nothing."""

    def key_of(self, text: str) -> UUID | None:
        """A run's id."""
        try:
            return UUID(text)
        except ValueError:
            return None


def caller_of(context: Mapping[str, Any]) -> Membership:
    """The membership behind the request a serializer works for."""
    return cast("Membership", context["request"].auth)


def members_of(account: Account) -> QuerySet[User]:
    """The people of an account."""
    members = Membership.objects.for_account(account).values("user_id")
    return User.objects.filter(pk__in=members)
