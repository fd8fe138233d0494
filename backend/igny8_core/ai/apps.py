"""The room `ai`: runs of AI functions."""

from django.apps import AppConfig


class AIConfig(AppConfig):
    """Runs of AI functions."""

    name = "igny8_core.ai"
    label = "ai"
    default_auto_field = "django.db.models.BigAutoField"
