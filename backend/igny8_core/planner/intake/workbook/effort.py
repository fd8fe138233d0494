"""How much of a workbook is read in the hope that it says something.

Sizes alone bound nothing: 300 MB of XML can be a table, or 75,000,000 empty cells that take
minutes. What is found pays for reading on; what says nothing uses up what was given at the start.
"""

from igny8_core.planner.intake.records import TooMuch

# A second's work; sheets have thousands of cells that are only coloured.
SPARE = 750_000
# What a tag may cost beside itself where it is stuffed with attributes, spaces or comments.
_BYTES_PER_TAG = 32
_PER_FIND, _LETTERS_PER_TAG = 16, 8


def worth(finds: int, letters: int) -> int:
    """How many tags finds may have taken: cells with their runs of text and some empty ones."""
    return _PER_FIND * finds + letters // _LETTERS_PER_TAG


class Effort:
    """What is left for the parts of one workbook, all together; raises TooMuch behind it.

    most: letters that all cells may say, as many as a file of text has, and as many tags
    """

    def __init__(self, most: int) -> None:
        self._spare = SPARE
        self._tags = self._letters = most

    def read(self, xml: bytes, found: int) -> None:
        """Pay for a piece of XML, in which something worth `found` was found."""
        # An empty tag counts once, one with its end twice, which is about what they cost.
        cost = xml.count(b"<") + len(xml) // _BYTES_PER_TAG
        self._tags -= cost
        self._spare = min(SPARE, self._spare + found - cost)
        if self._spare < 0:
            raise TooMuch(
                "The workbook has far more empty cells, styles or other things than it has "
                "keywords. Send it as CSV."
            )
        if self._tags < 0:
            raise TooMuch("The workbook has too many cells. Keep the columns that matter.")

    def say(self, letters: int) -> None:
        """Pay for the letters of a row: one text of the workbook may stand in many cells."""
        self._letters -= letters
        if self._letters < 0:
            raise TooMuch(
                "The cells of the workbook say more than a file may hold. Keep the columns that "
                "matter."
            )
