"""The routes of version 1. Each room registers its own on the router of its module."""

from django.urls import URLPattern, URLResolver, include, path

from igny8_core.api import planner, writer

urlpatterns: list[URLPattern | URLResolver] = [
    path("planner/", include(planner.router.urls)),
    path("writer/", include(writer.router.urls)),
]
