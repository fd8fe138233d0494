"""The world of the tests: a data folder of their own, and no provider but our stand-in."""

import os
import tempfile
from functools import lru_cache

os.environ["DJANGO_SETTINGS_MODULE"] = "igny8_core.settings"
os.environ["IGNY8_DATA_DIR"] = tempfile.mkdtemp(prefix="igny8-tests-")
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RUNWARE_API_KEY", "RUNWARE_BASE_URL"):
    os.environ.pop(name, None)
os.environ.pop("IGNY8_S3_BUCKET", None)
# A process for each run that clusters would take most of the tests' time; those of it ask for it.
os.environ["IGNY8_EMBEDDING_MODEL"] = "none"

import django  # noqa: E402

django.setup()

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from django.core.cache import cache  # noqa: E402

from igny8_core.ai import worker  # noqa: E402
from tests.bucket import Bucket  # noqa: E402
from tests.services import PROBES, answers  # noqa: E402
from tests.world import Api, World, make_world  # noqa: E402

#: `--hypothesis-profile=release`: the figures of a release, for the rule machines too.
hypothesis.settings.register_profile(
    "release", max_examples=500, stateful_step_count=50, deadline=None
)


def pytest_addoption(parser):
    parser.addoption("--only-database", action="store_true", help="only what uses the database")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--only-database"):
        kept = [item for item in items if _uses_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_runtest_setup(item):
    for service in PROBES:
        if item.get_closest_marker(service) and not answers(service):
            pytest.skip(f"{service} does not answer here")


def _uses_database(item) -> bool:
    return bool(
        item.get_closest_marker("django_db")
        or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    )


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Argon2 is slow by design; one test holds that it is what the product uses."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_counters_from_other_tests():
    cache.clear()


@pytest.fixture(autouse=True)
def _no_worker_that_was_stopped():
    """A worker that a test stopped has told its whole process to put down what it holds."""
    yield
    worker._stopping.clear()


@lru_cache
def _what_botocore_knows():
    from botocore.loaders import Loader

    return Loader()


@pytest.fixture
def bucket(settings, monkeypatch):
    """Pictures go to a stand-in for an S3-compatible server."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-the-tests")
    # A client takes a moment where each reads anew what botocore knows of S3.
    monkeypatch.setattr("botocore.loaders.create_loader", lambda *given: _what_botocore_knows())
    with Bucket() as running:
        settings.STORAGES = running.storages
        yield running


@pytest.fixture
def world(db) -> World:
    """Alice's account with adam, bob and vera; charlie's with charlie alone."""
    return make_world()


@pytest.fixture
def nobody(db) -> Api:
    """A client without a token."""
    return Api()
