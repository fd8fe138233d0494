"""What intake hands over: rows, the rows that were refused, and the evidence of how it read."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal


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
        self.columns = columns or []


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """One keyword; None and "" mean unknown, never 0.

    row: its line in the file, counted from 1 as an editor counts
    keyword, folded: as written (single spaces), and the form it is unique under
    volume, volume_max: searches a month; the maximum is known for ranges alone
    volume_source: "exact", "range", "impressions" or ""
    difficulty: 0 to 100; cpc_currency: ISO 4217; country: ISO 3166; language: BCP 47
    intents: of informational, commercial, transactional, navigational, in the file's order
    extra: further columns worth keeping, by their lower-case name
    """

    row: int
    keyword: str
    folded: str
    volume: int | None = None
    volume_max: int | None = None
    volume_source: str = ""
    difficulty: int | None = None
    cpc: Decimal | None = None
    cpc_currency: str = ""
    country: str = ""
    language: str = ""
    intents: tuple[str, ...] = ()
    parent_topic: str = ""
    position: float | None = None
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def intent(self) -> str | None:
        """The first intent, which tools list as the main one."""
        return self.intents[0] if self.intents else None


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was refused: its line in the file, and why."""

    row: int
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the file was read, so that a person can see it and correct it with a mapping.

    header_row: line of the header, from 1; delimiter: "" where there is one column only
    country, date: guessed from the file name, "" where it tells nothing; rows do not take them over
    used: column per field, ignored: reason per column
    merged: rows that named a keyword again; estimated: keywords whose volume is no exact number
    without_keyword: rows skipped because they are sums, not keywords
    """

    tool: str
    encoding: str
    delimiter: str
    header_row: int
    country: str
    date: str
    used: dict[str, str]
    ignored: dict[str, str]
    merged: int = 0
    estimated: int = 0
    without_keyword: int = 0

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that was read. format: a key of formats.FORMATS; every keyword is in rows once."""

    format: str
    evidence: Evidence
    rows: list[KeywordRow]
    errors: list[RowError]
