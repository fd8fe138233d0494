"""Commands that end with their test, whatever became of it."""

from contextlib import ExitStack, closing

import pytest

from igny8_core.cli.main import main
from tests.cli.processes import Command, Server


@pytest.fixture
def started():
    """Start processes that are killed at the end: `started(Server(...))`."""
    with ExitStack() as stack:

        def start(command: Command) -> Command:
            return stack.enter_context(closing(command))

        yield start


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A data folder that a server has been started on and stopped again."""
    data = tmp_path_factory.mktemp("installation") / "var"
    with closing(Server(data)) as server:
        server.is_up()
        server.says("Demo login")
        server.process.terminate()
        assert server.wait() == 0, server.text
    return data


@pytest.fixture
def says(capsys):
    """Run a command here; its exit status and what it printed."""

    def run(*words):
        status = main(words)
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run
