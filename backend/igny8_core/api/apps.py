"""The room `api`: the REST door."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Views, serializers and routes; no models."""

    name = "igny8_core.api"
    label = "api"
