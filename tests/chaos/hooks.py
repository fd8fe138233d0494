"""What a chaos worker does beside its work, or has to do without."""

import json
import logging
import os
import platform
import resource
import signal
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings

POISON = "PoisonousSubject"


def install() -> None:
    """Install what the environment asks for."""
    for name, value in json.loads(os.environ.get("CHAOS_SETTINGS", "{}")).items():
        setattr(settings, name, value)
    if os.environ.get("FAKETIME_TIMESTAMP_FILE"):
        # libfaketime 0.9 cannot sleep until a moment of the monotonic clock, as Python 3.11 does.
        time.sleep = lambda seconds: threading.Event().wait(seconds)
    if host := os.environ.get("CHAOS_HOST"):
        platform.node = lambda: host
    if sink := os.environ.get("CHAOS_LOG"):
        _log_everything_to(sink)
    for name, value in json.loads(os.environ.get("CHAOS_LIMITS", "{}")).items():
        resource.setrlimit(getattr(resource, name), (value, value))
    if os.environ.get("CHAOS_POISON"):
        _die_of_poison()
    if switch := os.environ.get("CHAOS_FULL"):
        fill_up_while(Path(switch))


def _log_everything_to(sink: str) -> None:
    os.dup2(os.open(sink, os.O_WRONLY), 2)
    logging.getLogger().setLevel(logging.DEBUG)


def _die_of_poison() -> None:
    from igny8_core.ai.functions.generate_content import GenerateContentFunction

    parse = GenerateContentFunction.parse_response

    def poisoned(self: Any, response: str, step_tracker: Any = None) -> Any:
        if POISON in response:
            os.kill(os.getpid(), signal.SIGKILL)
        return parse(self, response, step_tracker)

    GenerateContentFunction.parse_response = poisoned


def fill_up_while(switch: Path) -> None:
    """SQLite has no page more than now while the switch is there (PRAGMA max_page_count)."""
    from django.db.backends.signals import connection_created

    def watch(connection: Any, **kwargs: Any) -> None:
        was_full = False

        def before_each(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal was_full
            if (is_full := switch.exists()) != was_full:
                most = 1 if is_full else 2**30
                connection.connection.execute(f"PRAGMA max_page_count = {most}").close()
                was_full = is_full
            return execute(sql, params, many, context)

        connection.execute_wrappers.append(before_each)

    connection_created.connect(watch, weak=False)
