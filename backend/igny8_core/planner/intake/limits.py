"""How much of a file is read and held, over all its tables."""

from sys import getsizeof

from igny8_core.planner.intake.records import KeywordRow, TooMuch

MAX_ROWS = 100_000
MAX_BYTES = 50 * 1024 * 1024
# Lines that say nothing: more than a file by people has, and soon counted.
MAX_BLANK = 250_000
# Memory for the texts of all rows, per byte a file may have. They are no more than the file, but
# a keyword is held twice, and one rare sign makes all letters of a text four times as large.
HELD_PER_BYTE = 1.25
# What an object in memory is beside its text, by and large.
_OBJECT = 56


class Limits:
    """Counts what is read; raises TooMuch behind the last of anything that is allowed."""

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self._max_rows, self._max_held = max_rows, HELD_PER_BYTE * max_bytes
        self.rows = self._blank = self._held = 0

    def count_row(self) -> None:
        """A record that says something."""
        self.rows += 1
        if self.rows > self._max_rows:
            raise TooMuch(
                f"The file has more than {self._max_rows:,} rows; split it and import the parts."
            )

    def count_blank(self) -> None:
        """A record that says nothing."""
        self._blank += 1
        if self._blank > MAX_BLANK:
            raise TooMuch(f"The file has more than {MAX_BLANK:,} blank lines. Save it without.")

    def hold(self, row: KeywordRow) -> None:
        """A row that is held until all are read."""
        texts = (row.keyword, row.folded, row.parent_topic, row.url, row.serp, *row.extra.values())
        self._held += sum(map(getsizeof, texts)) - _OBJECT * len(texts)
        if self._held > self._max_held:
            raise TooMuch(
                "The texts of its rows are too long to be held together. Send only the columns "
                "that matter, or split the file."
            )
