"""`python -m benchmarks [NAME ...]`: run all benchmarks or those named; one table.

Ends with 1 where a figure is above its limit or could not be taken.
"""

import argparse
import importlib
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from os import cpu_count, getloadavg

from benchmarks.figures import show

NAMES = ("cpu_per_item", "aicore", "batch", "progress", "durability", "pictures", "lists", "intake")
#: Takes minutes, and data that is not ours: `make bench-clustering`.
ON_REQUEST = ("clustering",)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES + ON_REQUEST)}"
    )
    names = parser.parse_args(arguments).names or NAMES
    if unknown := set(names) - {*NAMES, *ON_REQUEST}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {cpu_count()} cores, ", end="")
    print(f"load {getloadavg()[0]:.1f}, Python {platform.python_version()}", flush=True)
    return max(map(_run, names))


def _run(name: str) -> int:
    """1 where one of the benchmark's figures fails."""
    print(f"\n{name}", flush=True)
    status = 0
    for figure in importlib.import_module(f"benchmarks.{name}").figures():
        show(figure)
        status |= figure.fails
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
