"""The rule that the framework is blind covers the whole framework."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "backend" / "igny8_core" / "ai"


def test_every_module_of_the_framework_is_held_to_its_blindness():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (blind,) = [one for one in contracts["contracts"] if one["name"].startswith("The framework")]
    files = {path.stem for path in ROOM.glob("*.py")} - {"__init__", "apps"}
    folders = {path.parent.name for path in ROOM.glob("*/__init__.py")} - {"functions"}
    assert set(blind["source_modules"]) == {f"igny8_core.ai.{one}" for one in files | folders}
