"""Many rows at once, in few statements that any database takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model, QuerySet

from igny8_core.core.tenancy import SiteModel

# Far below the number of parameters any database takes in one statement.
PIECE = 5_000

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=SiteModel)
T = TypeVar("T")


def in_order(rows: QuerySet[S], ids: Sequence[int]) -> list[S]:
    """Those of the rows that the ids name, each once, in the order of the ids."""
    found: dict[int, S] = {}
    for piece in pieces(ids):
        found.update(rows.in_bulk(piece))
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def pieces(whole: Iterable[T], size: int = PIECE) -> Iterator[list[T]]:
    """The whole, as much at a time as one statement takes."""
    remaining = iter(whole)
    while piece := list(islice(remaining, size)):
        yield piece


def by_id(rows: QuerySet[M], size: int = 2_000) -> Iterator[M]:
    """Every row by rising id, without a cursor that stays open while a slow reader takes them."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield from page
        last = page[-1].pk


def insert_new(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, as values by the attributes of all their columns; how many went in.

    One that breaks a uniqueness is left out, whoever was there first. What bulk_create does for
    each field of each object takes six times as long for so many.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING",
            [[_for_database(field, row[field.attname]) for field in fields] for row in rows],
        )
        return max(int(cursor.rowcount), 0)


def _for_database(field: "Field[Any, Any]", value: Any) -> Any:
    """Numbers and texts as they are; JSON, decimals and times as the field has them stored."""
    if value is None or isinstance(value, str | int | float):
        return value
    return field.get_db_prep_save(value, connection)


def write_fields(rows: Sequence[SiteModel], fields: Sequence[str]) -> None:
    """Write these fields of rows that are there, held and fully loaded.

    An upsert that always meets the row: bulk_update's CASE is forty times slower for so many.
    """
    if rows:
        model = type(rows[0])
        model.unscoped.bulk_create(  # type: ignore[misc] # an abstract model has no id yet
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )
