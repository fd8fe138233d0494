"""From text to a table: which record is the header, what parts the cells.

A sniffer that counts delimiters picks wrong on files with titles above the header, or commas in
cells; known column names do not.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from igny8_core.planner.intake.encoding import encoding_of, lines_of
from igny8_core.planner.intake.header import Cut, Top, find_header
from igny8_core.planner.intake.lines import Lines, Records
from igny8_core.planner.intake.records import IntakeError
from igny8_core.planner.intake.table import HEADER_WITHIN, MAX_HEADER, Record, Score

DELIMITERS = (",", ";", "\t")
# Where the header is one column the whole line is its cell, commas and all.
_NO_DELIMITER = "\x1f"
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "<head", "<meta")


class TextTable:
    """A file of text, read up to its header."""

    def __init__(self, file: BinaryIO, score: Score, name: str = "") -> None:
        self.name = name
        codec, self.encoding = encoding_of(file)
        # A blank line at the end closes no quote, so that one opened in the last line shows.
        self._lines = Lines(chain(lines_of(file, codec), ["\n"]))
        head = _head(self._lines)
        found = find_header([_top(head, delimiter) for delimiter in DELIMITERS], score)
        self.header, self.header_row, self.delimiter, self.lines_above = [""], 1, "", 0
        if found is not None:
            self.header, self.delimiter = found.cells, found.delimiter
            self.header_row, self.lines_above = found.cut.line, found.lines_above
        end = found.cut.end if found else 1
        _refuse_no_table("".join(head[:end]))
        self._lines.give_back(head[end:])

    def records(self) -> Iterator[Record]:
        """Line number and cells of each record under the header; None for one that is broken."""
        return iter(Records(self._lines, self.delimiter or _NO_DELIMITER))


def _head(lines: Lines) -> list[str]:
    """The lines in which the header may begin, and those in which it may end."""
    head = list(islice(lines, HEADER_WITHIN))
    letters = 0
    for line in lines:
        head.append(line)
        letters += len(line)
        if letters > MAX_HEADER:
            break
    return head


def _top(head: Sequence[str], delimiter: str) -> Top:
    """The records that begin within the head, and one more; a line too long for one is blank."""
    short = (line if len(line) <= MAX_HEADER else "\n" for line in head)
    cuts: list[Cut] = []
    for cut in Records(Lines(short), delimiter).cuts():
        cuts.append(cut)
        if cut.line > HEADER_WITHIN:
            break
    return Top(delimiter, cuts, sum(cut.line <= HEADER_WITHIN for cut in cuts))


def _refuse_no_table(text: str) -> None:
    """Refuse what was decoded and is no table, by what stands down to its header."""
    if text.lstrip().casefold().startswith(_MARKUP):
        raise IntakeError(
            "This is a web page or XML, whatever its name says. Open it in a spreadsheet and save "
            "it as CSV or XLSX."
        )
    if "\0" in text:
        raise IntakeError("The file holds NUL characters, so it is no text. Save it as CSV.")
