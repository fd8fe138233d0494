"""The release figures beside those of kills at random: each scenario with its size.

Run in full, each once: `python -m tests.chaos --scale 0.1` makes all of them smaller.
"""

import math
from dataclasses import dataclass
from typing import Any

from tests.chaos import billing, clock, deploys, limits, outages, posts, readers, timings
from tests.chaos.plant import Scenario, Trial


@dataclass(frozen=True)
class Release:
    """A scenario, and how much of it; kills are also stops, restarts and jumps."""

    scenario: Scenario
    items: int
    kills: int = 0
    #: The one database that it is about.
    database: str = ""
    broker: str = ""
    #: Seconds.
    deadline: float = 300
    #: `quiet`: measures time, wants the machine to itself; `long`: mostly waits.
    wave: str = "beside"

    def belongs(self, database: str, broker: str) -> bool:
        """Whether it is for an installation of this kind."""
        return self.database in ("", database) and self.broker == broker

    def planned(self, name: str, scale: float) -> dict[str, Any]:
        """What a driver is told of it."""
        sizes = {"items": self.items, "kills": self.kills}
        scaled = {what: math.ceil(scale * size) for what, size in sizes.items()}
        return {"scenario": name, "deadline": self.deadline, **scaled}


def _pictures(name: str) -> Scenario:
    """Its module knows the models, which may be imported once Django is set up."""

    def scenario(trial: Trial) -> None:
        from tests.chaos import pictures

        getattr(pictures, name)(trial)

    return scenario


RELEASE: dict[str, Release] = {
    "restart_same_host": Release(timings.restarts("", 5, 5), 20, 20, wave="quiet"),
    "restart_other_host": Release(timings.restarts("another", 35, 45), 20, 20),
    "no_faults": Release(billing.no_faults, 2000),
    "lost_answers": Release(billing.lost_answers, 1000),
    "no_quota": Release(billing.no_quota, 50),
    "throttled": Release(billing.throttled, 600, deadline=600),
    "pictures": Release(_pictures("without_faults"), 50),
    "pictures_lost": Release(_pictures("lost_answers"), 100),
    "pictures_at_points": Release(_pictures("kills_everywhere"), 10, 18),
    "pictures_random": Release(_pictures("random_kills"), 100, 100),
    "provider_down": Release(outages.provider_down("503"), 50),
    "provider_refuses": Release(outages.provider_refuses, 50),
    "postgres_outages": Release(
        outages.postgres_outages, 200, 52, "postgres", deadline=1800, wave="long"
    ),
    "postgres_down_at_answer": Release(outages.postgres_down_at_answer, 50, 3, "postgres"),
    "connections_cut": Release(outages.connections_cut, 200, 20, "postgres"),
    "rows_locked": Release(outages.rows_locked, 50, 1, "postgres"),
    "sqlite_locked": Release(outages.sqlite_locked, 50, 1, "sqlite"),
    "disk_full_long": Release(outages.disk_full_long, 100, 10, "sqlite"),
    "clock_jumps": Release(clock.clock_jumps, 50, 20),
    "clock_jumps_and_kills": Release(clock.clock_jumps_and_kills, 50, 8),
    "deploys": Release(deploys.deploys, 100, 20),
    "polled": Release(readers.polled, 100, 20, wave="quiet"),
    "log_full": Release(limits.log_full, 50),
    "few_descriptors": Release(limits.limited(RLIMIT_NOFILE=64), 250),
    "little_memory": Release(limits.limited(RLIMIT_AS=700 * 2**20), 250),
    "broker_figures": Release(posts.broker_figures, 500, 0, "postgres", "redis", wave="quiet"),
}
