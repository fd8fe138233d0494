"""Files in the body of a request."""

from django.conf import settings
from rest_framework.request import Request

from igny8_core.core.errors import TooLarge

# What a form may hold beside its file.
_FORM = 64 * 1024


def refuse_large(request: Request) -> None:
    """Before the body is read: whatever its size, it would be written to the disk first."""
    size, most = request.META.get("CONTENT_LENGTH") or "0", settings.IGNY8_IMPORT_MAX_BYTES
    if size.isdigit() and int(size) > most + _FORM:
        raise TooLarge(f"A file may have {most / 2**20:g} MB at most.", attr="file")
