"""From the cells of one record to one keyword, and two rows of the same keyword into one."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TypeAlias, TypeVar

from igny8_core.core.spreadsheet import plain_text
from igny8_core.planner.intake import values
from igny8_core.planner.intake.buckets import BUCKET, is_bucket
from igny8_core.planner.intake.folding import fold_keyword, spaced
from igny8_core.planner.intake.formats import Columns, column_name
from igny8_core.planner.intake.records import KeywordRow
from igny8_core.planner.intake.winning import winning

MAX_TOPIC = 255
MAX_SERP = 10
MAX_NOTE = 1_000
# What our own export writes beside a volume; "" where a person has typed it.
_SOURCES = {"exact", "range", "impressions", ""}

#: A volume, its upper end and where it comes from.
Volume: TypeAlias = tuple[int | None, int | None, str]
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
    volume, volume_max, volume_source = _volume(cell, cells, columns)
    cpc, currency = _read("cpc", values.money, cell)
    return KeywordRow(
        row=line,
        keyword=keyword,
        folded=fold_keyword(keyword),
        volume=volume,
        volume_max=volume_max,
        volume_source=volume_source,
        difficulty=_read("difficulty", values.difficulty, cell),
        cpc=cpc,
        cpc_currency="" if cpc is None else _currency(currency, cell, columns),
        country=values.country(cell.get("country", "")),
        worldwide=columns.is_ours and _names_no_country(cell, columns),
        language=values.language(cell.get("language", "")),
        intents=_intents(cell, columns),
        parent_topic=_topic(cell.get("parent_topic", "")),
        position=_read("position", values.position, cell),
        url=_url(cell.get("url", "")),
        serp="\n".join(values.web_addresses(cell.get("serp_urls", ""))[:MAX_SERP]),
        extra={
            name: _kept(cells[i]) for name, i in columns.extras.items() if any(cells[i : i + 1])
        },
    )


def merge(first: KeywordRow, again: KeywordRow) -> KeywordRow:
    """Two rows of one file: the first is preferred, and the best position stays with its page."""
    stays = winning(first, again)
    placed = min(first, again, key=lambda row: inf if row.position is None else row.position)
    del stays["intent"], stays["intent_inferred"]
    stays["intents"] = tuple(stays["intents"])
    stays["serp"] = "\n".join(stays.pop("serp_urls"))
    stays |= {"position": placed.position, "url": placed.url or stays["url"]}
    return replace(first, **stays)


def _read(field: str, parse: Callable[[str], Value], cell: dict[str, str]) -> Value:
    """A cell's value, of a missing one as of an empty one; a ValueError names the field."""
    try:
        return parse(cell.get(field, ""))
    except ValueError as problem:
        raise ValueError(f"{field}: {problem}") from problem


def _volume(cell: dict[str, str], cells: list[str], columns: Columns) -> Volume:
    volume, most, source = _read("volume", values.volume, cell)
    if volume is None:
        return None, None, ""
    if columns.is_ours:
        return _as_exported((volume, most, source), cell)
    if column_name(columns.used["volume"]) == "impressions":
        return volume, most, "impressions"
    if source == "exact" and is_bucket(volume, cells, columns):
        return volume, None, BUCKET
    return volume, most, source


def _as_exported(volume: Volume, cell: dict[str, str]) -> Volume:
    """The volume with the kind and the upper end that stand beside it in our own export."""
    kind = cell.get("volume_source", "").strip().casefold()
    most, _, _ = _read("volume_max", values.volume, cell)
    if volume[2] == "range" or kind not in _SOURCES:
        return volume
    return volume[0], most if kind == "range" else None, kind


def _names_no_country(cell: dict[str, str], columns: Columns) -> bool:
    """Whether its column is there, and empty: our own export leaves no country out."""
    return "country" in columns.fields and not cell.get("country", "").strip()


def _intents(cell: dict[str, str], columns: Columns) -> tuple[str, ...]:
    """What was inferred from the words and exported as such says nothing new."""
    if values.is_yes(cell.get("intent_inferred", "")):
        return ()
    return values.intents(cell.get("intents", ""), codes=columns.format == "semrush")


def _currency(beside_amount: str, cell: dict[str, str], columns: Columns) -> str:
    return beside_amount or columns.currency or values.currency(cell.get("cpc_currency", ""))


def _plain(text: str) -> str:
    """A text without the apostrophe that our own export puts before what looks like a formula."""
    return plain_text(text) if text.startswith("'") else text


def _topic(text: str) -> str:
    return "" if values.is_unknown(text) else spaced(_plain(text))[:MAX_TOPIC]


def _url(text: str) -> str:
    address = text.strip()
    return address if values.is_web_address(address) else ""


@values.remembered(10_000)
def _kept(cell: str) -> str:
    """The cell, cut to a note; of equal ones, which are many, one takes the place of all."""
    return cell[:MAX_NOTE]
