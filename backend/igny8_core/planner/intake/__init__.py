"""Read the keyword files that SEO tools write into rows, and say how they were read.

Pure: a file in, dataclasses out; what becomes of the rows is the planner's business.
"""

from igny8_core.planner.intake.folding import fold
from igny8_core.planner.intake.limits import MAX_ROWS
from igny8_core.planner.intake.reader import read_keywords
from igny8_core.planner.intake.records import (
    NO_MARKET,
    Evidence,
    Intake,
    IntakeError,
    KeywordRow,
    Market,
    RowError,
)
from igny8_core.planner.intake.values import MAX_VOLUME
from igny8_core.planner.intake.winning import winning

__all__ = [
    "MAX_ROWS",
    "MAX_VOLUME",
    "NO_MARKET",
    "Evidence",
    "Intake",
    "IntakeError",
    "KeywordRow",
    "Market",
    "RowError",
    "fold",
    "read_keywords",
    "winning",
]
