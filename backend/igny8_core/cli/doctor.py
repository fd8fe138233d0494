"""`igny8 doctor`: looks at everything the app stands on and says what there is to do."""

import argparse

import django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(options: argparse.Namespace) -> int:
    """Print every finding; 1 where something must be done."""
    django.setup()
    from igny8_core.cli.findings import findings

    cures = 0
    for finding in findings():
        print(f"{finding.mark}  {finding.about:<12} {finding.state}", flush=True)
        if finding.cure:
            cures += 1
            print(f"{'':17}{finding.cure}")
    print(f"\n{cures} to be done, see above." if cures else "\nAll is well.")
    return int(bool(cures))
