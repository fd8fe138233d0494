"""What holds for every answer of the API, whichever layer gave it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

API_PATHS = ("/api/", "/v1/")


class NeverCached:
    """Answers belong to one account: no cache between us may keep them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(API_PATHS):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
