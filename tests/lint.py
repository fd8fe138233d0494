"""`make lint`: every check at once, silent unless one of them has something to say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    ("lint-imports",),
)


def main() -> int:
    """0 where all is well."""
    running = [(check, _start(check)) for check in CHECKS]
    failed = bool(found := addresses_in_locks())
    for place in found:
        print(f"{place}: a lock file names versions and hashes, never an address")
    for check, process in running:
        output, _ = process.communicate()
        if process.returncode:
            failed = True
            print(f"--- {' '.join(check)}\n{output}", end="", flush=True)
    return int(failed)


def addresses_in_locks() -> list[str]:
    """Where the requirement files name a place to fetch from: the machine's own business."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "requirements").iterdir())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "://" in line or line.startswith(("--index", "--extra-index", "--find-links"))
    ]


def _start(check: tuple[str, ...]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(BIN / check[0]), *check[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
