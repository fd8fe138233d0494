"""Lists come in pages: `count`, `next`, `previous`, `results`."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView


class Pages(PageNumberPagination):
    """50 rows a page; `page_size` asks for up to 500."""

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
