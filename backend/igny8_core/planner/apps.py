"""The room `planner`: keywords, clusters, ideas."""

from django.apps import AppConfig


class PlannerConfig(AppConfig):
    """Keywords, clusters, ideas."""

    name = "igny8_core.planner"
    label = "planner"
    default_auto_field = "django.db.models.BigAutoField"
