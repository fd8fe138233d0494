"""Keyword Planner's volumes for accounts that spend little: one number that means a range.

Such a file says 50, 500 and so on for 10 to 100, 100 to 1,000, and leaves the single months empty.
"""

from dataclasses import replace

from igny8_core.planner.intake.formats import Columns
from igny8_core.planner.intake.records import KeywordRow

#: Until the whole table is read: a volume that may be a bucket's or a true one.
BUCKET = "bucket"
_RANGES = {5 * 10**power: (10**power, 10 ** (power + 1)) for power in range(1, 7)}


def is_bucket(volume: int, cells: list[str], columns: Columns) -> bool:
    """Whether this row's volume may stand for a range."""
    if columns.format != "google_keyword_planner" or volume not in _RANGES:
        return False
    return not any(cells[at].strip() for at in columns.months if at < len(cells))


def settle(rows: list[KeywordRow]) -> list[KeywordRow]:
    """The rows of a table with what their volumes are; one true volume tells that all are true."""
    is_true = any(row.volume and row.volume_source == "exact" for row in rows)
    return [_settled(row, is_true) if row.volume_source == BUCKET else row for row in rows]


def _settled(row: KeywordRow, is_true: bool) -> KeywordRow:
    if is_true or row.volume is None:
        return replace(row, volume_source="exact")
    least, most = _RANGES[row.volume]
    return replace(row, volume=least, volume_max=most, volume_source="range")
