"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from igny8_core.api import exceptions, health, media

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/api/docs/")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path(
        "api/v1/schema/",
        SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="schema",
    ),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(authentication_classes=[], permission_classes=[]),
    ),
    path("api/v1/", include("igny8_core.api.urls")),
    path("v1/", include("igny8_core.api.urls")),
    path("media/<path:path>", media.MediaView.as_view()),
]

handler400 = exceptions.bad_request
handler403 = exceptions.forbidden
handler404 = exceptions.not_found
handler500 = exceptions.server_error
