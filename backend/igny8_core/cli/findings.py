"""What `igny8 doctor` looks at, one thing after the other."""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from igny8_core.ai import inbox
from igny8_core.ai.checking import wrong_with
from igny8_core.cli.configured import endpoint_of
from igny8_core.cli.database import is_migrated
from igny8_core.cli.finding import Finding
from igny8_core.cli.models_in_use import models_in_use
from igny8_core.cli.standin import PROVIDERS
from igny8_core.core.broker import knock, place_of
from igny8_core.core.crypto import CannotDecrypt, is_newest
from igny8_core.core.errors import Unavailable
from igny8_core.planner.clustering import Term
from igny8_core.planner.offline import embedding_model, group_terms
from igny8_core.system.models import IntegrationSettings


def findings() -> Iterator[Finding]:
    """Everything, the quick and local first; what needs the database only where it answers."""
    yield Finding("Python", sys.version.split()[0])
    yield from _settings()
    yield _pictures()
    yield _clusterer()
    database = list(_database())
    yield from database
    yield _broker()
    yield from map(_provider, PROVIDERS)
    if not any(finding.cure for finding in database):
        yield _stored_keys()
        yield from models_in_use()


def _settings() -> Iterator[Finding]:
    secrets = settings.DATA_DIR / "secrets.env"
    is_open = secrets.exists() and stat.S_IMODE(secrets.stat().st_mode) & 0o077
    cure = f"Others can read your secrets: chmod 600 {secrets}" if is_open else ""
    yield Finding("data folder", str(settings.DATA_DIR), cure)
    yield Finding("encryption", f"{len(settings.IGNY8_ENCRYPTION_KEYS)} key(s)")
    beat, lease = settings.IGNY8_HEARTBEAT_SECONDS, settings.IGNY8_LEASE_SECONDS
    cure = "" if lease >= 2 * beat else "Make IGNY8_LEASE_SECONDS twice the heartbeat or more."
    yield Finding("worker", f"a heartbeat each {beat:g} s, a lease of {lease:g} s", cure)


def _pictures() -> Finding:
    """Whether pictures can be kept: one is written, read and deleted."""
    bucket, name = settings.IGNY8_S3_BUCKET, f"inbox/doctor-{os.getpid()}"
    where = f"bucket {bucket}" if bucket else str(settings.MEDIA_ROOT)
    try:
        inbox.put(name, b"")
        default_storage.open(name).close()
        default_storage.delete(name)
    except OSError as error:
        cure = "This user must be able to write there, and the disk must have room."
        if bucket:
            cure = "Look at IGNY8_S3_BUCKET, IGNY8_S3_ENDPOINT, IGNY8_S3_REGION and its keys."
        return Finding("pictures", f"{where}: {error}", cure)
    return Finding("pictures", f"{where} takes them and gives them back")


def _clusterer() -> Finding:
    """What keywords are likened by: three are, in the clusterer's own process."""
    model = embedding_model()
    try:
        found = group_terms([Term("what is a tent"), Term("tent for two"), Term("gas stove")])
    except Unavailable as error:
        return Finding("clusterer", error.detail, "See whether the machine has memory to spare.")
    if found.backend == "minilm":
        return Finding("clusterer", f"embeddings of the model in {model}")
    state = f"TF-IDF. {' '.join(found.why)}".strip()
    if model is not None:
        cure = "Look at IGNY8_EMBEDDING_MODEL, or remove .venv/.weights and call `make run`."
        return Finding("clusterer", state, cure)
    if settings.IGNY8_EMBEDDING_MODEL:
        return Finding("clusterer", "TF-IDF, as IGNY8_EMBEDDING_MODEL says")
    state += " The embedding model is not installed: the next `make run` tries to fetch it."
    return Finding("clusterer", state, is_warning=True)


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            state = _version(cursor)
        cure = "" if is_migrated() else "It is not up to date: start `igny8 serve` once."
    except DatabaseError as error:
        state = str(error).strip().partition("\n")[0]
        cure = "It does not answer: look at DATABASE_URL, and whether the server is up."
    yield Finding("database", state, cure)


def _version(cursor: object) -> str:
    if connection.vendor != "sqlite":
        return f"{connection.vendor} {connection.pg_version // 10000}"  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode")  # type: ignore[attr-defined]
    journal = cursor.fetchone()[0]  # type: ignore[attr-defined]
    why = "" if journal == "wal" else ", for WAL is safe from 3.51.3 on"
    return f"SQLite {sqlite3.sqlite_version}, journal {journal}{why}"


def _broker() -> Finding:
    if not settings.CELERY_BROKER_URL:
        return Finding("broker", "none: the worker runs inside `igny8 serve`")
    url = settings.CELERY_BROKER_URL
    host, port = place_of(url)
    where = f"{urlsplit(url).scheme} on {host}:{port}"
    try:
        knock(url, seconds=2)
    except OSError as error:
        cure = "Nothing answers there: runs wait for a worker's sweep. Start the broker."
        return Finding("broker", f"{where}: {error}", cure)
    return Finding("broker", f"{where} answers; runs need `igny8 worker`")


def _provider(name: str) -> Finding:
    prefix, endpoint = PROVIDERS[name], endpoint_of(name)
    if endpoint is None:
        return Finding(name, f"played by the sandbox; set {prefix}_API_KEY for the real one")
    if wrong := wrong_with(endpoint):
        return Finding(name, wrong, f"Look at {prefix}_API_KEY and {prefix}_BASE_URL.")
    host = urlsplit(endpoint.base_url).hostname
    return Finding(name, f"{host} answers and accepts the key")


def _stored_keys() -> Finding:
    """Whether the keys that accounts have stored still open, and with which encryption key."""
    lost, kept, old = [], 0, 0
    for row in IntegrationSettings.unscoped.exclude(sealed_key=None).order_by("account"):
        try:
            kept += bool(row.api_key)
            old += not is_newest(row.sealed_key or b"")
        except CannotDecrypt:
            lost.append(f"{row.integration_type} of account {row.account_id}")
    if lost:
        cure = "Bring back the old IGNY8_ENCRYPTION_KEYS, or let them enter their keys again."
        return Finding("account keys", f"cannot be opened: {', '.join(lost[:10])}", cure)
    rotate = f", {old} under an older encryption key: `igny8 keys rotate`" if old else ""
    return Finding("account keys", f"{kept} stored{rotate}")
