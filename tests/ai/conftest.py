"""One stand-in provider per process, an account with credits, a function small enough to see."""

import datetime
import json

import pytest

from igny8_core.ai import catalogue, gate, registry
from igny8_core.ai.providers import options
from igny8_core.billing import ledger
from igny8_core.core.models import Account
from igny8_core.sandbox import Sandbox
from tests.ai.runs import Toy


@pytest.fixture(scope="session")
def _running_sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(_running_sandbox, settings):
    """The provider of every account without a key; it behaves well until a test scripts it."""
    settings.IGNY8_SANDBOX_URL = _running_sandbox.url
    _running_sandbox.script.clear()
    _running_sandbox.ledger.clear()
    gate._gates.clear()
    options._refused.clear()
    yield _running_sandbox
    _running_sandbox.script.clear()


@pytest.fixture
def account(world) -> Account:
    """Alice's, with 1000 credits."""
    ledger.grant(world.account, 1000, key="test")
    return world.account


@pytest.fixture
def toy(sandbox):
    """A function of tasks that does nothing but what a test has it do."""
    registry.register_function("toy", Toy)
    yield Toy
    registry._classes.pop("toy")
    Toy.at_parse = Toy.at_save = staticmethod(lambda *given: None)


@pytest.fixture
def operator(settings, tmp_path):
    """Write the operator's file and have the catalogue read it."""
    settings.IGNY8_CATALOGUE = tmp_path / "mine.json"

    def write(*rows):
        text = rows[0] if isinstance(rows[0], str) else json.dumps({"models": rows})
        settings.IGNY8_CATALOGUE.write_text(text)
        catalogue.forget()

    yield write
    catalogue.forget()


@pytest.fixture
def on(monkeypatch):
    """Let it be another day."""

    def day(text):
        monkeypatch.setattr(catalogue, "today", lambda: datetime.date.fromisoformat(text))

    return day
