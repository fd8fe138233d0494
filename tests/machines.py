"""Rule machines: a few seconds of them, or with `--hypothesis-profile=release` in depth."""

import time

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

_QUICK = settings(max_examples=6, stateful_step_count=25, deadline=None)
#: Looking for the shortest sequence that fails takes minutes, and seldom shortens much.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def in_depth() -> bool:
    """Whether the figures of a release are asked for."""
    return settings.get_current_profile_name() == "release"


def hold(machine: type[RuleBasedStateMachine]) -> None:
    """Run the machine; it fails with a sequence of steps that breaks a promise."""
    chosen = settings.default if in_depth() else _QUICK
    began = time.monotonic()
    run_state_machine_as_test(
        machine,
        settings=settings(chosen, phases=_PHASES, suppress_health_check=list(HealthCheck)),
    )
    if in_depth():
        print(
            f"{machine.__name__}: {chosen.max_examples} examples of up to "
            f"{chosen.stateful_step_count} steps in {time.monotonic() - began:.0f} s"
        )
