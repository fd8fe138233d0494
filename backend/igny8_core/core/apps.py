"""The room `core`: who."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Accounts, people, tokens, sites."""

    name = "igny8_core.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
