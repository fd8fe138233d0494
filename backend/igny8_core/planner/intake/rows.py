"""From the cells of one record to one keyword, and two rows of the same keyword into one."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TypeVar

from igny8_core.core.spreadsheet import plain_text
from igny8_core.planner.intake import values
from igny8_core.planner.intake.buckets import BUCKET, is_bucket
from igny8_core.planner.intake.folding import fold_keyword, spaced
from igny8_core.planner.intake.formats import Columns, column_name
from igny8_core.planner.intake.records import KeywordRow

MAX_TOPIC = 255
MAX_SERP = 10
MAX_NOTE = 1_000
# Of two volumes for one keyword the one from the better source stays.
_TRUST = {"": 0, "impressions": 1, "range": 2, "exact": 3}

Value = TypeVar("Value")


def keyword_row(line: int, cells: list[str] | None, columns: Columns) -> KeywordRow | None:
    """One record read whole; None for a sum, which has no keyword. Raises ValueError for a bad one.

    cells: None where the record could not be taken apart
    """
    if cells is None:
        raise ValueError("a quote is opened and never closed, or a cell is longer than 128 KB")
    if any(cell.strip() for cell in cells[columns.width :]):
        raise ValueError(f"{len(cells)} cells under a header of {columns.width}")
    if "\0" in "".join(cells):
        raise ValueError("holds a NUL character")
    cell = {field: cells[i] for field, i in columns.fields.items() if i < len(cells)}
    keyword = spaced(_plain(cell.get("keyword", "")))
    if not keyword and columns.format == "google_keyword_planner":
        return None
    volume, volume_max = _read("volume", values.volume, cell)
    cpc, currency = _read("cpc", values.money, cell)
    return KeywordRow(
        row=line,
        keyword=keyword,
        folded=fold_keyword(keyword),
        volume=volume,
        volume_max=volume_max,
        volume_source=_source(volume, volume_max, cells, columns),
        difficulty=_read("difficulty", values.difficulty, cell),
        cpc=cpc,
        cpc_currency="" if cpc is None else _currency(currency, cell, columns),
        country=values.country(cell.get("country", "")),
        language=values.language(cell.get("language", "")),
        intents=values.intents(cell.get("intents", ""), codes=columns.format == "semrush"),
        parent_topic=_topic(cell.get("parent_topic", "")),
        position=_read("position", values.position, cell),
        url=_url(cell.get("url", "")),
        serp="\n".join(values.web_addresses(cell.get("serp_urls", ""))[:MAX_SERP]),
        extra={
            name: _kept(cells[i]) for name, i in columns.extras.items() if any(cells[i : i + 1])
        },
    )


def merge(first: KeywordRow, again: KeywordRow) -> KeywordRow:
    """The first row, with the better volume of the two and its gaps filled from the other."""
    counted = max(first, again, key=lambda row: _TRUST[row.volume_source])
    priced = again if first.cpc is None else first
    placed = min(first, again, key=lambda row: inf if row.position is None else row.position)
    return replace(
        first,
        volume=counted.volume,
        volume_max=counted.volume_max,
        volume_source=counted.volume_source,
        difficulty=again.difficulty if first.difficulty is None else first.difficulty,
        cpc=priced.cpc,
        cpc_currency=priced.cpc_currency,
        intents=first.intents or again.intents,
        parent_topic=first.parent_topic or again.parent_topic,
        position=placed.position,
        url=placed.url or first.url or again.url,
        serp=first.serp or again.serp,
        extra={**again.extra, **first.extra},
    )


def _read(field: str, parse: Callable[[str], Value], cell: dict[str, str]) -> Value:
    """A cell's value, of a missing one as of an empty one; a ValueError names the field."""
    try:
        return parse(cell.get(field, ""))
    except ValueError as problem:
        raise ValueError(f"{field}: {problem}") from problem


def _source(volume: int | None, volume_max: int | None, cells: list[str], columns: Columns) -> str:
    if volume is None:
        return ""
    if column_name(columns.used["volume"]) == "impressions":
        return "impressions"
    if volume_max is not None:
        return "range"
    return BUCKET if is_bucket(volume, cells, columns) else "exact"


def _currency(beside_amount: str, cell: dict[str, str], columns: Columns) -> str:
    return beside_amount or columns.currency or values.currency(cell.get("cpc_currency", ""))


def _plain(text: str) -> str:
    """A text without the apostrophe that our own export puts before what looks like a formula."""
    return plain_text(text) if text.startswith("'") else text


def _topic(text: str) -> str:
    return "" if values.is_unknown(text) else spaced(text)[:MAX_TOPIC]


def _url(text: str) -> str:
    address = text.strip()
    return address if values.is_web_address(address) else ""


@values.remembered(10_000)
def _kept(cell: str) -> str:
    """The cell, cut to a note; of equal ones, which are many, one takes the place of all."""
    return cell[:MAX_NOTE]
