"""Who works on a run: one claim at a time, raised by a fence, kept alive by a lease.

The same conditional UPDATEs serve SQLite and PostgreSQL; time is the database's. A worker
process holds a locked file as its name, so that on one host a dead owner is known at once. The
file tells of its last heartbeat too, by a clock that nobody can set: a host whose clock jumps
ends every lease of a database in a file.
"""

import fcntl
import hashlib
import os
import platform
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from igny8_core.ai.models import AITaskLog, RunState
from igny8_core.core.models import Account

_locks: dict[str, IO[str]] = {}


class LostClaim(Exception):
    """Another worker has the run now: stop, write nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run until the lease is over; `crashed` if its last owner died."""

    run_id: UUID
    fence: int
    crashed: bool = False
    account_id: int = 0
    items: int = 0


#: What this process works on. What it no longer works on it must not keep alive; a run that it
#: lost and took again is two claims, and ends as one of them does not let go of the other.
_held: set[Claim] = set()
#: Runs that it has put down for no fault of theirs, and could not say so: the database was away.
_put_down: set[UUID] = set()


def due(
    without: Collection[int] = (), waiting: float = 0, account: Account | None = None
) -> list[UUID]:
    """Runs that wait for a worker, those of accounts with little going on first.

    Only runs that are at least `waiting` seconds old, none of the accounts in `without`, and
    where an `account` is named, its own and no other.
    """
    going = (
        AITaskLog.unscoped.filter(account=OuterRef("account"), state=RunState.PROGRESS)
        .filter(lease_until__gt=Now())
        .order_by()
        .values("account")
        .annotate(n=Count("pk"))
        .values("n")
    )
    waiting_since = Now() - timedelta(seconds=waiting)
    runs = _claimable().filter(created_at__lte=waiting_since) if waiting else _claimable()
    if account is not None:
        runs = runs.filter(account=account)
    runs = runs.exclude(account__in=without).annotate(going=Coalesce(Subquery(going), 0))
    return list(runs.order_by("going", "created_at").values_list("pk", flat=True)[:50])


def claim(run_id: UUID) -> Claim | None:
    """Take a run that waits, or whose owner is gone; None where somebody else has it.

    It waits for nobody: a run whose row is locked is another's for now.
    """
    with transaction.atomic():
        held = _claim(run_id)
    if held:
        _beat()
        _held.add(held)
    return held


def _claim(run_id: UUID) -> Claim | None:
    waiting = _claimable().filter(pk=run_id).select_for_update(skip_locked=True)
    names = ("fence", "state", "owner", "account_id", "items_total", "lease_until")
    row = waiting.values_list(*names).first()
    if row is None:
        return None
    fence, state, owner, account_id, items, lease_until = row
    if lease_until is not None and _beats(owner):
        return None
    crashed = state == RunState.PROGRESS and owner != ""
    taken = (
        _claimable()
        .filter(pk=run_id, fence=fence)
        .update(
            state=RunState.PROGRESS,
            fence=fence + 1,
            owner=process_name(),
            lease_until=_lease(),
            started_at=Coalesce(F("started_at"), Now()),
            deaths=F("deaths") + (1 if crashed else 0),
        )
    )
    if not taken:
        return None
    return Claim(run_id, fence + 1, crashed, account_id, items)


def let_go(held: Claim) -> None:
    """This process no longer works on the run."""
    _held.discard(held)


def give_back(held: Claim) -> None:
    """Leave a run for the next worker, at once and without blame."""
    AITaskLog.unscoped.filter(pk=held.run_id, fence=held.fence).exclude(
        state__in=(RunState.SUCCESS, RunState.FAILURE)
    ).update(owner="", lease_until=None, at_risk=None, fence=F("fence") + 1)


def put_down(held: Claim) -> None:
    """The database is away: once it is back, `take_from_the_dead` gives the run back."""
    _put_down.add(held.run_id)


def heartbeat() -> int:
    """Renew the lease of everything this process works on; how many runs that is."""
    runs = {one.run_id for one in list(_held)}
    mine = AITaskLog.unscoped.filter(pk__in=runs, owner=process_name())
    renewed = mine.filter(state=RunState.PROGRESS).update(lease_until=_lease())
    _beat()
    return renewed


def take_from_the_dead() -> int:
    """End the leases of owners on this host that are no longer alive; how many runs that frees.

    And those of runs that this process no longer works on; what it has put down bears no crash.
    """
    owners = (
        AITaskLog.unscoped.filter(state=RunState.PROGRESS, owner__startswith=_here())
        .filter(lease_until__gt=Now())
        .exclude(owner=process_name())
        .values_list("owner", flat=True)
        .distinct()
    )
    dead = [owner for owner in owners if not _is_alive(owner)]
    held = [one.run_id for one in list(_held)]
    # Ours that are over too: this process beats, and so nobody else on this host would take them.
    ours = Q(owner=process_name()) & ~Q(pk__in=held)
    free = Q(owner__in=dead, lease_until__gt=Now()) | ours
    going = AITaskLog.unscoped.filter(state=RunState.PROGRESS, lease_until__isnull=False)
    blameless = _put_down.difference(held)
    given_back = going.filter(ours, pk__in=blameless).update(
        owner="", lease_until=None, at_risk=None
    )
    _put_down.difference_update(blameless)
    return given_back + going.filter(free).update(lease_until=None)


@cache
def process_name() -> str:
    """This process as an owner of runs: host, lock folder, and a file it holds locked."""
    return _name_for(os.getpid())


def _name_for(pid: int) -> str:
    name = f"{_here()}{pid}.{secrets.token_hex(4)}"
    file = open(_lock_path(name), "w")  # noqa: SIM115 - held for as long as the process lives
    fcntl.flock(file, fcntl.LOCK_EX)
    _locks[name] = file
    return name


def _beat() -> None:
    """Note in this process's file when a lease was given or renewed: seconds since the boot."""
    file = _locks[process_name()]
    # Where the disk is full, leases alone tell.
    with suppress(OSError):
        os.pwrite(file.fileno(), f"{time.monotonic():020.3f}".encode(), 0)


def _beats(owner: str) -> bool:
    """Whether an owner on this host lives and renewed its leases a short while ago."""
    if not owner.startswith(_here()) or not _is_alive(owner):
        return False
    with suppress(FileNotFoundError):
        last = _lock_path(owner).read_text(encoding="ascii")
        return bool(last) and time.monotonic() - float(last) < settings.IGNY8_LEASE_SECONDS
    return False


def _claimable() -> QuerySet[AITaskLog]:
    return AITaskLog.unscoped.filter(
        Q(state=RunState.PENDING)
        | Q(state=RunState.PROGRESS, lease_until__lt=Now())
        | Q(state=RunState.PROGRESS, lease_until=None)
    )


def _lease() -> object:
    return Now() + timedelta(seconds=settings.IGNY8_LEASE_SECONDS)


@cache
def _here() -> str:
    """What all processes share that can see each other's locks."""
    folder = hashlib.sha256(str(_folder()).encode()).hexdigest()[:8]
    return f"{platform.node()}/{folder}:"


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lock_path(owner: str) -> Path:
    return _folder() / f"{owner.rsplit(':', 1)[1]}.lock"


def _is_alive(owner: str) -> bool:
    """Whether the owner's file is still locked; a dead owner's file is removed."""
    try:
        with open(_lock_path(owner)) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _lock_path(owner).unlink(missing_ok=True)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
