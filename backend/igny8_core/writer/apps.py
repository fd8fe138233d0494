"""The room `writer`: tasks, articles, pictures."""

from django.apps import AppConfig


class WriterConfig(AppConfig):
    """Tasks, articles, pictures."""

    name = "igny8_core.writer"
    label = "writer"
    default_auto_field = "django.db.models.BigAutoField"
