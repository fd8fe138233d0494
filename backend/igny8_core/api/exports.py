"""Tables to take away: CSV as it is read, or a workbook."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from igny8_core.api.base import TRASHED, TrashViewSet
from igny8_core.core.spreadsheet import Table, csv_lines
from igny8_core.core.workbook import xlsx_pieces

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMAT = OpenApiParameter("format", str, enum=["csv", "xlsx"], description="`csv` by default.")


class ExportViewSet(TrashViewSet):
    """A collection with `export/`: what its list shows, all pages of it."""

    #: The plural that names the file.
    exported_as: ClassVar[str]

    def table_of(self, rows: QuerySet[Any]) -> Table:
        """Hook: the service that lays the rows out."""
        raise NotImplementedError

    @extend_schema(parameters=[FORMAT, TRASHED], responses={(200, "text/csv"): str})
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """What the list would show, in its order, as CSV or XLSX."""
        rows = self.filter_queryset(self.get_queryset())
        return _as_download(request, self.exported_as, self.table_of(rows))


def _as_download(request: Request, name: str, table: Table) -> StreamingHttpResponse:
    """The table as a file of this name and day, in the format asked for, sent while it is read."""
    wanted = request.query_params.get("format", "csv")
    if wanted not in ("csv", "xlsx"):
        raise ValidationError({"format": "Say csv or xlsx."}, code="invalid_choice")
    pieces, kind = (csv_lines(*table), CSV) if wanted == "csv" else (xlsx_pieces(*table), XLSX)
    name = f"{name}-{timezone.now():%Y-%m-%d}.{wanted}"
    return StreamingHttpResponse(
        pieces,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
