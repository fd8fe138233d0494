"""`igny8 serve`: the app in one process, ready on an empty folder: what `make run` starts.

Waitress answers in this process, and where no broker is set the worker works beside it.
"""

import argparse
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import django

from igny8_core.cli.standin import StandIn, played
from igny8_core.cli.stopping import GRACE, stop_on_signals
from igny8_core.core.errors import Unavailable

THREADS = 12
CONNECTIONS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything is said by the environment: README lists the variables."""


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    stop_on_signals()
    try:
        with StandIn():
            django.setup()
            _serve()
    except KeyboardInterrupt:
        pass
    return 0


def _serve() -> None:
    from django.conf import settings
    from django.db import connection

    from igny8_core.cli.database import migrate, one_at_a_time
    from igny8_core.cli.demo import demo

    with _claimed(settings.HOST, settings.PORT) as listener:
        with one_at_a_time():
            migrate()
            password = demo().password
        connection.close()
        with _worker():
            print(_greeting(password), flush=True)
            _answer(listener)
    print("Stopped.", flush=True)


@contextmanager
def _claimed(host: str, port: int) -> Iterator[socket.socket]:
    """The port, held from before the first lengthy step: whoever calls early waits in line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unavailable(
            f"cannot listen on {host} port {port}: {reason}. "
            "Stop what listens there, or set PORT and HOST."
        ) from error
    with listener:
        yield listener


@contextmanager
def _worker() -> Iterator[None]:
    from django.conf import settings

    if settings.CELERY_BROKER_URL:
        yield
        return
    from igny8_core.ai.worker import Worker
    from igny8_core.cli.housekeeping import empty_trash

    worker = Worker(chore=empty_trash)
    worker.start()
    try:
        yield
    finally:
        worker.stop(GRACE)


def _answer(listener: socket.socket) -> None:
    """Serve requests until interrupted; those at work then get waitress's five seconds."""
    from waitress.server import create_server

    from igny8_core.cli.refusals import Channel
    from igny8_core.wsgi import application

    server = create_server(  # type: ignore[no-untyped-call]
        application,
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
    )
    server.channel_class = Channel
    server.run()
    server.close()


def _greeting(password: str | None) -> str:
    from django.conf import settings

    from igny8_core.cli.demo import EMAIL

    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    address = f"http://{host}:{settings.PORT}"
    login = password or "(in demo.txt of the data folder that made it)"
    worker = "in this process"
    if settings.CELERY_BROKER_URL:
        worker = "none here, for CELERY_BROKER_URL is set: start `igny8 worker`"
    stand_in = ""
    if names := played():
        keys = " and ".join(f"{name.upper()}_API_KEY" for name in names)
        stand_in = f"\n  Sandbox     plays {' and '.join(names)}; set {keys} for the real thing"
    return f"""
IGNY8 is up on {address}

  API docs    {address}/api/docs/
  Demo login  {EMAIL}  {login}
  Worker      {worker}
  Data        {settings.DATA_DIR}{stand_in}
"""
