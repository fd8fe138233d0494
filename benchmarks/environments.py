"""Environments for what we are measured beside: made on first use, never part of the product.

Their versions are in `pins/`; one environment for each state of a file of pins, kept in the user's
cache folder. Where packages come from is the machine's own business.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parent / "pins"


class NotToBeHad(Exception):
    """The packages could not be installed; the message says why in one line."""


def python_with(name: str) -> str:
    """The interpreter of the environment that holds a library; raises NotToBeHad."""
    pins = PINS / f"{name}.txt"
    place = _cache() / f"{name}-{_digest(pins)}"
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        print(f"  making an environment for {name} in {place} ...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(place))
        _run(*_installer(python), "-r", str(pins))
        (place / "complete").touch()
    return str(python)


def _installer(python: Path) -> list[str]:
    """uv where it is, for it takes seconds; else pip. Either compiles what it installs."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return [str(uv), "pip", "install", "-q", "--compile-bytecode", "--python", str(python)]
    return [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        raise NotToBeHad("the package index did not answer in ten minutes") from None
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        why = said[0] if said else f"status {error.returncode}"
        raise NotToBeHad(f"its packages could not be installed ({why})") from None


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "igny8-bench"


def _digest(pins: Path) -> str:
    made_of = f"{sys.version}\n{pins.read_text(encoding='ascii')}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]
