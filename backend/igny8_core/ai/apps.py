"""The room `ai`: runs of AI functions."""

from django.apps import AppConfig


class AIConfig(AppConfig):
    """Runs of AI functions."""

    name = "igny8_core.ai"
    label = "ai"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Read the catalogue: a file of the operator's that is wrong ends the start, not a run."""
        from igny8_core.ai import catalogue

        catalogue.all_models()
