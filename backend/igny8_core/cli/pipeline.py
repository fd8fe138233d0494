"""`igny8 pipeline`: the whole job on a keyword file, with progress bars, into a folder.

It goes through the same services and the same engine as the API, so that it works beside a
running app, and a second call takes up what a first one left. Runs of other accounts wait for
the app.
"""

import argparse
import os
import sys
from pathlib import Path

import django

from igny8_core.cli.standin import StandIn
from igny8_core.cli.stopping import GRACE, stop_on_signals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and what is to be done with it."""
    parser.add_argument("file", type=Path, metavar="FILE", help="keywords: CSV or TSV")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="default: out")
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="only the file's first N keywords"
    )
    parser.add_argument("--site", metavar="NAME", help="the site, made where there is none")
    parser.add_argument(
        "--account", metavar="ACCOUNT", help="its id, name or owner's e-mail; default: demo"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="read the file, say what would be done, stop"
    )


def run(options: argparse.Namespace) -> int:
    """Do the job; 1 where a part of it failed, 130 where it was interrupted."""
    data = options.file.read_bytes()
    os.environ.setdefault("IGNY8_LOG_LEVEL", "ERROR")
    stop_on_signals()
    try:
        with StandIn():
            django.setup()
            return _run(options, data)
    except KeyboardInterrupt:
        print("Interrupted; the same command takes up what is left.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, data: bytes) -> int:
    from igny8_core.ai.worker import Worker
    from igny8_core.cli import job
    from igny8_core.cli.database import migrate, one_at_a_time
    from igny8_core.cli.output import OutputFolder

    with one_at_a_time():
        migrate()
        client = job.client_named(options.account)
    order = job.Order(data, options.file.name, options.limit, options.site)
    if options.dry_run:
        from igny8_core.cli.forecast import forecast

        print(forecast(order, client))
        return 0
    folder = OutputFolder(options.out)
    # In a shell other providers may answer than in the app: customers' runs are not ours.
    worker = Worker(account=client.account)
    worker.start()
    try:
        report = job.carry_out(order, client, folder)
    finally:
        worker.stop(GRACE)
    print(report.summary())
    print(f"{folder.path / 'index.html'}")
    return int(not report.is_whole)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
