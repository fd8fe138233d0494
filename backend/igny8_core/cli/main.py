"""`igny8`: the terminal door. Each command lives in a module of its own, imported when asked for.

What a user can mend is said in one line on stderr; a traceback is a bug of ours.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from igny8_core.core.errors import IgnyError

COMMANDS = {
    "serve": "the app with its worker, as `make run` starts it",
    "pipeline": "the whole job on a keyword file: articles, pictures and a report",
    "worker": "a Celery worker for CELERY_BROKER_URL",
    "sandbox": "the stand-in provider on its own",
    "doctor": "check settings, database, broker, keys, prices and models; say what to do",
    "models": "what the catalogue knows, and what providers tell of their models' ends",
    "keys": "change the key that stored API keys are encrypted with",
    "credits": "grant credits, or prove the ledger",
}


class Command(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name what may follow the command."""

    def run(self, options: argparse.Namespace) -> int:
        """Carry it out; the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igny8_core.settings")
    command, options = _read(list(sys.argv[1:] if arguments is None else arguments))
    try:
        return command.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; a second complaint at exit would be ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        line, status = _explanation(error)
        if not line:
            raise
        print(f"igny8: {line}", file=sys.stderr)
        return status


def _read(words: list[str]) -> tuple[Command, argparse.Namespace]:
    parser = argparse.ArgumentParser(
        prog="igny8", description="From a keyword export to finished articles with pictures."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    # Only the command that was asked for is imported; the others are names in the help.
    asked = next((word for word in words if not word.startswith("-")), "")
    for name, summary in COMMANDS.items():
        added = commands.add_parser(name, help=summary, description=_sentence(summary))
        if name == asked:
            command = cast(Command, importlib.import_module(f"igny8_core.cli.{name}"))
            command.add_arguments(added)
    options = parser.parse_args(words)
    return command, options


def _explanation(error: Exception) -> tuple[str, int]:
    """The line for what a user can mend and the exit status; no line for anything else."""
    # Late: a command that needs no Django does not wait for it.
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    if isinstance(error, IgnyError):
        return error.detail, 1
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}", 1
    if isinstance(error, ImproperlyConfigured):
        return f"settings: {error}", 2
    if isinstance(error, OperationalError):
        line = str(error).strip().partition("\n")[0]
        return f"the database: {line} (`igny8 doctor` may say more)", 1
    return "", 1


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


if __name__ == "__main__":
    sys.exit(main())
