"""The six phases of a run and the band of its percentage that each one fills."""

from django.db import models


class Phase(models.TextChoices):
    """In their order; a run's phase is that of its least advanced item."""

    INIT = "INIT"
    PREP = "PREP"
    AI_CALL = "AI_CALL"
    PARSE = "PARSE"
    SAVE = "SAVE"
    DONE = "DONE"

    @property
    def order(self) -> int:
        """0 for INIT, 5 for DONE."""
        return ORDER[self]

    @property
    def band(self) -> tuple[int, int]:
        """Lower and upper edge of the percentage."""
        return BANDS[self]


ORDER = {phase: number for number, phase in enumerate(Phase)}
_EDGES = (0, 10, 25, 70, 85, 98, 100)
BANDS = {phase: (_EDGES[number], _EDGES[number + 1]) for phase, number in ORDER.items()}
