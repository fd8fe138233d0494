"""Lists come in pages: `count`, `next`, `previous`, `results`."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView


class Leafing(Paginator):  # type: ignore[type-arg] # only its stub is generic
    """Pages of long tables.

    The ids of a page are found first: an index answers that, where whole rows would have to be
    read and sorted for all of the list. A first page that is not full tells the count by itself,
    and what lies in the second half is found from the end.
    """

    def page(self, number: int | str) -> Page[Any]:
        """The page; raises InvalidPage for one that is not there."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return super().page(number)
        if str(number) == "1":
            return self._first(rows)
        valid = self.validate_number(number)
        first = (valid - 1) * self.per_page
        last = min(first + self.per_page, self.count)
        return Page(_window(rows, first, last, of=self.count), valid, self)

    def _first(self, rows: QuerySet[Any]) -> Page[Any]:
        found = list(_window(rows, 0, self.per_page))
        if len(found) < self.per_page:
            self.count = len(found)
        return Page(found, 1, self)


def _window(rows: QuerySet[Any], first: int, last: int, of: int = 0) -> QuerySet[Any]:
    """Those from first up to last, in the order of the rows; `of`: how many there are, if known."""
    ids = rows.values("pk")
    near_end = of and first > of // 2
    window = ids.reverse()[of - last : of - first] if near_end else ids[first:last]
    # The conditions have chosen the ids; said again, SQLite would search by them once more.
    unconditional = rows.all()
    unconditional.query.clear_where()
    return unconditional.filter(pk__in=window)


class Pages(PageNumberPagination):
    """50 rows a page; `page_size` asks for up to 500."""

    django_paginator_class = Leafing
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"


class PagedView(APIView):
    """A list that is no collection of one model, in the same pages."""

    pagination_class = Pages

    def paged(
        self,
        rows: Sequence[Any] | QuerySet[Any],
        serializer_class: type[BaseSerializer[Any]],
    ) -> Response:
        """The page that is asked for."""
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(serializer_class(page, many=True).data)
