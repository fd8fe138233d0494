"""What every worker tidies up now and then, whoever else does so too."""

from datetime import datetime
from typing import Protocol

from django.utils import timezone


class Purge(Protocol):
    """Deletes one batch for good; answers how many rows that was."""

    def __call__(self, now: datetime) -> int: ...


def empty_trash() -> None:
    """Delete what went to the trash 30 days ago: the writer's first, for it points upward.

    And what runs have left behind that failed as long ago.
    """
    from igny8_core.ai.leftovers import purge_leftovers
    from igny8_core.planner.trash import purge_trash as purge_planner
    from igny8_core.writer.trash import purge_trash as purge_writer

    purges: tuple[Purge, ...] = (purge_writer, purge_planner, purge_leftovers)
    for purge in purges:
        while purge(timezone.now()):
            pass
