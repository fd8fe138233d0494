"""Tables to take away: CSV as it is read, or a workbook."""

from typing import TypeAlias

from django.http import FileResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from igny8_core.core.spreadsheet import csv_lines, xlsx_file
from igny8_core.planner.export import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORT = OpenApiParameter("format", str, enum=["csv", "xlsx"], description="`csv` by default.")

ExportResponse: TypeAlias = StreamingHttpResponse | FileResponse


def as_download(request: Request, name: str, table: Table) -> ExportResponse:
    """The table as a file of this name, in the format asked for."""
    wanted = request.query_params.get("format", "csv")
    if wanted == "xlsx":
        file = xlsx_file(*table)
        return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    if wanted != "csv":
        raise ValidationError({"format": "Say csv or xlsx."}, code="invalid_choice")
    return StreamingHttpResponse(
        csv_lines(*table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
