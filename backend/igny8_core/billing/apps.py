"""The room `billing`: credits and what they were used for."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Credits and what they were used for."""

    name = "igny8_core.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"
