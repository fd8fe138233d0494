"""Which tables a file holds, told by its bytes and never by its name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, NamedTuple, cast

from igny8_core.planner.intake.archive import Archive, shown
from igny8_core.planner.intake.encoding import refuse_foreign
from igny8_core.planner.intake.records import IntakeError, NoKeywords
from igny8_core.planner.intake.table import Score, Table
from igny8_core.planner.intake.text import TextTable
from igny8_core.planner.intake.workbook import BOOK, Workbook

MAX_TABLES = 100
# XML says a table in about five times as many bytes as CSV does.
WORKBOOK_FACTOR = 6
_ZIP = b"PK"
_TEXTS = (".csv", ".tsv", ".txt")
_ARCHIVES = (".zip", ".xlsx", ".xlsm", ".xls", ".gz", ".7z", ".rar")


class Source(NamedTuple):
    """A table that may be there: its name, and how it is opened (raises IntakeError)."""

    name: str
    open: Callable[[], Table]


def sources(file: BinaryIO, score: Score, max_bytes: int) -> Iterator[Source]:
    """The tables of a file, to be opened one after the other; raises IntakeError for no table."""
    file.seek(0)
    start = file.read(16)
    refuse_foreign(start)
    if start.startswith(_ZIP):
        yield from _packed(file, score, max_bytes)
    else:
        yield Source("", partial(TextTable, file, score))


def _packed(file: BinaryIO, score: Score, max_bytes: int) -> Iterator[Source]:
    archive = Archive(file, max_bytes)
    names = {name.casefold() for name in archive.names()}
    if BOOK in names:
        yield from _sheets(Workbook(Archive(file, WORKBOOK_FACTOR * max_bytes), max_bytes), score)
    elif names & {"xl/workbook.bin", "content.xml", "word/document.xml"}:
        raise IntakeError("This is a document that is not read. Save it as XLSX or CSV.")
    else:
        yield from _files(archive, score)


def _sheets(book: Workbook, score: Score) -> Iterator[Source]:
    _refuse_many(len(book.sheets), "sheets")
    book.load()
    for name, relation in book.sheets:
        yield Source(name, partial(book.sheet, name, relation, score))


def _files(archive: Archive, score: Score) -> Iterator[Source]:
    names = [name for name in archive.names() if not shown(name).startswith(".")]
    names = [name for name in names if not name.startswith("__MACOSX/")]
    for name in names:
        if name.casefold().endswith(_ARCHIVES):
            raise IntakeError(f"The archive holds another, {shown(name)}. Unpack it and send that.")
    texts = [name for name in names if name.casefold().endswith(_TEXTS)]
    if not texts:
        raise IntakeError("The archive holds no CSV file, such as Search Console's Queries.csv.")
    _refuse_many(len(texts), "files")
    for name in texts:
        yield Source(shown(name), partial(_member, archive, name, score))


def _member(archive: Archive, name: str, score: Score) -> Table:
    file = cast(BinaryIO, archive.open(name))
    refuse_foreign(file.read(16))
    return TextTable(file, score, shown(name))


def _refuse_many(count: int, what: str) -> None:
    if count > MAX_TABLES:
        raise IntakeError(f"It holds {count:,} {what}; {MAX_TABLES} at most are read.")
    if not count:
        raise NoKeywords("The workbook has no sheet that is to be seen.")
