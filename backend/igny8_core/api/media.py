"""Pictures: each has an address signed for it alone; else only its account may see it."""

import re
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, TimestampSigner
from django.http import FileResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from igny8_core.api.base import BodyMixin
from igny8_core.core.errors import NotInAccount
from igny8_core.core.models import Membership

CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
#: The only form of a stored picture's path; `..` cannot be written in it.
_PATH = re.compile(r"pictures/([0-9]+)/(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.(webp|jpg|png)")
_signer = TimestampSigner(salt="igny8.media")


def signed_url(request: Request, path: str) -> str:
    """The address of a stored file, good for whoever has it, for 24 hours by default."""
    signature = _signer.sign(path).removeprefix(f"{path}:")
    return request.build_absolute_uri(f"{settings.MEDIA_URL}{quote(path)}?sig={signature}")


class MediaView(BodyMixin):
    """A stored picture, for a valid signature or for a member of its account."""

    permission_classes = ()

    def perform_authentication(self, request: Request) -> None:
        """Left until it is needed: a stale token is no hindrance to a signed address."""

    @extend_schema(exclude=True)
    def get(self, request: Request, path: str) -> FileResponse:
        """The file; raises NotInAccount for everybody it is not meant for."""
        form = _PATH.fullmatch(path)
        if form is None or not (_is_signed(request, path) or _owns(request, form[1])):
            raise NotInAccount
        response = FileResponse(
            _opened(path), content_type=CONTENT_TYPES[form[2]], as_attachment=False
        )
        response["Cache-Control"] = "private, max-age=3600"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


def _opened(path: str) -> "File[bytes]":
    try:
        return default_storage.open(path)
    except FileNotFoundError:
        raise NotInAccount from None


def _is_signed(request: Request, path: str) -> bool:
    signature = request.query_params.get("sig", "")
    try:
        signed = _signer.unsign(f"{path}:{signature}", max_age=settings.IGNY8_SIGNED_URL_SECONDS)
    except BadSignature:
        return False
    return signed == path


def _owns(request: Request, account_id: str) -> bool:
    caller = request.auth
    return isinstance(caller, Membership) and str(caller.account_id) == account_id
