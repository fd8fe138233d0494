"""The installation's own secrets: made once, kept in the data folder, never in the tree.

Imported by the settings, so nothing here may touch Django.
"""

import base64
import os
import secrets
from pathlib import Path


def secrets_of(data_dir: Path) -> dict[str, str]:
    """The secrets of this data folder, made on first use: SECRET_KEY, IGNY8_ENCRYPTION_KEYS."""
    path = data_dir / "secrets.env"
    if not path.exists():
        _make(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _make(path: Path) -> None:
    """Write beside it, then link: two processes that start at once agree on one file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".secrets.{os.getpid()}.{secrets.token_hex(4)}")
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    text = f"SECRET_KEY={secrets.token_urlsafe(48)}\nIGNY8_ENCRYPTION_KEYS={key}\n"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
