"""`python -m benchmarks.children.loads WHAT`: what it costs to have it imported, as JSON.

The CPU that the import takes, and the memory it adds to a bare interpreter. WHAT is one of the
functions below, or `module:name`: some modules load their contents only when these are named.
"""

import importlib
import json
import os
import sys
import time


def app() -> None:
    """All that a process of ours has once it serves: the API with its rooms, the worker."""
    import django

    django.setup()
    for name in ("igny8_core.urls", "igny8_core.ai.worker", "igny8_core.ai.ai_core"):
        importlib.import_module(name)
    assert "openai" not in sys.modules, "the provider's SDK is imported on first use"


def app_with_providers() -> None:
    """The same once it has called both providers."""
    app()
    from igny8_core.ai.providers import get_provider

    for name in ("openai", "runware"):
        get_provider(name)


def _resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def main(what: str) -> None:
    """Print the seconds and the megabytes."""
    load = {"app": app, "app_with_providers": app_with_providers}.get(what)
    memory, began = _resident_mb(), time.process_time()
    if load:
        load()
    else:
        module, _, name = what.partition(":")
        getattr(importlib.import_module(module), name)
    seconds = time.process_time() - began
    print(json.dumps({"seconds": seconds, "mb": _resident_mb() - memory}))


if __name__ == "__main__":
    main(sys.argv[1])
