"""A part of a workbook, handed as events of XML to whoever wants them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from igny8_core.planner.intake.archive import readable
from igny8_core.planner.intake.records import Damaged, IntakeError
from igny8_core.planner.intake.workbook.effort import Effort

_CHUNK = 64 * 1024
# Nothing in a workbook is one tag, comment or attribute of this size.
MAX_TOKEN = 1024 * 1024
# Names of tags and attributes, which the parser keeps; workbooks have some two hundred.
MAX_NAMES = 2_000


class Part:
    """Takes the events of a part; what it finds pays for reading on."""

    #: What was found so far, in tags that it may have taken (effort.worth).
    found = 0
    #: Whether it knows all it wants to know.
    is_done = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag opens."""

    def end(self, tag: str) -> None:
        """A tag closes."""

    def text(self, text: str) -> None:
        """Text, or a piece of it, stands within a tag."""


def read(file: IO[bytes], part: Part, effort: Effort) -> Iterator[None]:
    """Read a file into a part, coming up for air after each piece."""
    names: dict[str, str] = {}
    parser = _parser(part, names)
    fed = found = 0
    with readable(expat.ExpatError, ValueError, IndexError):
        while not part.is_done and (piece := file.read(_CHUNK)):
            parser.Parse(piece)
            effort.read(piece, part.found - found)
            fed, found = fed + len(piece), part.found
            if fed - max(parser.CurrentByteIndex, 0) > MAX_TOKEN or len(names) > MAX_NAMES:
                raise Damaged
            yield
        if not part.is_done:
            parser.Parse(b"", True)
    yield


def _parser(part: Part, names: dict[str, str]) -> expat.XMLParserType:
    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.CharacterDataHandler = part.text

    def first(tag: str, attributes: dict[str, str]) -> None:
        """Some programs give all of their tags a prefix, and so the first one."""
        start, end = part.start, part.end
        if ":" in tag:
            parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
            parser.EndElementHandler = lambda tag: end(_local(tag))
        else:
            parser.StartElementHandler, parser.EndElementHandler = start, end
        start(_local(tag), attributes)

    parser.StartElementHandler = first
    return parser


@lru_cache(maxsize=256)
def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise IntakeError("The workbook declares entities, which no spreadsheet does. Send CSV.")
