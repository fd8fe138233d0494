"""The room `system`: what an account has set."""

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """What an account has set."""

    name = "igny8_core.system"
    label = "system"
    default_auto_field = "django.db.models.BigAutoField"
