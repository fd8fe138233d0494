"""Lists that no table holds, in pages, searched, filtered and ordered as those of tables are.

A view names `search_fields`, `filter_fields` and `ordering_fields`, and passes its rows through
`narrowed`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from igny8_core.api.base import Ordering, Search
from igny8_core.api.pagination import PagedView

Row: TypeAlias = Mapping[str, Any]


class RowSearch(Search):
    """`?search=`: every word stands in one of the fields."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        """The rows that hold every word."""
        words = [word.casefold() for word in self.get_search_terms(request)]
        fields = self.get_search_fields(view, request) or []
        return [row for row in queryset if all(_holds(row, fields, word) for word in words)]


class RowFilters(BaseFilterBackend):
    """`?provider=openai`: the field is this."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        """The rows whose fields are what the query says."""
        asked = {
            name: request.query_params[name]
            for name in _filter_fields(view)
            if request.query_params.get(name)
        }
        return [
            row for row in queryset if all(str(row[name]) == text for name, text in asked.items())
        ]

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """What the OpenAPI description says of the filters."""
        return [
            {"name": name, "required": False, "in": "query", "schema": {"type": "string"}}
            for name in _filter_fields(view)
        ]


class RowOrdering(Ordering):
    """`?ordering=`: rows that compare equal stay in the order they are in."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        """The rows as asked; those without a value last, or first if turned round."""
        rows = list(queryset)
        for term in reversed(self.get_ordering(request, queryset, view) or []):
            name = term.removeprefix("-")
            rows.sort(key=lambda row: _rank(row[name]), reverse=term != name)
        return rows


class RowsView(PagedView):
    """A view of such a list."""

    filter_backends: ClassVar[Sequence[type[BaseFilterBackend]]] = (
        RowFilters,
        RowSearch,
        RowOrdering,
    )
    search_fields: ClassVar[list[str]] = []
    filter_fields: ClassVar[list[str]] = []
    ordering_fields: ClassVar[list[str]] = []

    def narrowed(self, rows: Any) -> list[Row]:
        """The rows that the query asks for, in its order."""
        for backend in self.filter_backends:
            rows = backend().filter_queryset(self.request, rows, self)
        return list(rows)


def _filter_fields(view: APIView) -> list[str]:
    return list(getattr(view, "filter_fields", ()))


def _holds(row: Row, fields: Sequence[str], word: str) -> bool:
    values = [row[field] for field in fields]
    return any(word in str(value).casefold() for value in values if value is not None)


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is None, "" if value is None else value)
