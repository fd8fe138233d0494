"""What intake hands over: rows, the rows that were refused, and the evidence of how it read."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import NamedTuple

# What an error shows of a header that may be anything.
_SHOWN_COLUMNS, _SHOWN_CHARACTERS = 100, 80


class IntakeError(ValueError):
    """The whole file is refused: detail says why and what to do, columns what was found.

    attr names what is wrong: the `file`, or the `mapping` that came with it.
    """

    def __init__(
        self, detail: str, columns: list[str] | None = None, *, attr: str = "file"
    ) -> None:
        super().__init__(detail)
        self.attr = attr
        self.detail = detail
        self.columns = [name[:_SHOWN_CHARACTERS] for name in (columns or [])[:_SHOWN_COLUMNS]]


class NoKeywords(IntakeError):
    """This table has nothing to read; another one of the same file may have."""


class TooMuch(IntakeError):
    """The file would take more of the server than it may: no other table of it is read either."""


class Damaged(IntakeError):
    """The file breaks off, or says what no program writes."""

    def __init__(self) -> None:
        super().__init__("The file is damaged. Export or save it anew.")


class Market(NamedTuple):
    """Whose searches are counted; "" where it is not known, or all the world."""

    language: str = ""
    country: str = ""


#: Rows that leave theirs out are told from those that name one.
NO_MARKET = Market()


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """One keyword; None and "" mean unknown, never 0.

    row: its line in the file, counted from 1 as an editor counts
    keyword, folded: as written (single spaces), and the form it is unique under
    volume, volume_max: searches a month; the maximum is known for ranges alone, and not for "1M+"
    volume_source: "exact", "range", "impressions", or "" where a person has said it
    difficulty: 0 to 100; cpc_currency: ISO 4217; country: ISO 3166; language: BCP 47
    worldwide: it is known to have no country, as our own export alone says it
    intents: of informational, commercial, transactional, navigational, in the file's order
    serp: addresses of the top results, one a line; extra: further columns worth keeping, by their
    lower-case name
    """

    row: int
    keyword: str
    folded: str
    volume: int | None = None
    volume_max: int | None = None
    volume_source: str = ""
    difficulty: float | None = None
    cpc: Decimal | None = None
    cpc_currency: str = ""
    country: str = ""
    worldwide: bool = False
    language: str = ""
    intents: tuple[str, ...] = ()
    parent_topic: str = ""
    position: float | None = None
    url: str = ""
    serp: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def market(self, own: Market) -> Market:
        """The row's, where it leaves one out that of the site it is read for."""
        country = self.country if self.country or self.worldwide else own.country
        return Market(self.language or own.language, country)

    @property
    def intent(self) -> str | None:
        """The first intent, which tools list as the main one."""
        return self.intents[0] if self.intents else None

    @property
    def intent_inferred(self) -> bool:
        """Never: what a file says is said, and what it has inferred is left out."""
        return False

    @property
    def serp_urls(self) -> list[str]:
        """The top results, best first. As one text they take a third of the memory."""
        return self.serp.splitlines()


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was refused: its line in the file, and why."""

    row: int
    detail: str


class Merge(NamedTuple):
    """A row that named a keyword again, and the row it went into."""

    row: int
    into: int


@dataclass(frozen=True, slots=True)
class TableEvidence:
    """How one table was read: a file of text, a sheet of a workbook, a file in an archive.

    name: of the sheet or of the file within, "" where the table is the whole file
    header_row: line of the header, from 1; lines_above: of those above it, how many say something
    delimiter: "" where there is one column only
    used: column per field, ignored: reason per column; rows: read under the header
    """

    name: str
    tool: str
    encoding: str
    delimiter: str
    header_row: int
    lines_above: int
    used: dict[str, str]
    ignored: dict[str, str]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the file was read, so that a person can see it and correct it with a mapping.

    tool to ignored: of the first table that was read, as in TableEvidence
    country, date: guessed from the file name, "" where it tells nothing; rows do not take them over
    merged: rows that named a keyword again, merges: the first of them
    estimated: keywords whose volume is no exact number, estimates: the same by kind
    without_keyword: rows skipped because they are sums, not keywords
    bad_rows: how many rows were refused, of which the errors tell the first
    tables: each that was read, passed_over: why each other one was not
    """

    tool: str
    encoding: str
    delimiter: str
    header_row: int
    lines_above: int
    country: str
    date: str
    used: dict[str, str]
    ignored: dict[str, str]
    merged: int = 0
    merges: list[Merge] = field(default_factory=list)
    estimated: int = 0
    estimates: dict[str, int] = field(default_factory=dict)
    without_keyword: int = 0
    bad_rows: int = 0
    tables: list[TableEvidence] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return asdict(self) | {"merges": [merge._asdict() for merge in self.merges]}


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that was read. format: a key of formats.FORMATS; every keyword is in rows once."""

    format: str
    evidence: Evidence
    rows: list[KeywordRow]
    errors: list[RowError]
