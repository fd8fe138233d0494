"""Celery: carries hints between processes. Runs, progress and results live in the database."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igny8_core.settings")

_SOCKET_SECONDS = 0.5

app: Any = Celery("igny8")  # type: ignore[no-untyped-call]
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=False,
    task_publish_retry=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_prefetch_multiplier=1,
    # Its queue bears the host's name: RabbitMQ lets no second worker of a host have it.
    worker_enable_remote_control=False,
    broker_connection_timeout=_SOCKET_SECONDS,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "socket_timeout": _SOCKET_SECONDS,
        "socket_connect_timeout": _SOCKET_SECONDS,
        "max_retries": 0,
    },
)
app.autodiscover_tasks(["igny8_core.ai"])
