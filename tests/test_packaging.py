"""What is in the tree holds on every machine, and README says what the settings read."""

import re
from pathlib import Path

from igny8_core.cli.main import COMMANDS
from tests.lint import ROOT, addresses_in_locks

FOLDERS = (".ci", "backend", "benchmarks", "docs", "requirements", "tests")
# Spelled so that this file does not contain what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w./])/(?:" + "root|work|home" + r")/\w")


def test_lock_files_name_no_address():
    assert addresses_in_locks() == []


def test_no_file_names_a_path_of_somebodys_machine():
    found = [path for path in tracked() if MACHINE_PATHS.search(path.read_text(errors="replace"))]
    assert found == []


def test_readme_lists_exactly_the_variables_that_the_settings_read():
    settings = (ROOT / "backend" / "igny8_core" / "settings.py").read_text()
    read = set(re.findall(r"\benv\.\w+\(\s*\"([A-Z0-9_]+)\"", settings))
    assert set(table("variable")) == read


def test_readme_lists_exactly_the_commands_there_are():
    assert {name.split()[1] for name in table("command")} == set(COMMANDS)


def test_every_local_link_of_the_documents_leads_somewhere():
    documents = [path for path in tracked() if path.suffix == ".md"]
    dead = [
        f"{path.name}: {link}"
        for path in documents
        for link in re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", path.read_text())
        if not (path.parent / link.partition("#")[0]).exists()
    ]
    assert dead == []


def tracked() -> list[Path]:
    """The files of the tree; by their places, for a machine that runs the tests may have no git."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile", ROOT / ".gitignore"]
    made = ("__pycache__", ".egg-info")
    return [
        path for path in found if path.is_file() and not any(name in str(path) for name in made)
    ]


def table(heading: str) -> list[str]:
    """What stands in backticks in the first column of README's table of this heading."""
    readme = (ROOT / "README.md").read_text()
    rows = readme.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
