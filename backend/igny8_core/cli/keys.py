"""`igny8 keys`: change the key that accounts' API keys are encrypted with."""

import argparse

import django

from igny8_core.core.crypto import new_key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`new` and `rotate`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("new", help="print a key to put first in IGNY8_ENCRYPTION_KEYS")
    actions.add_parser("rotate", help="encrypt what is stored with the first key; exit 1 on a loss")


def run(options: argparse.Namespace) -> int:
    """Carry out the action."""
    if options.action == "new":
        print(new_key())
        return 0
    django.setup()
    return _rotate()


def _rotate() -> int:
    from igny8_core.system.keys import rotate

    done = rotate()
    print(f"{done.sealed_anew} API key(s) encrypted anew, {done.current} as they were.")
    for name in done.lost:
        print(f"{name}: cannot be read; bring back the key it was sealed with, or enter it again")
    if not done.lost:
        print("Only the first of IGNY8_ENCRYPTION_KEYS is needed from now on.")
    return int(bool(done.lost))
