"""Many rows at once, in few statements that any database takes."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, Field, Model, QuerySet
from django.db.models.expressions import RawSQL

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


def in_turn(
    rows: QuerySet[M], fields: Sequence[str], size: int = 2_000
) -> Iterator[dict[str, Any]]:
    """These fields of every row, in the order of the queryset, as `by_id` without a cursor.

    The ids are held from the start, eight bytes each; a row that goes meanwhile is left out.
    """
    ids = array("q", rows.values_list("pk", flat=True).iterator())
    for piece in pieces(ids, size):
        read = rows.order_by().filter(pk__in=piece).values("pk", *fields)
        found = {row["pk"]: row for row in read}
        yield from (found[pk] for pk in piece if pk in found)


def among(column: str, texts: Iterable[str]) -> RawSQL:
    """The condition that a column has one of these texts, for any number of them.

    They are one parameter: as many of their own, as `__in` has it, cost far more than the search.
    """
    name, wanted = connection.ops.quote_name(column), list(texts)
    if connection.vendor == "sqlite":
        each = f"{name} IN (SELECT value FROM json_each(%s))"
        return RawSQL(each, [json.dumps(wanted, ensure_ascii=False)], BooleanField())
    return RawSQL(f"{name} = ANY(%s)", [wanted], BooleanField())


def as_stored(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Rows as the database takes them: values by attribute, each left out its field's default."""
    fields = _columns(model)
    defaults = [(field.attname, field.get_default()) for field in fields]
    stored = _Stored(fields)
    return [stored.row([row.get(name, default) for name, default in defaults]) for row in rows]


def insert_new(model: type[Model], stored: Sequence[Sequence[Any]]) -> int:
    """Insert rows that are `as_stored`; how many went in.

    One that breaks a uniqueness is left out, whoever was there first. What bulk_create does for
    each field of each object takes several times as long for so many.
    """
    if not stored:
        return 0
    columns = ", ".join(map(_quoted, _columns(model)))
    places = ", ".join(["%s"] * len(stored[0]))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING", stored
        )
        return int(cursor.rowcount)


def write_fields(rows: Sequence[SiteModel], fields: Sequence[str]) -> None:
    """Write these fields of rows that are there and held.

    One statement, prepared once and run for each row: bulk_update's CASE is forty times slower for
    so many.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    written = [field for field in meta.concrete_fields if field.name in set(fields)]
    names, stored = [field.attname for field in written], _Stored(written)
    values = ", ".join(f"{_quoted(field)} = %s" for field in written)
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {values} WHERE id = %s",
            [[*stored.row([getattr(row, name) for name in names]), row.pk] for row in rows],
        )


class _Stored:
    """How fields have their values stored; times and decimals, which repeat, once each."""

    def __init__(self, fields: Sequence["Field[Any, Any]"]) -> None:
        self._each = [self._once(field) for field in fields]

    def row(self, values: Iterable[Any]) -> list[Any]:
        """The values of the fields, in their order; JSON is a list or a dict, no text alone."""
        return [
            value if value is None or isinstance(value, str | int | float) else stored(value)
            for value, stored in zip(values, self._each, strict=True)
        ]

    @staticmethod
    def _once(field: "Field[Any, Any]") -> Callable[[Any], Any]:
        database = connections[DEFAULT_DB_ALIAS]
        known: dict[Any, Any] = {}

        def stored(value: Any) -> Any:
            if isinstance(value, list | dict):
                return field.get_db_prep_save(value, database)
            if value not in known:
                known[value] = field.get_db_prep_save(value, database)
            return known[value]

        return stored


def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def _quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
