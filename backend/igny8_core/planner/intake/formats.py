"""What keyword tools call their columns, and which tool a header comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from igny8_core.planner.intake.folding import fold
from igny8_core.planner.intake.localised import ENGLISH
from igny8_core.planner.intake.records import IntakeError, NoKeywords
from igny8_core.planner.intake.table import MAX_COLUMNS, Worth

FORMATS = {
    "search_console": "Google Search Console",
    "google_keyword_planner": "Google Keyword Planner",
    "ahrefs": "Ahrefs Keywords Explorer",
    "semrush": "Semrush",
    "generic": "any table with a keyword column",
}

# Names of columns in lower case; where a file has several for one field, the first here is read.
FIELDS: dict[str, tuple[str, ...]] = {
    "keyword": (
        "keyword", "keywords", "top queries", "query", "queries", "search term", "search terms",
        "search query", "term", "terms",
    ),
    "volume": (
        "volume", "search volume", "avg. monthly searches", "avg monthly searches",
        "average monthly searches", "monthly searches", "monthly search volume", "searches", "sv",
        "impressions",
    ),
    "volume_max": ("volume max",),
    "volume_source": ("volume source",),
    "difficulty": (
        "difficulty", "keyword difficulty", "keyword difficulty index", "keyword difficulty %",
        "kd", "kd %", "kd%", "seo difficulty",
    ),
    "cpc": ("cpc", "cost per click", "avg. cpc", "average cpc"),
    "cpc_currency": ("currency", "cpc currency"),
    "country": ("country", "country code", "market", "location", "database"),
    "language": ("language", "language code"),
    "intents": ("intent", "intents", "search intent", "keyword intent", "keyword intents"),
    "intent_inferred": ("intent inferred",),
    "parent_topic": ("parent topic", "parent keyword", "topic"),
    "position": ("position", "current position", "avg. position", "average position", "rank"),
    "url": ("url", "current url", "landing page"),
    "serp_urls": (
        "serp_urls", "serp urls", "serp", "top urls", "top 10 urls", "top-10 urls", "top10 urls",
        "top results", "ranking urls", "serp results",
    ),
}  # fmt: skip

# Kept beside the fields, under their own names.
EXTRAS = (
    "trend", "serp features", "traffic potential", "global volume", "clicks", "impressions", "ctr",
    "competition",
    "competition (indexed value)", "top of page bid (low range)", "top of page bid (high range)",
    "competitive density", "page", "tags",
)  # fmt: skip

# Kept as a note even where it stands for the volume, which a better one may replace.
_KEPT = "impressions"

# Why a column with a tempting name is not what it seems.
NOT_MEANT = {
    "global volume": "worldwide searches, not this country's; kept as a note",
    "competition": "about ads, not difficulty; kept as a note",
    "competition (indexed value)": "about ads, not difficulty; kept as a note",
    "competitive density": "about ads, not difficulty; kept as a note",
}

# Columns that only one tool writes.
_TELLING = {
    "ahrefs": {
        "cps", "parent keyword", "global volume", "traffic potential", "global traffic potential",
        "first seen", "last update",
    },
    "semrush": {
        "keyword difficulty", "keyword difficulty index", "competitive density",
        "number of results", "trend", "keyword intents", "click potential",
    },
}  # fmt: skip
# Several tools write it; where nothing else tells, it is Semrush's, for Ahrefs always says more.
_SHARED = "serp features"

# "Searches: May 2025", in whatever language: no other column of Keyword Planner names a year.
_MONTH = re.compile(r".*(?<![0-9])20[0-9]{2}(?![0-9]).*")
_CPC_IN = re.compile(r"(?:avg\. )?cpc \(([a-z]{3})\)")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which cell holds what.

    width: cells in the header; fields, extras: name to index; currency: that the CPC column names
    months: indices of single months, which Keyword Planner adds; used, ignored: for the evidence
    """

    format: str
    width: int
    fields: dict[str, int]
    extras: dict[str, int]
    currency: str
    months: tuple[int, ...]
    used: dict[str, str]
    ignored: dict[str, str]

    @property
    def is_ours(self) -> bool:
        """Whether it is our own export, which says of a volume what kind of number it is."""
        return "volume_source" in self.fields


def column_name(cell: str) -> str:
    """The name under which a column is known: lower case, single spaces, English, no currency."""
    name = fold(cell)
    return "cpc" if _CPC_IN.fullmatch(name) else ENGLISH.get(name, name)


_KNOWN = {name for names in FIELDS.values() for name in names}.union(EXTRAS, *_TELLING.values())


def header_score(cells: list[str], mapping: Mapping[str, str]) -> Worth:
    """How much a line looks like the header: a keyword column above all, then known names."""
    names = {column_name(cell) for cell in cells}
    wanted = {column_name(mapping["keyword"])} if mapping.get("keyword") else FIELDS["keyword"]
    return any(name in names for name in wanted), len(names & _KNOWN)


