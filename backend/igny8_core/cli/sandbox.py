"""`igny8 sandbox`: the stand-in provider, alone, or as the child of a command that needs it."""

import argparse
import signal
import sys

from igny8_core.core.errors import InvalidPayload, Unavailable
from igny8_core.sandbox import Sandbox, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--child` is for our own commands: the stand-in ends when the pipe on its stdin does."""
    parser.add_argument("--port", type=int, default=8001, help="default 8001; 0: any free one")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="RULE",
        help='what goes wrong, such as "429 first=3 retry_after=2"; may be given several times',
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Answer until interrupted, or until the parent is gone."""
    try:
        if options.child:
            _serve_parent(options.port)
        else:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            serve(options.port, options.fault)
    except ValueError as error:
        raise InvalidPayload(f"--fault: {error}") from error
    except (OSError, OverflowError) as error:
        raise Unavailable(f"Port {options.port} cannot be used: {error}") from error
    return 0


def _serve_parent(port: int) -> None:
    """A signal to the whole group is the parent's to answer: its calls are finished first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Sandbox(port) as sandbox:
        print(sandbox.url, flush=True)
        sys.stdin.buffer.read()
