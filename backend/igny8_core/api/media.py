"""Pictures over HTTP."""

from rest_framework.request import Request


def signed_url(request: Request, path: str) -> str:
    """The address of a stored file."""
    return request.build_absolute_uri(f"/media/{path}")