def choose_columns(header: list[str], mapping: Mapping[str, str]) -> Columns:
    """Assign columns to fields, by hand where mapped, else by name.

    mapping: column per field; "" leaves the field unread. Raises IntakeError for a field or a
    column that does not exist, and for a header without a keyword column.
    """
    if len(header) > MAX_COLUMNS:
        raise IntakeError(
            f"The header has more than {MAX_COLUMNS:,} columns. Keep those that matter.",
            columns=header,
        )
    names = [column_name(cell) for cell in header]
    fields = _mapped(header, names, mapping)
    for field, synonyms in FIELDS.items():
        found = [names.index(name) for name in synonyms if name in names]
        free = [index for index in found if index not in fields.values()]
        if field not in mapping and free:
            fields[field] = free[0]
    if "keyword" not in fields:
        raise _no_keywords(header, mapping)
    taken = set(fields.values())
    extras = {name: names.index(name) for name in EXTRAS if name in names}
    extras = {name: at for name, at in extras.items() if at not in taken or name == _KEPT}
    format = _format(set(names), priced=any(map(_priced_in, header)))
    months = _months(names) if format == "google_keyword_planner" else ()
    return Columns(
        format=format,
        width=len(header),
        fields=fields,
        extras=extras,
        currency=_currency(header, fields),
        months=months,
        used={field: header[index] for field, index in fields.items()},
        ignored=_ignored(header, names, fields, months),
    )


def _months(names: list[str]) -> tuple[int, ...]:
    """The columns of single months, which are named in the account's language."""
    return tuple(
        at for at, name in enumerate(names) if name not in _KNOWN and _MONTH.fullmatch(name)
    )


def _no_keywords(header: list[str], mapping: Mapping[str, str]) -> NoKeywords:
    if "keyword" in mapping:
        detail = f"The mapping leaves the keyword unread; the file has {_listed(header)}."
        return NoKeywords(detail, columns=header, attr="mapping")
    return NoKeywords(
        "No keyword column: name one Keyword, Query, Term or Search term, or give a mapping.",
        columns=header,
    )


#: The keyword's own name for a field that may hold several.
_ALIASES = {"intent": "intents"}


def _mapped(header: list[str], names: list[str], mapping: Mapping[str, str]) -> dict[str, int]:
    fields = {}
    for name, column in mapping.items():
        field = _ALIASES.get(name, name)
        if field not in FIELDS:
            raise IntakeError(
                f"The mapping names an unknown field, {field[:80]}; known are {', '.join(FIELDS)}.",
                columns=header,
                attr="mapping",
            )
        if column and column_name(column) not in names:
            raise NoKeywords(
                f"The mapping reads {field} from a column that is not there, {column[:80]}; "
                f"the file has {_listed(header)}.",
                columns=header,
                attr="mapping",
            )
        if column:
            fields[field] = _place(column, header, names)
    return fields


def _place(column: str, header: list[str], names: list[str]) -> int:
    """The column that is written so; else the first that is known by the same name."""
    return header.index(column) if column in header else names.index(column_name(column))


def _listed(header: list[str]) -> str:
    """The first columns by name, for a message."""
    named = [column[:40] for column in header if column]
    return ", ".join(named[:20]) + (" and more" if len(named) > 20 else "")


def _format(names: set[str], *, priced: bool) -> str:
    """The tool; priced: a column names the currency of its prices, as Semrush alone does."""
    if {"clicks", "impressions"} <= names and names & {"top queries", "query", "queries"}:
        return "search_console"
    if "keyword" in names and "avg. monthly searches" in names:
        return "google_keyword_planner"
    told = {tool: len(names & columns) for tool, columns in _TELLING.items()}
    told["semrush"] += priced
    told["semrush"] += _SHARED in names and not any(told.values())
    tool = max(told, key=lambda name: told[name])
    return tool if "keyword" in names and told[tool] else "generic"


def _currency(header: list[str], fields: dict[str, int]) -> str:
    return _priced_in(header[fields["cpc"]]) if "cpc" in fields else ""


def _priced_in(column: str) -> str:
    """The currency that the name of a CPC column says, "" where it says none."""
    match = _CPC_IN.fullmatch(" ".join(column.casefold().split()))
    return match[1].upper() if match else ""


def _ignored(
    header: list[str], names: list[str], fields: dict[str, int], months: tuple[int, ...]
) -> dict[str, str]:
    """Reason for each column that fills no field."""
    used = {index: field for field, index in fields.items()}
    other = {name: field for field, synonyms in FIELDS.items() for name in synonyms}
    reasons = {}
    for index, (column, name) in enumerate(zip(header, names, strict=True)):
        if index in used or not column:
            continue
        if name in NOT_MEANT:
            reasons[column] = NOT_MEANT[name]
        elif name in EXTRAS:
            reasons[column] = "kept as a note"
        elif index in months:
            reasons[column] = "one month; the average is read"
        elif name in names[:index]:
            reasons.setdefault(column, "a second column of this name")
        elif name in other and other[name] in fields:
            field = other[name]
            reasons[column] = f"{field} is read from {header[fields[field]]}"
        else:
            reasons[column] = "not needed"
    return reasons
