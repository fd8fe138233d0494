"""One process, one database, some scenarios: `python -m tests.chaos.drive '{"database": ...}'`.

Prints the figures of each scenario as one line of JSON.
"""

import json
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.chaos.plant import Plant


def main(order: dict[str, Any]) -> int:
    """0 where every promise was kept."""
    with tempfile.TemporaryDirectory(prefix="igny8-chaos-", dir=order.get("folder")) as folder:
        plant = Plant(
            order["database"], Path(folder), order.get("seed", 1), order.get("broker", "")
        )
        over = time.monotonic() + 60 * order.get("minutes", 60)
        status = 0
        try:
            for one in order["scenarios"]:
                if time.monotonic() < over:
                    status |= _run(plant, one)
        finally:
            plant.close()
        return status


def _run(plant: Plant, one: dict[str, Any]) -> int:
    from tests.chaos.dispatch import DISPATCH
    from tests.chaos.release import RELEASE
    from tests.chaos.scenarios import SCENARIOS

    name = one["scenario"]
    release = {name: one.scenario for name, one in RELEASE.items()}
    scenario = (SCENARIOS | DISPATCH | release)[name]
    figures = plant.measured(name, scenario, one["items"], one["kills"], one.get("deadline", 120))
    print(json.dumps(asdict(figures)), flush=True)
    if figures.wrong:
        log = (plant.folder / "workers.log").read_text(encoding="utf-8", errors="replace")
        print(log[-6000:], file=sys.stderr)
    return int(bool(figures.wrong))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(json.loads(sys.argv[1])))
